"""Taking hours: a record is written down, with the charges that it stands for, before it is sent for the first time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from settlement_spec import Charge
from tortoise.connection import get_connection
from tortoise.transactions import in_transaction
from uuid_utils.compat import uuid7

from settlement_aws.hours import HOUR, Group, Plan, hour_of, open_hours, plan
from settlement_aws.models import MeteredCharge, RecordState, Subscription, SubscriptionState, UsageRecord
from settlement_aws.subscriptions import payer_of

CUSTOMER_LOCK = 7_305_101
ZERO_AFTER = timedelta(hours=3)
LOCK_SQL = "SELECT pg_advisory_xact_lock(hashtextextended(customer, $2)) FROM unnest($1::text[]) AS customer"


async def take(dimension: str, region: str, charges: Mapping[UUID, Sequence[Charge]], now: datetime) -> Plan:
    """Give every new charge, by subscription, its record, for good; what is left over is in the plan that it answers.

    Customers are locked in one order, so that two batches never wait for each other in a circle.
    """
    done = Plan()
    async with in_transaction():
        subscriptions = await Subscription.filter(id__in=list(charges)).order_by("customer", "id")
        await get_connection("default").execute_query(
            LOCK_SQL, [[one.customer for one in subscriptions], CUSTOMER_LOCK]
        )
        asked = [charge.id for those in charges.values() for charge in those]
        seen = {metered.charge_id for metered in await MeteredCharge.filter(charge_id__in=asked)}
        metered = []
        for subscription in subscriptions:
            new = {charge.id: charge for charge in charges[subscription.id] if charge.id not in seen}
            planned = plan(list(new.values()), now)
            done.refused |= planned.refused
            done.early |= planned.early
            for group in planned.groups:
                record_id = await _take_hour(subscription, dimension, region, group, now)
                if record_id is None:
                    done.early.update({charge.id: hour_of(now) + HOUR for charge in group.charges})
                    continue
                metered += [_metered(charge, record_id) for charge in group.charges]
        await MeteredCharge.bulk_create(metered)
    return done


async def take_zeros(dimension: str, region: str, now: datetime) -> None:
    """Take each hour that ended 3 hours ago, and in which a subscription used nothing, for a record of quantity 0.

    Until then an hour is left free for charges, so that the records of a day add up to its charges.
    """
    for subscription in await Subscription.filter(state=SubscriptionState.SUBSCRIBED).order_by("id"):
        since = subscription.state_at or subscription.registered_at
        for hour in open_hours(now):
            if hour + HOUR + ZERO_AFTER <= now and hour >= since:
                await _insert(subscription, dimension, region, hour, 0)


async def unsent(now: datetime) -> list[UsageRecord]:
    """Records of no charge that AWS has not answered for, and still takes."""
    return await UsageRecord.filter(
        state=RecordState.PENDING, hour__in=open_hours(now), charges__charge_id__isnull=True
    ).prefetch_related("subscription")


async def records_of(charge_ids: Iterable[UUID]) -> dict[UUID, UsageRecord]:
    """The records of charges, by charge."""
    metered = await MeteredCharge.filter(charge_id__in=list(charge_ids))
    found = UsageRecord.filter(id__in=[one.record_id for one in metered]).prefetch_related("subscription")
    records = {record.id: record for record in await found}
    return {one.charge_id: records[one.record_id] for one in metered}


def _metered(charge: Charge, record_id: UUID) -> MeteredCharge:
    return MeteredCharge(
        charge_id=charge.id,
        record_id=record_id,
        units=charge.units,
        amount_minor=charge.amount.minor,
        currency=charge.amount.currency,
    )


async def _take_hour(
    subscription: Subscription, dimension: str, region: str, group: Group, now: datetime
) -> UUID | None:
    hours = [group.wanted, *(hour for hour in open_hours(now) if hour != group.wanted)]
    for hour in hours:
        record_id = await _insert(subscription, dimension, region, hour, group.quantity)
        if record_id is not None:
            return record_id
    return None


async def _insert(
    subscription: Subscription, dimension: str, region: str, hour: datetime, quantity: int
) -> UUID | None:
    license_arn = subscription.license_arn if subscription.customer_aws_account_id else None
    rows = await get_connection("default").execute_query_dict(
        "INSERT INTO aws_usage_record (id, subscription_id, payer, customer, license_arn, region, dimension, hour, "
        "quantity, state, attempts) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0) "
        "ON CONFLICT (payer, dimension, hour) DO NOTHING RETURNING id",
        [
            uuid7(),
            subscription.id,
            payer_of(subscription.product_code, subscription.customer, license_arn),
            subscription.customer,
            license_arn,
            region,
            dimension,
            hour,
            quantity,
            RecordState.PENDING.value,
        ],
    )
    return rows[0]["id"] if rows else None
