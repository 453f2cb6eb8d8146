"""Recognizing the revenue of contracts: what instalments charged ahead is earned by day, in the plan's time zone."""

from __future__ import annotations

from app import clock
from app.accounts.models import Account
from app.accounts.queries import lock_account, of_lane
from app.billing import ledger
from app.db.locking import own_transaction
from app.db.sql import statement

RECOGNIZE = statement(__file__, "recognize")
RECOGNITION_DUE = statement(__file__, "recognition_due")


async def recognize_due(sandboxes: bool | None = None) -> None:
    """Recognize what is due of every account's contracts, each account in a transaction of its own; of sandbox accounts
    alone, or, if ``sandboxes`` is false, of the others. Doing it again changes nothing."""
    due = {row["account_id"] for row in await RECOGNITION_DUE.rows(clock.now())}
    for account_id in await of_lane(due, sandboxes):
        async with own_transaction(account_id):
            await recognize(await lock_account(account_id))


async def recognize(account: Account) -> None:
    """Recognize what the days of a locked account's contracts earned that have ended, and post it."""
    days = await RECOGNIZE.rows(account.id, account.now())
    await ledger.revenue_recognized(
        [
            ledger.Recognized(row["id"], row["account_id"], row["at"], row["amount_minor"], row["currency"])
            for row in days
        ]
    )
