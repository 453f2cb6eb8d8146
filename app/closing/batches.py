"""Closing days of many accounts at once: each step is one statement over all of them, in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

from app import clock
from app.accounts.models import Account
from app.billing import ledger
from app.db.sql import statement
from app.settlement.outbox import Order, enqueue
from app.upgrades.advancing import lapse_if_due

CLAIM = statement(__file__, "claim")
BEGIN_DISCOUNTS = statement(__file__, "begin_discounts")
IN_FREE_PERIOD = statement(__file__, "in_free_period")
CLOSE = statement(__file__, "close")
ADJUST = statement(__file__, "adjust")
ANNOUNCE = statement(__file__, "announce")
TO_COLLECT = statement(__file__, "to_collect")


async def claim(
    after: UUID, delay_seconds: int, until: date | None, limit: int, wait: bool, sandboxes: bool | None
) -> list[UUID]:
    """Up to ``limit`` accounts behind ``after`` for which something is due, in order, locked for this transaction.

    ``wait``: for those that another transaction holds; else they are passed over. ``sandboxes``: only sandbox accounts,
    or, if false, none of them.
    """
    claiming = CLAIM if wait else CLAIM.ending("SKIP LOCKED")
    rows = await claiming.rows(clock.now(), timedelta(seconds=delay_seconds), until, after, limit, sandboxes)
    return list(dict.fromkeys(row["id"] for row in rows))


async def bring_up_to_date(
    account_ids: Sequence[UUID], delay_seconds: int = 0, until: date | None = None, running: bool = False
) -> list[UUID]:
    """Do what is due for accounts: end free periods, adjust late days, close days that ended; the charges.

    ``running``: also the day that runs, at what was used of it so far.

    The accounts are locked against usage (``claim``, ``lock_out_usage``), by an earlier statement: one sees what was
    committed before it began, and none is on its way then, since ``take_usage`` holds the account in share mode.
    """
    now = clock.now()
    for row in await IN_FREE_PERIOD.rows(account_ids):
        account = await Account.get(id=row["account_id"])
        await lapse_if_due(account, account.now())
    await BEGIN_DISCOUNTS.run(account_ids)
    adjusted = await ADJUST.rows(now, account_ids)
    closed = await CLOSE.rows(now, timedelta(seconds=delay_seconds), until, account_ids, running)
    charges = [row["id"] for row in (*adjusted, *closed)]
    if charges:
        await raised(charges)
    return charges


async def begin_discounts(account_id: UUID) -> None:
    """Let what waits of a locked account's discounts begin with the next billed day, if that is known."""
    await BEGIN_DISCOUNTS.run([account_id])


async def raised(charge_ids: Sequence[UUID]) -> None:
    """Post charges just written, order their collecting, and record an event for each."""
    await ledger.charges_raised(charge_ids)
    due = await TO_COLLECT.rows(charge_ids)
    await enqueue([Order(row["id"], row["account_id"], row["due_from"]) for row in due])
    await ANNOUNCE.run(charge_ids)
