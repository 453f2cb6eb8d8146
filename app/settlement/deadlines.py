"""Charges that their channel's provider takes no longer: staff see them, nobody tries them again."""

from __future__ import annotations

from datetime import timedelta

from tortoise.transactions import in_transaction

from app import clock
from app.accounts.models import Account
from app.db.locking import lock_accounts
from app.db.sql import statement
from app.events.recording import SYSTEM, record
from app.settlement.links import move_to_bound
from app.settlement.models import Settlement, SettlementState

OVERDUE = statement(__file__, "overdue")
CERTAIN = "the channel's deadline passed before it was collected"
UNCERTAIN = "the channel's deadline passed, and it may have been collected: compare with the provider's record"


async def give_up_overdue(key: str, within: timedelta | None, sandboxes: bool) -> None:
    """Set the channel's open charges aside whose deadline passed, of sandbox accounts or of the others. A sandbox's
    time jumps: its charges have the deadlines alone that the provider named.

    ``within``: how long after it fell due a charge may be handed over, whether or not there is a plugin that would.

    What was to be collected before an unsubscription and is not, falls back to the channel that pays now.
    """
    async with in_transaction():
        now = clock.now()
        found = await OVERDUE.rows(key, now, within, sandboxes)
        if not found:
            return
        await lock_accounts({row["account_id"] for row in found})
        overdue = await OVERDUE.ending("FOR UPDATE OF s SKIP LOCKED").rows(key, now, within, sandboxes)
        rows = await Settlement.filter(id__in=[row["id"] for row in overdue]).select_related("binding")
        for row in rows:
            row.state = SettlementState.NEEDS_ATTENTION
            row.reason = UNCERTAIN if row.uncertain else CERTAIN
            await row.save(update_fields=["state", "reason"])
            account = await Account.get(id=row.account_id)
            await record(
                account.id,
                account.now(),
                "settlement.needs_attention",
                SYSTEM,
                before={"charge": str(row.charge_id), "state": SettlementState.PENDING},
                after={"state": row.state, "channel": key},
                reason=row.reason,
            )
        await move_to_bound(rows)
