"""A statement as PDF, in Chinese or English, typeset by Typst with Noto Sans SC embedded."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import orjson
import pylopdf_fonts_zh_cn

from app.billing.ledger import CashFlowKind
from app.billing.models import JournalEntry
from app.money import in_major_units
from app.statements import columns
from app.statements.labels import LABELS
from app.statements.monthly import MonthlyStatement

if TYPE_CHECKING:
    from typst import Fonts

TEMPLATE = Path(__file__).with_name("statement.typ")
_one_at_a_time = asyncio.Semaphore(1)


async def as_pdf(statement: MonthlyStatement, locale: str, vendor: str, channels: Mapping[str, str]) -> bytes:
    """The statement in ``zh`` or ``en``, where ``channels`` are called so by their keys.

    One is typeset at a time in a process, in a thread of its own.
    """
    data = orjson.dumps(await _content(statement, locale, vendor, channels)).decode()
    async with _one_at_a_time:
        return await asyncio.to_thread(_typeset, data)


def _typeset(data: str) -> bytes:
    import typst  # which takes 20 MB, and most processes typeset nothing

    inputs = {"data": data}
    return typst.compile(TEMPLATE.read_bytes(), font_paths=_fonts(), sys_inputs=inputs, timestamp=0)


@cache
def _fonts() -> Fonts:
    from typst import Fonts

    folder = str(pylopdf_fonts_zh_cn.sans_path().parent)
    return Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[folder])


async def _content(
    statement: MonthlyStatement, locale: str, vendor: str, channels: Mapping[str, str]
) -> dict[str, Any]:
    labels, issued = LABELS[locale], statement.issued
    zone = ZoneInfo(statement.time_zone)
    totals, settled = await statement.totals(), await statement.settled()
    lines = [line async for line in statement.lines()]
    lines.sort(key=lambda line: (line.charge.day, line.charge.sequence))
    facts = [
        (labels["account"], statement.account_name),
        (labels["account_id"], str(statement.account.id)),
        (labels["number"], issued.number if issued else labels["provisional"]),
    ]
    if issued:
        facts.append((labels["issued"], _time(issued.issued_at, zone)))
    return {
        "lang": locale,
        "vendor": vendor,
        "month": str(statement.month),
        "number": issued.number if issued else None,
        "labels": {**labels, "note": labels["note"].format(zone=statement.time_zone)},
        "facts": facts,
        "totals": [
            (
                currency,
                *(in_major_units(part, currency) for part in (minor, settled[currency], minor - settled[currency])),
            )
            for currency, minor in sorted(totals.items())
        ],
        "charges": columns.printed(lines, locale),
        "cash_flow": [
            (
                _time(entry.transaction.at, zone),
                labels[entry.transaction.kind].format(channel=_called(entry.ledger_account.channel, channels)),
                *_sides(entry),
            )
            for entry in await statement.cash_flow().order_by("id")
        ],
    }


def _called(channel: str | None, names: Mapping[str, str]) -> str:
    return names.get(channel or "", channel or "")


def _sides(entry: JournalEntry) -> list[str]:
    sides = CashFlowKind(entry.transaction.kind).sides(entry.amount_minor)
    return ["" if side is None else f"{in_major_units(side, entry.currency)} {entry.currency}" for side in sides]


def _time(at: datetime, zone: ZoneInfo) -> str:
    return at.astimezone(zone).strftime("%Y-%m-%d %H:%M")
