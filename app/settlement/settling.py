"""The settling machine: claims orders from the outbox, hands them to their channel, and writes down what came of it."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from settlement_spec import Charge as ChannelCharge
from settlement_spec import ChargeBatch, ChargeKind, Money, Outcome, SettlementResult
from tortoise.connection import get_connection
from tortoise.transactions import in_transaction

from app import clock
from app.accounts.models import Account
from app.billing import ledger
from app.errors import ChannelUnavailable, UnknownChannel
from app.events.service import SYSTEM, record
from app.settlement.host import ChannelHost
from app.settlement.models import Settlement, SettlementState

CLAIM = timedelta(minutes=2)
LONGEST_WAIT = timedelta(hours=1)
CLAIM_SQL = """
UPDATE settlement SET attempts = attempts + 1, next_attempt_at = $2
WHERE id IN (
    SELECT id FROM settlement
    WHERE state IN ('PENDING', 'ACCEPTED') AND channel = $3 AND next_attempt_at <= $1
    ORDER BY next_attempt_at LIMIT $4 FOR UPDATE SKIP LOCKED)
RETURNING id
"""


async def settle_due(host: ChannelHost) -> int:
    """Hand one batch of each channel's due charges over; the number of charges that were handed over.

    A claim lasts 2 minutes: what a worker that died had in hand is handed over again after that, which is harmless,
    since channels collect a charge id once.
    """
    handled = 0
    for key in host.plugins:
        try:
            limit = host.describe(key).limits.batch_size
        except (ChannelUnavailable, UnknownChannel):
            continue
        handled += await _settle_batch(host, key, limit)
    return handled


async def _settle_batch(host: ChannelHost, key: str, limit: int) -> int:
    now = clock.now()
    rows = await get_connection("default").execute_query_dict(CLAIM_SQL, [now, now + CLAIM, key, limit])
    found = Settlement.filter(id__in=[row["id"] for row in rows])
    claimed = await found.select_related("charge__plan", "charge__account", "binding")
    if not claimed:
        return 0
    batch = ChargeBatch(charges=tuple(_charge(settlement) for settlement in claimed), now=now)
    try:
        results = await host.call(key, lambda channel: channel.settle(batch))
    except ChannelUnavailable as error:
        results = [SettlementResult(charge.id, Outcome.UNKNOWN, reason=error.message("en")) for charge in batch.charges]
    await _write_down(claimed, results)
    return len(claimed)


async def _write_down(claimed: Sequence[Settlement], results: Sequence[SettlementResult]) -> None:
    answers = {result.charge_id: result for result in results}
    for settlement in claimed:
        unknown = SettlementResult(settlement.charge_id, Outcome.UNKNOWN, reason="the channel did not answer for it")
        async with in_transaction():
            await _apply(settlement.id, answers.get(settlement.charge_id, unknown))


async def _apply(settlement_id: UUID, result: SettlementResult) -> None:
    settlement = (
        await Settlement.filter(id=settlement_id).select_for_update(of=("settlement",)).get().select_related("charge")
    )
    if settlement.state not in (SettlementState.PENDING, SettlementState.ACCEPTED):
        return
    account = await Account.get(id=settlement.account_id)
    before = settlement.state
    settlement.reason = result.reason
    settlement.provider_reference = result.provider_reference or settlement.provider_reference
    match result.outcome:
        case Outcome.SETTLED:
            settlement.state = SettlementState.SETTLED
            settlement.settled_at = account.now()
            await ledger.charge_settled(settlement.charge, settlement.channel, account.now())
        case Outcome.REJECTED:
            settlement.state = SettlementState.NEEDS_ATTENTION
        case Outcome.ACCEPTED:
            settlement.state = SettlementState.ACCEPTED
            settlement.next_attempt_at = result.retry_at or _later(settlement.attempts)
        case Outcome.RETRY_LATER | Outcome.UNKNOWN:
            settlement.next_attempt_at = result.retry_at or _later(settlement.attempts)
    await settlement.save()
    if settlement.state != before:
        await record(
            account,
            f"settlement.{settlement.state.lower()}",
            SYSTEM,
            before={"charge": str(settlement.charge_id), "state": before},
            after={"state": settlement.state, "channel": settlement.channel},
            reason=result.reason,
        )


def _charge(settlement: Settlement) -> ChannelCharge:
    charge = settlement.charge
    kind = ChargeKind(charge.kind)
    day_ends_at = clock.day_end(charge.day, charge.plan.time_zone)
    return ChannelCharge(
        id=charge.id,
        account_id=charge.account_id,
        external_reference=settlement.binding.external_reference,
        configuration=settlement.binding.configuration,
        kind=kind,
        day=charge.day,
        day_ends_at=day_ends_at,
        due_from=day_ends_at if kind == ChargeKind.DAILY else charge.raised_at,
        units=charge.units,
        amount=Money(charge.amount_minor, charge.currency),
        sandbox=charge.account.sandbox,
    )


def _later(attempts: int) -> datetime:
    wait = min(timedelta(seconds=2.0 ** min(attempts, 12)), LONGEST_WAIT)
    return clock.now() + wait * random.uniform(0.5, 1.0)
