"""The statements of a month of all accounts, in one file: charge by charge, or in FOCUS. Issued ones stay as they were
issued, the others are provisional. Sandbox accounts are left out unless asked for."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

from app.accounts.models import Account
from app.db.sql import statement
from app.settings import get_settings
from app.statements import focus, tables
from app.statements.columns import COLUMNS
from app.statements.monthly import MonthlyStatement, statement_of
from app.statements.reports import Asked
from app.statements.tables import Row

STATED = statement(__file__, "stated")
NAMED = ("account_id", "account", "statement")


async def charges(asked: Asked) -> AsyncIterator[Row]:
    """A row for each charge, as a statement has it, after its account and the statement's number."""
    yield [*NAMED, *(column.key for column in COLUMNS)]
    async for of in _statements(asked):
        async for row in _below_the_first(tables.charges(of)):
            yield [of.account.id, of.account_name, of.issued.number if of.issued else "", *row]


async def in_focus(asked: Asked) -> AsyncIterator[Row]:
    """The rows of every statement in FOCUS, which name the account themselves."""
    yield focus.COLUMNS
    async for of in _statements(asked):
        async for row in _below_the_first(focus.rows(of, get_settings().vendor_name)):
            yield row


EXPORTS: dict[str, Callable[[Asked], AsyncIterator[Row]]] = {"charges": charges, "focus": in_focus}


async def _statements(asked: Asked) -> AsyncIterator[MonthlyStatement]:
    for row in await STATED.rows(asked.first(), asked.sandboxes):
        yield await statement_of(await Account.get(id=row["id"]), f"{asked.first():%Y-%m}")


async def _below_the_first(rows: AsyncIterator[Row]) -> AsyncIterator[Row]:
    await anext(rows)
    async for row in rows:
        yield row
