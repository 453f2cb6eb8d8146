"""Closing days: once, in sets, by several workers at once, in any time zone, and adjusted by what comes late."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from tortoise.connection import get_connection
from tortoise.transactions import in_transaction

from app import clock
from app.accounts.queries import lock_account
from app.billing.ledger import check
from app.billing.models import Charge
from app.catalog.models import Aggregation
from app.closing import days
from app.closing.days import CloseSummary, catch_up, close_due
from app.closing.models import BillingDay
from app.events.recording import SYSTEM
from app.settlement.models import ChannelBinding
from app.upgrades.ending import end
from app.upgrades.models import Upgrade
from app.usage.checks import HourlyReport
from tests.billing.factory import billed_account, figures, hour_of, plan_of, report, report_hours
from tests.conftest import TravellingClock

TODAY = date(2026, 3, 2)
YESTERDAY = TODAY - timedelta(days=1)


async def test_every_ended_day_is_charged_once_with_journal_order_and_event(
    database: str, travelling_clock: TravellingClock
) -> None:
    deployment = await billed_account(TODAY - timedelta(days=3))
    await report(deployment, hour_of(YESTERDAY, 9), 25)
    await report(deployment, hour_of(YESTERDAY, 10), 30)
    for raised in (3, 0):
        assert (await close_due()).charges == raised
        assert await figures(deployment.account_id) == [
            (TODAY - timedelta(days=3), 0, 0, 20, 20, 10_000, 2, 1, 1),
            (TODAY - timedelta(days=2), 0, 0, 20, 20, 10_000, 2, 1, 1),
            (YESTERDAY, 0, 30, 30, 30, 15_000, 2, 1, 1),
        ]
    assert await check() == []


async def test_the_vendors_own_example_is_billed_420_cny(database: str, travelling_clock: TravellingClock) -> None:
    first = TODAY - timedelta(days=7)
    deployment = await billed_account(first, await plan_of(2, unit_price_minor=300))
    for number, count in enumerate((10, 10, 15, 15, 30, 30, 30)):
        await report(deployment, hour_of(first + timedelta(days=number), 12), count)
    await close_due()
    assert sum(charge.amount_minor for charge in await Charge.all()) == 42_000


async def test_late_usage_adjusts_up_and_a_dearer_day_adjusts_down(
    database: str, travelling_clock: TravellingClock
) -> None:
    tiers = [
        {"up_to": 30, "unit_price_minor": 100, "flat_minor": 0},
        {"up_to": None, "unit_price_minor": 50, "flat_minor": 0},
    ]
    deployment = await billed_account(YESTERDAY, await plan_of(2, tiers=tiers, tier_mode="VOLUME"))
    await report(deployment, hour_of(YESTERDAY, 9), 20)
    await close_due()
    await report(deployment, hour_of(YESTERDAY, 9), 30)
    await close_due()
    await report(deployment, hour_of(YESTERDAY, 9), 40)
    await close_due()
    await report(deployment, hour_of(YESTERDAY, 9), 40)
    assert (await close_due()).charges == 0
    assert [row[1:6] for row in await figures(deployment.account_id)] == [
        (0, 20, 20, 20, 2_000),
        (1, 30, 30, 10, 1_000),
        (2, 40, 40, 10, -1_000),
    ]
    day = await BillingDay.get(account_id=deployment.account_id)
    assert (day.quantity, day.late) == (40, False)
    assert await check() == []


async def test_usage_of_a_service_that_ended_is_still_adjusted(
    database: str, travelling_clock: TravellingClock
) -> None:
    deployment = await billed_account(YESTERDAY)
    await close_due()
    async with in_transaction():
        await end(await lock_account(deployment.account_id), "it owes", SYSTEM)
    travelling_clock.forward(days=2)
    await report(deployment, hour_of(YESTERDAY, 9), 30)
    await close_due()
    assert [(row[0], row[5]) for row in await figures(deployment.account_id)] == [
        (YESTERDAY, 10_000),
        (YESTERDAY, 5_000),
    ]


async def caught_up(account_id: UUID) -> None:
    async with in_transaction():
        await catch_up(await lock_account(account_id))


async def closed(_: UUID) -> None:
    await close_due()


@pytest.mark.parametrize("close", [closed, caught_up])
async def test_usage_that_arrives_while_its_day_closes_is_not_missed(
    database: str, travelling_clock: TravellingClock, close: Callable[[UUID], Awaitable[None]]
) -> None:
    deployment = await billed_account(YESTERDAY)
    on_its_way = asyncio.Event()

    async def slow_report() -> None:
        async with in_transaction():
            await report(deployment, hour_of(YESTERDAY, 9), 50)
            on_its_way.set()
            await asyncio.sleep(0.2)

    reporting = asyncio.create_task(slow_report())
    await on_its_way.wait()
    await asyncio.gather(reporting, close(deployment.account_id))
    await close_due()
    assert sum(charge.amount_minor for charge in await Charge.all()) == 25_000


async def test_several_closers_at_once_charge_each_day_once(database: str, travelling_clock: TravellingClock) -> None:
    deployments = [await billed_account(TODAY - timedelta(days=2)) for _ in range(40)]
    held = asyncio.Event()

    async def slow_report() -> None:
        async with in_transaction():
            await report(deployments[0], hour_of(TODAY, 1), 1)
            held.set()
            await asyncio.sleep(0.05)

    reporting = asyncio.create_task(slow_report())
    await held.wait()
    await asyncio.gather(reporting, *(close_due(closers=2) for _ in range(4)))
    assert await Charge.all().count() == 80
    assert await check() == []


async def test_an_account_that_cannot_be_charged_does_not_hold_up_the_others(
    database: str, travelling_clock: TravellingClock
) -> None:
    good, bad = await billed_account(YESTERDAY), await billed_account(YESTERDAY)
    sandbox = await billed_account(YESTERDAY, sandbox=True)
    await ChannelBinding.filter(account_id=bad.account_id).delete()
    travelling_clock.at = hour_of(TODAY + timedelta(days=1), 0)
    for until, delay, charged in ((YESTERDAY, 0, 2), (None, 600, 1), (None, 0, 1)):
        before = await Charge.all().count()
        summary = await close_due(until, delay)
        assert summary.failed >= 1
        assert await Charge.all().count() - before == charged == summary.charges
    assert {charge.account_id for charge in await Charge.all()} == {good.account_id, sandbox.account_id}
    assert (await Upgrade.get(account_id=bad.account_id)).billed_through is None


async def test_what_fails_is_tried_again_at_the_end_and_counted_each_time(
    database: str, travelling_clock: TravellingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(days, "BATCH", 2)
    accounts = sorted([(await billed_account(YESTERDAY)).account_id for _ in range(4)])
    await ChannelBinding.filter(account_id__in=accounts[1:3]).delete()
    assert await close_due() == CloseSummary(accounts=2, charges=2, failed=1 + 1 + 2)


async def test_a_day_is_left_open_for_the_last_reports_but_not_in_a_sandbox(
    database: str, travelling_clock: TravellingClock
) -> None:
    await billed_account(YESTERDAY)
    sandbox = await billed_account(YESTERDAY, sandbox=True)
    travelling_clock.at = hour_of(TODAY, 0) + timedelta(seconds=599)
    await close_due(delay_seconds=600)
    assert [charge.account_id for charge in await Charge.all()] == [sandbox.account_id]
    travelling_clock.forward(seconds=1)
    await close_due(delay_seconds=600)
    assert await Charge.all().count() == 2


@pytest.mark.parametrize(
    ("aggregation", "quantity"),
    [
        (Aggregation.SUM, 10 + 30 + 5 + 7),
        (Aggregation.MAX, 35),
        (Aggregation.LAST, 7),
    ],
)
async def test_meters_of_numbers_make_a_day_of_their_hours(
    database: str, travelling_clock: TravellingClock, aggregation: Aggregation, quantity: int
) -> None:
    plan = await plan_of(2, aggregation, unit_price_minor=1)
    deployment = await billed_account(YESTERDAY, plan)
    values: list[tuple[Any, int, int]] = [(deployment, 1, 10), (deployment, 2, 30), (deployment, 3, 7)]
    second = await billed_account(YESTERDAY, plan)
    second.account_id = deployment.account_id
    values.append((second, 2, 5))
    for reporter, hour, value in values:
        for reported in (value, value - 1):
            await report_hours(reporter, HourlyReport(hour_of(YESTERDAY, hour), meter=plan.meter, value=reported))
    await close_due()
    assert (await Charge.get(account_id=deployment.account_id)).quantity == quantity


async def test_a_meter_of_the_days_unique_ids_counts_each_once(
    database: str, travelling_clock: TravellingClock
) -> None:
    plan = await plan_of(2, Aggregation.UNIQUE, unit_price_minor=1)
    deployment = await billed_account(YESTERDAY, plan)
    for hour, ids in ((1, ["a", "b"]), (2, ["b", "c"]), (23, ["d"])):
        await report_hours(deployment, HourlyReport(hour_of(YESTERDAY, hour), ids, meter=plan.meter))
    await close_due()
    assert (await Charge.get(account_id=deployment.account_id)).quantity == 4


@pytest.mark.parametrize("zone", ["America/New_York", "Europe/Lisbon", "America/Havana", "Atlantic/Azores"])
async def test_days_of_other_time_zones_have_23_to_25_hours_and_lose_none(
    database: str, travelling_clock: TravellingClock, zone: str
) -> None:
    plan = await plan_of(2, Aggregation.SUM, unit_price_minor=1, time_zone=zone)
    travelling_clock.at = datetime(2026, 11, 5, 12, tzinfo=UTC)
    first = date(2026, 10, 20)
    deployment = await billed_account(first, plan)
    begin = clock.day_start(first, zone)
    begin += timedelta(hours=1) if begin.minute else timedelta(0)
    begin = begin.replace(minute=0)
    hours = int((travelling_clock.at - begin) / timedelta(hours=1))
    reports = [HourlyReport(begin + timedelta(hours=n), meter=plan.meter, value=1) for n in range(hours)]
    await report_hours(deployment, *reports)
    await close_due()
    charges = await Charge.all().order_by("day")
    ends = clock.day_start(charges[-1].day + timedelta(days=1), zone)
    assert sum(charge.quantity for charge in charges) == sum(1 for reported in reports if reported.hour < ends)
    assert {charge.quantity for charge in charges} - {24}


ZONES = (
    "Africa/Cairo",
    "America/Havana",
    "America/New_York",
    "America/Sao_Paulo",
    "Asia/Beirut",
    "Asia/Kolkata",
    "Asia/Shanghai",
    "Atlantic/Azores",
    "Australia/Lord_Howe",
    "Europe/Lisbon",
    "Pacific/Auckland",
    "Pacific/Chatham",
    "UTC",
)


@pytest.mark.parametrize("zone", ZONES)
async def test_the_database_begins_days_when_the_clock_does(database: str, zone: str) -> None:
    days = [date(2020, 1, 1) + timedelta(days=n) for n in range(2_200)]
    rows = await get_connection("default").execute_query_dict(
        "SELECT day_start(day, $2) AS at FROM unnest($1::date[]) WITH ORDINALITY AS days(day, place) ORDER BY place",
        [days, zone],
    )
    assert [row["at"] for row in rows] == [clock.day_start(day, zone) for day in days]
