"""The first and last hour of a billing day, in zones on both sides of UTC: counted, late, and kept with their day."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from tortoise.transactions import in_transaction

from app import clock
from app.billing.models import Charge
from app.catalog.models import Aggregation, PricePlan
from app.closing.days import close_due
from app.closing.models import BillingDay
from app.closing.retention import prune_usage
from app.credits.crediting import credit
from app.deployments.models import Deployment
from app.events.recording import SYSTEM
from app.settlement.host import ChannelHost
from app.usage.checks import HourlyReport
from app.usage.models import UsageHour
from tests.billing.factory import billed_account, plan_of, report_hours
from tests.conftest import TravellingClock

DAY = date(2026, 3, 10)
ZONES = ["Asia/Shanghai", "UTC", "America/Los_Angeles", "Pacific/Kiritimati"]
HOUR = timedelta(hours=1)


async def plan_in(zone: str, aggregation: Aggregation = Aggregation.LARGEST_HOUR) -> PricePlan:
    return await plan_of(2, aggregation, time_zone=zone)


def hours_of(day: date, zone: str) -> tuple[datetime, datetime]:
    """The first and the last hour of a day."""
    return clock.day_start(day, zone), clock.day_end(day, zone) - HOUR


async def closed(zone: str, travelling_clock: TravellingClock, aggregation: Aggregation) -> Deployment:
    """The deployment of an account whose days before and after ``DAY`` are closed, too."""
    deployment = await billed_account(DAY - timedelta(days=1), await plan_in(zone, aggregation))
    travelling_clock.at = clock.day_end(DAY + timedelta(days=1), zone) + HOUR
    await close_due()
    return deployment


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("which", [0, 1])
async def test_the_first_and_last_hour_make_their_own_day_late_and_no_other(
    database: str, travelling_clock: TravellingClock, zone: str, which: int
) -> None:
    deployment = await closed(zone, travelling_clock, Aggregation.LARGEST_HOUR)
    await report_hours(deployment, HourlyReport(hours_of(DAY, zone)[which], ["a", "b"]))
    assert [day.day for day in await BillingDay.filter(late=True)] == [DAY]
    await close_due()
    adjusted = await Charge.filter(sequence=1)
    assert [(charge.day, charge.quantity, charge.amount_minor) for charge in adjusted] == [(DAY, 2, 1_000)]


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("aggregation", [Aggregation.LARGEST_HOUR, Aggregation.UNIQUE, Aggregation.SUM])
async def test_an_hour_counts_in_the_day_in_which_it_begins(
    database: str, travelling_clock: TravellingClock, zone: str, aggregation: Aggregation
) -> None:
    plan = await plan_in(zone, aggregation)
    deployment = await billed_account(DAY, plan)
    travelling_clock.at = clock.day_end(DAY + timedelta(days=1), zone) + HOUR
    first, last = hours_of(DAY, zone)
    for hour, ids in ((first - HOUR, "abcdefg"), (first, "a"), (last, "bc"), (last + HOUR, "abcdef")):
        told = HourlyReport(hour, (), plan.meter, len(ids)) if not aggregation.counts_ids else None
        await report_hours(deployment, told or HourlyReport(hour, list(ids), plan.meter))
    await close_due()
    expected = {Aggregation.LARGEST_HOUR: (2, 6), Aggregation.UNIQUE: (3, 6), Aggregation.SUM: (3, 6)}[aggregation]
    charges = await Charge.all().order_by("day")
    assert tuple(charge.quantity for charge in charges) == expected


async def test_the_same_id_of_two_deployments_is_two(database: str, travelling_clock: TravellingClock) -> None:
    plan = await plan_of(2, Aggregation.UNIQUE)
    one = await billed_account(DAY, plan)
    other = await Deployment.create(
        account_id=one.account_id,
        fingerprint="another",
        data_gateway_url=one.data_gateway_url,
        created_at=one.created_at,
        last_seen_at=one.last_seen_at,
    )
    stranger = await billed_account(DAY, plan)
    travelling_clock.at = clock.day_end(DAY, plan.time_zone) + HOUR
    hour, _ = hours_of(DAY, plan.time_zone)
    for deployment, ids in ((one, "ab"), (other, "bc"), (stranger, "defgh")):
        await report_hours(deployment, HourlyReport(hour, list(ids), plan.meter))
        await report_hours(deployment, HourlyReport(hour + HOUR, list(ids), plan.meter))
    await close_due()
    found = {charge.account_id: charge.quantity for charge in await Charge.all()}
    assert found == {one.account_id: 4, stranger.account_id: 5}


@pytest.mark.parametrize("zone", ZONES)
async def test_an_open_or_late_day_keeps_its_first_and_last_hour_in_detail(
    database: str, travelling_clock: TravellingClock, zone: str
) -> None:
    deployment = await closed(zone, travelling_clock, Aggregation.LARGEST_HOUR)
    hours = hours_of(DAY, zone)
    await report_hours(deployment, *(HourlyReport(hour, ["a"]) for hour in (hours[0] - HOUR, *hours, hours[1] + HOUR)))
    await close_due()
    await BillingDay.filter(day=DAY).update(late=True)
    travelling_clock.forward(days=200)
    await prune_usage(94)
    kept = await UsageHour.filter(ids__isnull=False).order_by("hour")
    assert [row.hour for row in kept] == list(hours)


async def test_an_open_day_keeps_its_first_hour_in_detail(database: str, travelling_clock: TravellingClock) -> None:
    zone = "Asia/Shanghai"
    deployment = await billed_account(DAY, await plan_in(zone))
    first, _ = hours_of(DAY, zone)
    travelling_clock.at = first + HOUR
    await report_hours(deployment, HourlyReport(first - HOUR, ["a"]), HourlyReport(first, ["a"]))
    travelling_clock.at = datetime(2026, 12, 1, tzinfo=UTC)
    await prune_usage(94)
    assert [row.hour for row in await UsageHour.filter(ids__isnull=False)] == [first]


async def test_the_units_of_a_correction_are_as_if_there_were_no_credit(
    database: str, travelling_clock: TravellingClock
) -> None:
    deployment = await billed_account(DAY, await plan_in("UTC"))
    travelling_clock.at = clock.day_end(DAY, "UTC") + HOUR
    hour, _ = hours_of(DAY, "UTC")
    await report_hours(deployment, HourlyReport(hour, [f"dk-{number}" for number in range(10)]))
    await close_due()
    (charge,) = await Charge.all()
    async with in_transaction():
        await credit(ChannelHost(), charge.id, 2_000, "an outage", SYSTEM)
    await report_hours(deployment, HourlyReport(hour, [f"dk-{number}" for number in range(13)]))
    await close_due()
    rows = await Charge.all().order_by("sequence")
    assert [(row.kind, row.units, row.amount_minor) for row in rows] == [
        ("DAILY", 10, 5_000),
        ("CREDIT_NOTE", -4, -2_000),
        ("ADJUSTMENT", 3, 1_500),
    ]
