"""From charges to metering records and back.

A charge becomes part of one record, written before it is first pushed, and that record is what every retry sends until
the marketplace has certainly not taken it; then it is left to the charges that are handed over again.
The marketplace bills a record on the day that its times lie in, takes intervals longer than five minutes only, and
does not say what it does with two that overlap; so the records of an instance's day take its ten-minute slots in turn,
from midnight: an instance that expires during the day is still billed for them.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from settlement_spec import Charge, ChargeBatch, ChargeKind, Outcome, SettlementResult
from tortoise.transactions import in_transaction

from settlement_aliyun.answers import Answer, Pushed, requests
from settlement_aliyun.models import Instance, Record, RecordedCharge, RecordState
from settlement_aliyun.settings import MOST_CALL_SECONDS, Settings

if TYPE_CHECKING:
    from settlement_aliyun.client import Marketplace

CURRENCY = "CNY"
DAY = timedelta(days=1)
SLOT = timedelta(minutes=10)
SLOTS = DAY // SLOT
BUDGET_SECONDS = 13.0
PUSH_EVERY = timedelta(seconds=60 + BUDGET_SECONDS + 2)
"""The marketplace takes one request per instance in 60 s; counted from the last moment it can still arrive."""
TROUBLE = timedelta(minutes=5)
PERHAPS_TAKEN = (RecordState.PUSHING, RecordState.LOST)
LOOK_AGAIN = timedelta(hours=1)
ASK = (
    "the marketplace's answer was lost: look in the seller console whether instance {id} has {value} {key} "
    "from {start} to {end} (Unix seconds); it is not sent again (AFTER_LOST_ANSWER)"
)


def refusal(charge: Charge, settings: Settings) -> str | None:
    """Why a charge can never be pushed, if so."""
    if charge.kind == ChargeKind.INSTALMENT:
        return "the marketplace prices units by itself, so it cannot collect an instalment: move it to another channel"
    if charge.amount.currency != CURRENCY:
        return f"the marketplace settles in {CURRENCY}, not in {charge.amount.currency}"
    if charge.units < 0 or charge.amount.minor < 0:
        return "the marketplace takes no credits: refund it there by hand, or move the charge to another channel"
    if (charge.units == 0) != (charge.amount.minor == 0):
        return "the marketplace prices units by itself, and amount and units of this charge do not belong together"
    if charge.sandbox and not settings.stand_in:
        return "a sandbox account's charges never go to the real marketplace: set the ENDPOINT of a stand-in"
    return None


def billed_from(charge: Charge) -> datetime:
    """The start of the day that a charge is billed on: its own day, or that in which an adjustment was raised."""
    if charge.kind == ChargeKind.DAILY:
        return charge.day_ends_at - DAY
    return charge.day_ends_at + (charge.due_from - charge.day_ends_at) // DAY * DAY


async def settle(batch: ChargeBatch, settings: Settings, marketplace: Marketplace) -> list[SettlementResult]:
    """Write down what is to be pushed, push it, and write down what came of it."""
    results: dict[UUID, SettlementResult] = {}
    charges = {charge.id: charge for charge in batch.charges}
    for charge in charges.values():
        if reason := refusal(charge, settings):
            results[charge.id] = SettlementResult(charge.id, Outcome.REJECTED, reason=reason)
    open_charges = [charge for charge in charges.values() if charge.id not in results]
    async with in_transaction():
        held = await _prepare(open_charges, batch.now, settings, results)
    await _push(held, batch.now, settings, marketplace, results)
    return [results[charge.id] for charge in batch.charges]


async def _prepare(
    charges: Sequence[Charge], now: datetime, settings: Settings, results: dict[UUID, SettlementResult]
) -> dict[UUID, tuple[Record, list[UUID]]]:
    """The records to push now, each with its charges of this batch; what waits or is done is in ``results``."""
    known = {
        row.charge_id: row.record_id for row in await RecordedCharge.filter(charge_id__in=[one.id for one in charges])
    }
    wanted = {charge.external_reference or "" for charge in charges}
    wanted |= {row.instance_id for row in await Record.filter(id__in=list(known.values()))}
    instances = {row.id: row for row in await Instance.filter(id__in=sorted(wanted)).order_by("id").select_for_update()}
    known = {
        row.charge_id: row.record_id for row in await RecordedCharge.filter(charge_id__in=[one.id for one in charges])
    }
    records = {row.id: row for row in await Record.filter(id__in=list(set(known.values())))}
    held: dict[UUID, tuple[Record, list[UUID]]] = {}
    new: dict[tuple[str, datetime], list[Charge]] = defaultdict(list)
    for charge in charges:
        record = records.get(known[charge.id]) if charge.id in known else None
        instance = instances.get(record.instance_id if record else charge.external_reference or "")
        if instance is None:
            reason = "the marketplace never created the instance that this account is linked to"
            results[charge.id] = SettlementResult(charge.id, Outcome.REJECTED, reason=reason)
        elif record is not None and record.state == RecordState.CONFIRMED:
            results[charge.id] = _taken(charge.id, record)
        elif instance.next_push_at is not None and now < instance.next_push_at:
            results[charge.id] = _wait(charge.id, record, instance.next_push_at, "an instance takes one push a minute")
        elif record is None:
            new[instance.id, billed_from(charge)].append(charge)
        elif record.state in PERHAPS_TAKEN and not settings.resend:
            await _lose(record)
            results[charge.id] = _wait(charge.id, record, now + LOOK_AGAIN, _ask(record))
        else:
            held.setdefault(record.id, (record, []))[1].append(charge.id)
    for record, ids in held.values():
        if record.state == RecordState.WAITING:
            await _leave_to(ids, record)
    for (instance_id, day), together in new.items():
        await _write(instance_id, day, together, now, settings, held, results)
    for record, _ in held.values():
        record.state = RecordState.LOST if record.state in PERHAPS_TAKEN else RecordState.PUSHING
        record.instance = instances[record.instance_id]
        await record.save(update_fields=["state", "value"])
    pushed_to = {record.instance_id for record, _ in held.values()}
    await Instance.filter(id__in=list(pushed_to)).update(next_push_at=now + PUSH_EVERY)
    return held


async def _leave_to(charge_ids: Sequence[UUID], record: Record) -> None:
    """Take other charges out of a record that is certainly not taken: by now another channel may have collected them.

    One that comes back becomes part of another record.
    """
    await RecordedCharge.filter(record_id=record.id).exclude(charge_id__in=charge_ids).delete()
    record.value = sum(row.units for row in await RecordedCharge.filter(record_id=record.id))


async def _write(
    instance_id: str,
    day: datetime,
    charges: Sequence[Charge],
    now: datetime,
    settings: Settings,
    held: dict[UUID, tuple[Record, list[UUID]]],
    results: dict[UUID, SettlementResult],
) -> None:
    """One record for charges of an instance's day, in its next slot; the instance is locked."""
    slot = await Record.filter(instance_id=instance_id, day_starts_at=day).count()
    start = day + slot * SLOT
    if slot >= SLOTS:
        reason = f"instance {instance_id} has {SLOTS} records on this day already"
        results |= {charge.id: SettlementResult(charge.id, Outcome.REJECTED, reason=reason) for charge in charges}
        return
    if start + SLOT > now and not any(charge.sandbox for charge in charges):
        results |= {charge.id: _wait(charge.id, None, start + SLOT, "its time is not over") for charge in charges}
        return
    record = await Record.create(
        instance_id=instance_id,
        day_starts_at=day,
        slot=slot,
        start_time=int(start.timestamp()),
        end_time=int((start + SLOT).timestamp()),
        key=settings.metering_key,
        metering_item=settings.metering_item,
        value=sum(charge.units for charge in charges),
        state=RecordState.WAITING,
    )
    for charge in charges:
        await RecordedCharge.create(
            charge_id=charge.id,
            record_id=record.id,
            units=charge.units,
            amount_minor=charge.amount.minor,
            currency=charge.amount.currency,
        )
    held[record.id] = (record, [charge.id for charge in charges])


async def _push(
    held: dict[UUID, tuple[Record, list[UUID]]],
    now: datetime,
    settings: Settings,
    marketplace: Marketplace,
    results: dict[UUID, SettlementResult],
) -> None:
    """Push the records, one request after another, as far as the time allows."""
    products: dict[str, list[Record]] = defaultdict(list)
    for record, _ in held.values():
        products[record.instance.product_code].append(record)
    clock = asyncio.get_running_loop().time
    last_start = clock() + BUDGET_SECONDS - MOST_CALL_SECONDS
    for records in (request for product in products.values() for request in requests(product)):
        if clock() < last_start:
            pushed = await marketplace.push(records)
        else:
            pushed = Pushed(Answer.LATER, reason="the batch took too long")
        for record in records:
            among_others = len(records) > 1
            await _note(record, pushed, among_others, now)
            for id in held[record.id][1]:
                results[id] = _result(id, record, pushed, among_others, now, settings)


async def _note(record: Record, pushed: Pushed, among_others: bool, now: datetime) -> None:
    """Write down what an answer means for a record; one that is perhaps taken stays so until it certainly is."""
    record.reason = pushed.reason
    if pushed.answer == Answer.TAKEN:
        record.state, record.request_id, record.confirmed_at = RecordState.CONFIRMED, pushed.request_id, now
    elif pushed.answer == Answer.LOST:
        record.state = RecordState.LOST
    elif record.state == RecordState.PUSHING:
        record.state = RecordState.WAITING
    if pushed.answer == Answer.REFUSED and among_others:
        record.alone = True
    await record.save(update_fields=["state", "alone", "reason", "request_id", "confirmed_at"])


async def _lose(record: Record) -> None:
    record.state = RecordState.LOST
    await record.save(update_fields=["state"])


def _ask(record: Record) -> str:
    return ASK.format(
        id=record.instance_id, value=record.value, key=record.key, start=record.start_time, end=record.end_time
    )


def _result(
    charge_id: UUID, record: Record, pushed: Pushed, among_others: bool, now: datetime, settings: Settings
) -> SettlementResult:
    if pushed.answer == Answer.TAKEN:
        return _taken(charge_id, record)
    if pushed.answer == Answer.LOST and not settings.resend:
        return _wait(charge_id, record, now + LOOK_AGAIN, _ask(record))
    if pushed.answer == Answer.REFUSED and record.state == RecordState.WAITING and not among_others:
        return SettlementResult(charge_id, Outcome.REJECTED, reason=pushed.reason)
    return _wait(charge_id, record, now + (TROUBLE if pushed.answer == Answer.LATER else PUSH_EVERY), pushed.reason)


def _taken(charge_id: UUID, record: Record) -> SettlementResult:
    return SettlementResult(charge_id, Outcome.SETTLED, provider_reference=reference(record))


def reference(record: Record) -> str:
    """The provider's id of the request that took a record."""
    return record.request_id or str(record.id)


def _wait(charge_id: UUID, record: Record | None, until: datetime, reason: str | None) -> SettlementResult:
    """Later: ``UNKNOWN`` as long as the record may be at the marketplace, so that nobody else collects the charge."""
    perhaps = record is not None and record.state in PERHAPS_TAKEN
    outcome = Outcome.UNKNOWN if perhaps else Outcome.RETRY_LATER
    return SettlementResult(charge_id, outcome, reason=reason, retry_at=until)


async def wait(batch: ChargeBatch, until: datetime, reason: str) -> list[SettlementResult]:
    """Every charge later: nothing can be pushed now."""
    found = RecordedCharge.filter(charge_id__in=[charge.id for charge in batch.charges])
    records = {row.charge_id: row.record for row in await found.select_related("record")}
    return [_wait(charge.id, records.get(charge.id), until, reason) for charge in batch.charges]


async def taken_between(since: datetime, until: datetime) -> Iterable[tuple[RecordedCharge, Record]]:
    """Each charge that the marketplace confirmed in ``[since, until)``, with its record."""
    found = RecordedCharge.filter(record__confirmed_at__gte=since, record__confirmed_at__lt=until)
    return [(row, row.record) for row in await found.select_related("record").order_by("charge_id")]
