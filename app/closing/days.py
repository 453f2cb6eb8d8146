"""Closing billing days: one charge for each, and adjustments for usage that came late."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from tortoise.exceptions import DBConnectionError
from tortoise.transactions import in_transaction

from app.accounts.models import Account
from app.billing.models import Charge
from app.closing.batches import bring_up_to_date, claim
from app.db.locking import lock_out_usage, own_transaction

BATCH = 1_000
FIRST = UUID(int=0)


@dataclass
class CloseSummary:
    """What one run of the day close did; ``failed`` accounts are left as they were, for the next run."""

    accounts: int = 0
    charges: int = 0
    failed: int = 0


async def close_due(
    until: date | None = None,
    delay_seconds: int = 0,
    progress: Callable[[CloseSummary], None] = lambda _: None,
    closers: int = 1,
    sandboxes: bool | None = None,
) -> CloseSummary:
    """Bring every account up to date: those that are free at once, and then each that was busy.

    ``until`` (inclusive) limits the days that are closed; ``delay_seconds`` leaves production accounts that long after
    midnight for the last hour's reports. ``sandboxes``: only sandbox accounts, or, if false, none of them.
    """
    summary = await close_free(until, delay_seconds, progress, closers, sandboxes)
    busy = await close_busy(until, delay_seconds, progress, sandboxes)
    return CloseSummary(summary.accounts + busy.accounts, summary.charges + busy.charges, summary.failed + busy.failed)


async def close_free(
    until: date | None = None,
    delay_seconds: int = 0,
    progress: Callable[[CloseSummary], None] = lambda _: None,
    closers: int = 1,
    sandboxes: bool | None = None,
) -> CloseSummary:
    """Bring every account up to date that nobody has in hand, a thousand in a transaction, so that a crash loses
    no more than the batch in hand, which the next run takes up again. Any number of processes may do so at once.

    The parameters are those of ``close_due``; ``closers`` of them work beside each other, each on a connection of its
    own: one, if the caller has a transaction open.
    """
    summary = CloseSummary()

    async def close() -> None:
        after = FIRST
        while batch := await _close_next(summary, after, until, delay_seconds, sandboxes):
            after = batch[-1]
            progress(summary)

    answers = await asyncio.gather(*(close() for _ in range(closers)), return_exceptions=True)
    for failure in filter(None, answers):
        raise failure
    return summary


async def close_busy(
    until: date | None = None,
    delay_seconds: int = 0,
    progress: Callable[[CloseSummary], None] = lambda _: None,
    sandboxes: bool | None = None,
) -> CloseSummary:
    """Bring those up to date that ``close_free`` passes over, one by one, each as soon as who has it lets go."""
    summary = CloseSummary()
    after = FIRST
    while batch := await _close_next(summary, after, until, delay_seconds, sandboxes, limit=1, wait=True):
        after = batch[-1]
        progress(summary)
    return summary


async def catch_up(account: Account, running: bool = False) -> list[Charge]:
    """Do at once what is due for a locked account, and answer the charges that this raised.

    ``running``: also close the day that runs, at what was used of it so far. What is used of it later is an adjustment,
    raised after its end.
    """
    await lock_out_usage(account.id)
    raised = await bring_up_to_date([account.id], running=running)
    await account.refresh_from_db(fields=["edition"])
    return await Charge.filter(id__in=raised).order_by("day", "sequence")


async def _close_next(
    summary: CloseSummary,
    after: UUID,
    until: date | None,
    delay_seconds: int,
    sandboxes: bool | None,
    limit: int = BATCH,
    wait: bool = False,
) -> list[UUID]:
    batch: list[UUID] = []
    try:
        async with in_transaction():
            batch = await claim(after, delay_seconds, until, limit, wait, sandboxes)
            charges = await bring_up_to_date(batch, delay_seconds, until) if batch else []
    except DBConnectionError:
        raise
    except Exception:
        if not batch:
            raise
        await _close_one_by_one(summary, batch, until, delay_seconds)
    else:
        summary.accounts += len(batch)
        summary.charges += len(charges)
    return batch


async def _close_one_by_one(summary: CloseSummary, batch: list[UUID], until: date | None, delay_seconds: int) -> None:
    """What is wrong with one account must not keep the others from being charged."""
    charges = []
    for account_id in batch:
        async with own_transaction(account_id):
            await lock_out_usage(account_id)
            charges.append(await bring_up_to_date([account_id], delay_seconds, until))
    summary.accounts += len(charges)
    summary.charges += sum(map(len, charges))
    summary.failed += len(batch) - len(charges)
