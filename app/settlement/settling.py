"""The settling machine: claims orders from the outbox, hands them to their channel, and writes down what came of it."""

from __future__ import annotations

import logging
import random
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from settlement_spec import Capability, ChargeBatch, ChargeKind, Money, Outcome, SettlementChannel, SettlementResult
from settlement_spec import Charge as ChannelCharge
from tortoise.transactions import in_transaction

from app import clock
from app.billing import ledger
from app.db.locking import lock_accounts, lock_name
from app.db.sql import statement
from app.errors import ChannelUnavailable
from app.events.models import Event
from app.events.recording import SYSTEM, event, record_all
from app.settings import get_settings
from app.settlement.answers import by_charge
from app.settlement.carrying import lines_of, uncarried_charge
from app.settlement.channels import deadlines
from app.settlement.collecting import Paid, what_paid
from app.settlement.deadlines import give_up_overdue
from app.settlement.funds_first import pay_from_funds
from app.settlement.host import ChannelHost
from app.settlement.links import collected_by, move_to_bound, prepaid_link
from app.settlement.models import Settlement, SettlementState

CLAIM = statement(__file__, "claim")
WRITE_DOWN = statement(__file__, "write_down")
log = logging.getLogger(__name__)
LONGEST_WAIT = timedelta(hours=1)
TAKEN = (Outcome.SETTLED, Outcome.ACCEPTED)
OPEN = (SettlementState.PENDING, SettlementState.ACCEPTED)


async def settle_due(host: ChannelHost, due_by: datetime | None = None) -> int:
    """Hand over one batch of each channel's charges that are due (by now, or ``due_by``); how many were handed over.

    Repeated with one ``due_by`` it comes to an end, whatever the channels answer, since each charge is due later then;
    what was raised meanwhile is handed over as well, so that nobody new waits for the end.
    A claim lasts twice as long as a channel may take: what a worker that died had in hand is handed over again after
    that, which is harmless, since channels collect a charge id once. What pays an account's charges from a prepaid
    balance is defined by their days: of such a channel one worker claims at a time, and sees what others have in hand.
    """
    handled = 0
    await give_up_without_channel(host)
    for key in host.loaded():
        for sandboxes in (False, True):
            handled += await settle_batch(host, key, sandboxes, due_by)
    return handled


async def give_up_without_channel(host: ChannelHost) -> None:
    """Set aside what is overdue of channels whose plugin is missing or does not work."""
    for key, within in (await deadlines(host)).items():
        if key not in host.loaded():
            for sandboxes in (False, True):
                await give_up_overdue(key, within, sandboxes)


async def settle_batch(host: ChannelHost, key: str, sandboxes: bool, due_by: datetime | None = None) -> int:
    """``settle_due`` of one channel, for sandbox accounts or for the others: neither waits for the other's batch."""
    await give_up_overdue(key, host.describe(key).limits.push_within, sandboxes)
    now = clock.now()
    limit = host.describe(key).limits.batch_size
    until = now + timedelta(seconds=2 * host.timeout)
    prepaid = Capability.PREPAID_BALANCE in host.describe(key).capabilities
    in_turn = prepaid or get_settings().funds_first
    async with in_transaction():
        if in_turn:
            await lock_name(f"claiming for {key}, {sandboxes=}")
        rows = await CLAIM.rows(now, until, key, limit, due_by or now, prepaid, sandboxes, in_turn)
    if not rows:
        return 0
    found = Settlement.filter(id__in=[row["id"] for row in rows]).order_by("due_from", "charge_id")
    claimed = await found.select_related("charge__plan", "charge__account", "binding")
    doubtful = {row["id"] for row in rows if row["uncertain"]}
    charges = {settlement.charge_id: _charge(settlement) for settlement in claimed}
    from_funds = await pay_from_funds(host, key, claimed, charges, doubtful, now)
    others = [one for one in claimed if one.charge_id not in from_funds.results]
    refused = {one.charge_id: refusal for one in others if (refusal := _refused(host, one))}
    handed = tuple(charges[one.charge_id] for one in others if one.charge_id not in refused)

    async def settle(channel: SettlementChannel) -> dict[UUID, SettlementResult]:
        return by_charge(await channel.settle(ChargeBatch(handed, now)), clock.now())

    try:
        results = refused | (await host.call(key, settle) if handed else {})
        unknown = "the channel did not answer for this charge"
        settled = {id for id, result in results.items() if result.outcome == Outcome.SETTLED}
        paid = await what_paid(host, key, [one.charge for one in claimed if one.charge_id in settled])
    except ChannelUnavailable as error:
        results, unknown, paid = refused, error.message("en"), {}
    answers = Answers(
        {**results, **from_funds.results}, unknown, {**paid, **from_funds.paid}, doubtful, from_funds.settled()
    )
    try:
        await _write_down(host, claimed, answers)
    except Exception:
        log.exception("what came of a batch of settlement channel %s is written down one by one", key)
        await _write_down_apart(host, claimed, answers)
    return len(claimed)


@dataclass(frozen=True)
class Answers:
    """What a channel answered for a batch, by charge: ``unknown`` says why, for a charge without a result.

    ``paid`` is what paid each charge that is settled; ``doubtful`` are the settlements of which an earlier answer was
    lost; ``from_funds`` are the charges that vouchers and cards paid, instead of the channel.
    """

    results: Mapping[UUID, SettlementResult]
    unknown: str
    paid: Mapping[UUID, Paid]
    doubtful: AbstractSet[UUID]
    from_funds: AbstractSet[UUID]

    def of(self, charge_id: UUID) -> SettlementResult:
        """The answer for a charge; that it is settled counts when the channel says, too, what paid it."""
        result = self.results.get(charge_id)
        if result is None:
            return SettlementResult(charge_id, Outcome.UNKNOWN, reason=self.unknown)
        if result.outcome == Outcome.SETTLED and charge_id not in self.paid:
            log.error("charge %s is settled, its channel says, and not what paid it, in parts that add up", charge_id)
            return SettlementResult(charge_id, Outcome.UNKNOWN, reason="the channel does not say what paid it")
        return result


async def _write_down_apart(host: ChannelHost, claimed: Sequence[Settlement], answers: Answers) -> None:
    """What cannot be written down waits, and does not keep the others from it."""
    for settlement in claimed:
        try:
            await _write_down(host, [settlement], answers)
        except Exception:
            log.exception("what came of settlement %s is not written down: it is handed over again", settlement.id)


async def _write_down(host: ChannelHost, claimed: Sequence[Settlement], answers: Answers) -> None:
    ids = [settlement.id for settlement in claimed]
    async with in_transaction():
        await lock_accounts({id for settlement in claimed for id in (settlement.account_id, settlement.payer_id)})
        locked = Settlement.filter(id__in=ids, state__in=OPEN).order_by("id").select_for_update(of=("settlement",))
        rows = await locked.select_related("charge__account", "binding")
        before = {row.id: row.state for row in rows}
        for row in rows:
            if row.charge_id in answers.from_funds:
                await collected_by(row, await prepaid_link(host, row.charge.account))
            _apply(row, answers.of(row.charge_id), row.id in answers.doubtful)
        await WRITE_DOWN.run(
            [row.id for row in rows],
            [str(row.state) for row in rows],
            [row.next_attempt_at for row in rows],
            [row.reason for row in rows],
            [row.provider_reference for row in rows],
            [row.settled_at for row in rows],
            [row.uncertain for row in rows],
        )
        await ledger.charges_settled(
            [
                ledger.Collected(row.charge, row.payer_id, row.channel, row.settled_at, answers.paid[row.charge_id])
                for row in rows
                if row.state == SettlementState.SETTLED and row.settled_at
            ]
        )
        await record_all([_event(row, before[row.id]) for row in rows if row.state != before[row.id]])
        await move_to_bound([row for row in rows if row.state == SettlementState.NEEDS_ATTENTION])


def _apply(settlement: Settlement, result: SettlementResult, doubtful: bool) -> None:
    """``doubtful``: an earlier answer was lost; that nothing is collected now does not say that nothing was then."""
    settlement.reason = result.reason
    settlement.provider_reference = result.provider_reference
    settlement.uncertain = result.outcome == Outcome.UNKNOWN or (doubtful and result.outcome not in TAKEN)
    match result.outcome:
        case Outcome.SETTLED:
            settlement.state = SettlementState.SETTLED
            settlement.settled_at = settlement.charge.account.now()
        case Outcome.REJECTED:
            settlement.state = SettlementState.NEEDS_ATTENTION
        case Outcome.ACCEPTED:
            settlement.state = SettlementState.ACCEPTED
            settlement.next_attempt_at = result.retry_at or _later(settlement.attempts)
        case Outcome.RETRY_LATER | Outcome.UNKNOWN:
            settlement.next_attempt_at = result.retry_at or _later(settlement.attempts)


def _event(settlement: Settlement, before: SettlementState) -> Event:
    return event(
        settlement.charge.account.id,
        settlement.charge.account.now(),
        f"settlement.{settlement.state.lower()}",
        SYSTEM,
        before={"charge": str(settlement.charge_id), "state": before},
        after={"state": settlement.state, "channel": settlement.channel},
        reason=settlement.reason[:500] if settlement.reason else None,
    )


def _refused(host: ChannelHost, settlement: Settlement) -> SettlementResult | None:
    """That the channel cannot carry a charge, which it is not handed then."""
    found = uncarried_charge(host, settlement.channel, settlement.charge)
    if found is None:
        return None
    reason = f"the channel cannot collect {found.en}: move the charge to another"
    return SettlementResult(settlement.charge_id, Outcome.REJECTED, reason=reason)


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
        due_from=settlement.due_from,
        units=charge.units,
        amount=Money(charge.amount_minor, charge.currency),
        sandbox=charge.account.sandbox,
        corrects=charge.corrects_id,
        meter=None if kind == ChargeKind.INSTALMENT else charge.plan.meter,
        lines=lines_of(charge),
        paid_by=settlement.payer_id if settlement.payer_id != charge.account_id else None,
    )


def _later(attempts: int) -> datetime:
    wait = min(timedelta(seconds=2.0 ** min(attempts, 12)), LONGEST_WAIT)
    return clock.now() + wait * random.uniform(0.5, 1.0)
