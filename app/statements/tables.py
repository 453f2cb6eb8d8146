"""A statement as CSV files (RFC 4180, UTF-8), row by row."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import AsyncIterator, Iterable

from app.billing.ledger import CashFlowKind
from app.money import in_major_units
from app.statements.columns import COLUMNS
from app.statements.monthly import CHUNK, MonthlyStatement

Row = Iterable[object]
FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?", re.ASCII)
DAILY_COLUMNS = ("day", "quantity", "billed_quantity", "amount", "currency")
CASH_FLOW_COLUMNS = ("at", "kind", "channel", "income", "expense", "currency", "reference")


async def charges(statement: MonthlyStatement) -> AsyncIterator[Row]:
    """One row for each charge."""
    yield [column.key for column in COLUMNS]
    async for line in statement.lines():
        yield [column.value(line) for column in COLUMNS]


async def daily(statement: MonthlyStatement) -> AsyncIterator[Row]:
    """One row for each day and currency: its newest count, and the sum of its charges."""
    yield DAILY_COLUMNS
    for day in await statement.days():
        yield day.day, day.quantity, day.billed_quantity, in_major_units(day.amount_minor, day.currency), day.currency


async def cash_flow(statement: MonthlyStatement) -> AsyncIterator[Row]:
    """One row for each income and expense of the month."""
    yield CASH_FLOW_COLUMNS
    query, last = statement.cash_flow(), None
    while True:
        window = query.filter(id__gt=last) if last else query
        entries = await window.order_by("id").limit(CHUNK)
        for entry in entries:
            sides = CashFlowKind(entry.transaction.kind).sides(entry.amount_minor)
            income, expense = ("" if side is None else in_major_units(side, entry.currency) for side in sides)
            yield (
                entry.transaction.at.isoformat(),
                entry.transaction.kind,
                entry.ledger_account.channel,
                income,
                expense,
                entry.currency,
                entry.transaction.reference,
            )
        if len(entries) < CHUNK:
            return
        last = entries[-1].id


async def as_csv(rows: AsyncIterator[Row], byte_order_mark: bool = False) -> AsyncIterator[str]:
    """The rows as the text of a CSV file, piece by piece; spreadsheets take it for UTF-8 by the byte order mark.

    A text that a spreadsheet would run as a formula begins with an apostrophe, as OWASP says of CSV injection.
    """
    buffer = io.StringIO("\ufeff" if byte_order_mark else "")
    buffer.seek(0, io.SEEK_END)
    writer = csv.writer(buffer)
    async for row in rows:
        writer.writerow([_safe(value) for value in row])
        if buffer.tell() > 16_384:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


def _safe(value: object) -> object:
    if isinstance(value, str) and value.startswith(FORMULA) and not NUMBER.fullmatch(value):
        return f"'{value}"
    return value
