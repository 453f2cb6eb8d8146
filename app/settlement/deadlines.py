"""Charges that their channel's provider takes no longer: staff see them, nobody tries them again."""

from __future__ import annotations

from tortoise.connection import get_connection
from tortoise.transactions import in_transaction

from app import clock
from app.accounts.models import Account
from app.db.locking import lock_accounts
from app.events.recording import SYSTEM, record
from app.settlement.host import ChannelHost
from app.settlement.links import move_to_bound
from app.settlement.models import Settlement, SettlementState

DUE_FROM = "CASE c.kind WHEN 'DAILY' THEN (c.day + 1)::timestamp AT TIME ZONE p.time_zone ELSE c.raised_at END"
OVERDUE_SQL = f"""
SELECT s.id, s.account_id FROM settlement s JOIN charge c ON c.id = s.charge_id JOIN price_plan p ON p.id = c.plan_id
JOIN account a ON a.id = c.account_id
WHERE s.state = 'PENDING' AND s.channel = $1 AND (s.claimed_until IS NULL OR s.claimed_until <= $2)
  AND (s.deadline <= $2 OR (NOT a.sandbox AND {DUE_FROM} + $3::interval <= $2))
ORDER BY s.id LIMIT 500
"""  # noqa: S608
LOCKING_SQL = f"{OVERDUE_SQL} FOR UPDATE OF s SKIP LOCKED"
CERTAIN = "the channel's deadline passed before it was collected"
UNCERTAIN = "the channel's deadline passed, and it may have been collected: compare with the provider's record"


async def give_up_overdue(host: ChannelHost, key: str) -> None:
    """Set the channel's open charges aside whose deadline passed; none of a sandbox account, whose time jumps.

    What was to be collected before an unsubscription and is not, falls back to the channel that pays now.
    """
    within = host.describe(key).limits.push_within
    async with in_transaction():
        asked = [key, clock.now(), within]
        found = await get_connection("default").execute_query_dict(OVERDUE_SQL, asked)
        if not found:
            return
        await lock_accounts({row["account_id"] for row in found})
        overdue = await get_connection("default").execute_query_dict(LOCKING_SQL, asked)
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
