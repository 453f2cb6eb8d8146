"""Issuing statements: from the 3rd of the next month on, each once, for good."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from tortoise.transactions import in_transaction
from uuid_utils.compat import uuid7

from app import clock
from app.accounts.models import Account
from app.db.sql import statement
from app.events.recording import SYSTEM, record
from app.jobs.scheduling import due
from app.statements.models import Statement

DUE = statement(__file__, "due")
ISSUE = statement(__file__, "issue")
EVERY = timedelta(minutes=15)
BATCH = 500


async def issue_statements(sandboxes: bool | None = None) -> int:
    """Issue every statement that is due, if no worker did so lately; how many those were."""
    return await issue_due(sandboxes=sandboxes) if await due(f"statements, {sandboxes=}", EVERY) else 0


async def issue_due(account_id: UUID | None = None, sandboxes: bool | None = None) -> int:
    """Issue every statement that is due on its account's clock, of one account or of all (sandbox accounts alone, or,
    if ``sandboxes`` is false, the others); how many those were.

    Any number of workers may do so at once; the accounts that another has in hand are passed over.
    """
    issued = 0
    while made := await _issue_batch(account_id, clock.now(), sandboxes):
        issued += made
    return issued


async def _issue_batch(account_id: UUID | None, now: datetime, sandboxes: bool | None) -> int:
    async with in_transaction():
        rows = await DUE.rows(now, account_id, BATCH, sandboxes)
        if not rows:
            return 0
        accounts = await Account.in_bulk([row["account_id"] for row in rows], "id")
        made = await ISSUE.rows(
            [uuid7() for _ in rows],
            [row["account_id"] for row in rows],
            [row["month"] for row in rows],
            [row["name"] for row in rows],
            [row["time_zone"] for row in rows],
            [accounts[row["account_id"]].now() for row in rows],
        )
        for statement in await Statement.filter(id__in=[row["id"] for row in made]):
            details = {"number": statement.number, "month": f"{statement.month:%Y-%m}"}
            now = accounts[statement.account_id].now()
            await record(statement.account_id, now, "statement.issued", SYSTEM, after=details)
    return len(made)
