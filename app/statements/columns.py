"""The columns of a statement's charges, each once: what it is called in the CSV file and in print, and its values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from app.money import in_major_units
from app.statements.labels import LABELS
from app.statements.monthly import Line


@dataclass(frozen=True)
class Printed:
    """A column in print: its heading in each language, where its text stands, and the text (by default the value).

    ``wide`` takes the room that is left.
    """

    en: str
    zh: str
    align: str = "right"
    wide: bool = False
    text: Callable[[Line, str], str] | None = None


@dataclass(frozen=True)
class Column:
    """A column: its key in the CSV file, its value there, and how it is printed, if it is."""

    key: str
    value: Callable[[Line], object]
    printed: Printed | None = None


def _what(line: Line, locale: str) -> str:
    return LABELS[locale][line.charge.kind] + (f" · {line.note.reason}" if line.note else "")


def _amount(line: Line) -> str:
    return in_major_units(line.charge.amount_minor, line.charge.currency)


def _discount(line: Line) -> str:
    minor = line.charge.discount_minor
    return in_major_units(minor, line.charge.currency) if minor else "–"


COLUMNS = (
    Column("day", lambda line: line.charge.day, Printed("Day", "计费日", "left")),
    Column("kind", lambda line: line.charge.kind, Printed("What", "项目", "left", wide=True, text=_what)),
    Column("quantity", lambda line: line.charge.quantity, Printed("DataKits", "DataKit 数")),
    Column("billed_quantity", lambda line: line.charge.billed_quantity, Printed("Billed", "计费数")),
    Column("units", lambda line: line.charge.units),
    Column(
        "amount", _amount, Printed("Amount", "金额", text=lambda line, _: f"{_amount(line)} {line.charge.currency}")
    ),
    Column(
        "discount",
        lambda line: in_major_units(line.charge.discount_minor, line.charge.currency),
        Printed("Discount", "优惠", text=lambda line, _: _discount(line)),
    ),
    Column("currency", lambda line: line.charge.currency),
    Column(
        "settled",
        lambda line: str(line.settled).lower(),
        Printed("Collected", "已结算", "center", text=lambda line, _: "✓" if line.settled else "–"),
    ),
    Column("raised_at", lambda line: line.charge.raised_at.isoformat()),
    Column("charge_id", lambda line: line.charge.id),
    Column("credits_charge_id", lambda line: line.note.credited_id if line.note else ""),
)


def printed(lines: list[Line], locale: str) -> dict[str, object]:
    """The table in print, in ``zh`` or ``en``: heads, alignments, widths, and a row of texts for each line."""
    shown = [(column, column.printed) for column in COLUMNS if column.printed]
    return {
        "heads": [form.zh if locale == "zh" else form.en for _, form in shown],
        "aligns": [form.align for _, form in shown],
        "wide": [form.wide for _, form in shown],
        "rows": [
            [form.text(line, locale) if form.text else str(column.value(line)) for column, form in shown]
            for line in lines
        ],
    }
