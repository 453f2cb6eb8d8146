"""Hourly sets: the same whatever the order, however often, however many at once."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tortoise.transactions import in_transaction

from app import clock
from app.accounts.members import create_account
from app.accounts.models import Account, User
from app.accounts.queries import lock_account
from app.constants import MOST_IDS, REPORTABLE
from app.deployments.models import Deployment
from app.errors import InvalidInput, LimitExceeded
from app.events.recording import SYSTEM
from app.usage.checks import HourlyReport, check_reports
from app.usage.models import UsageHour
from app.usage.queries import daily_usage
from app.usage.reporting import report_usage
from tests.api.driver import Api
from tests.conftest import TravellingClock

SHANGHAI = "Asia/Shanghai"
AT = datetime(2026, 3, 2, 9, tzinfo=UTC)


async def _deployment(account: Account, fingerprint: str) -> Deployment:
    return await Deployment.create(
        account_id=account.id,
        fingerprint=fingerprint,
        data_gateway_url="https://g.example.com?token={}",
        created_at=AT,
        last_seen_at=AT,
    )


async def _account() -> tuple[Account, Deployment]:
    user = await User.create(email="a@example.com", name="A", password_hash="x", created_at=AT)
    account = await create_account(user, "A", sandbox=True, actor=SYSTEM)
    return account, await _deployment(account, "fingerprint-1")


async def _report(account_id: UUID, deployment: Deployment, *reports: HourlyReport) -> list[int]:
    async with in_transaction():
        return [counted.quantity for counted in await report_usage(await lock_account(account_id), deployment, reports)]


async def test_order_and_repetition_do_not_matter(database: str, travelling_clock: TravellingClock) -> None:
    account, first = await _account()
    second = await _deployment(account, "fingerprint-2")
    parts = [["a", "b"], ["b", "c"], ["数据", "a"], ["a", "b"]]
    for part in parts:
        await _report(account.id, first, HourlyReport(AT, part))
    for part in reversed(parts):
        await _report(account.id, second, HourlyReport(AT, part))
    rows = await UsageHour.all().order_by("id")
    assert [row.ids for row in rows] == [sorted(["a", "b", "c", "数据"])] * 2
    assert [row.quantity for row in rows] == [4, 4]


async def test_repeats_at_once_count_once(database: str, travelling_clock: TravellingClock) -> None:
    account, deployment = await _account()
    hours = [HourlyReport(AT - timedelta(hours=n), [f"dk-{m}" for m in range(20)]) for n in range(4)]
    answers = await asyncio.gather(
        *(_report(account.id, deployment, *(hours if turn % 2 else hours[::-1])) for turn in range(8))
    )
    assert answers == [[20] * 4] * 8
    assert await UsageHour.all().count() == 4


async def test_hours_fall_into_the_days_of_the_plan_s_zone(database: str, travelling_clock: TravellingClock) -> None:
    account, deployment = await _account()
    midnight = datetime(2026, 3, 1, 16, tzinfo=UTC)
    await _report(
        account.id,
        deployment,
        HourlyReport(midnight - timedelta(hours=1), ["a"]),
        HourlyReport(midnight, ["a", "b"]),
    )
    days = await daily_usage(account.id, date(2026, 3, 1), date(2026, 3, 3), SHANGHAI)
    assert [(day.day.day, day.count, len(day.hours)) for day in days] == [(1, 1, 1), (2, 2, 1), (3, 0, 0)]


async def test_deployments_of_an_account_add_up(database: str, travelling_clock: TravellingClock) -> None:
    account, first = await _account()
    second = await _deployment(account, "fingerprint-2")
    await _report(account.id, first, HourlyReport(AT, ["a", "b"]))
    await _report(account.id, second, HourlyReport(AT, ["a"]), HourlyReport(AT - timedelta(hours=1), ["a"]))
    (day,) = await daily_usage(account.id, date(2026, 3, 2), date(2026, 3, 2), SHANGHAI)
    assert day.count == 3


async def test_the_limits_are_where_they_are_said_to_be(database: str) -> None:
    many = [f"dk-{n}" for n in range(MOST_IDS)]
    await check_reports([HourlyReport(AT, many)], AT)
    await check_reports([HourlyReport(AT - REPORTABLE, ["x" * 128])], AT)
    with pytest.raises(LimitExceeded):
        await check_reports([HourlyReport(AT, many), HourlyReport(AT - timedelta(hours=1), ["a"])], AT)
    for hour in (AT + timedelta(hours=1), AT - REPORTABLE - timedelta(hours=1)):
        with pytest.raises(InvalidInput):
            await check_reports([HourlyReport(hour, ["a"])], AT)


@given(st.dates(date(1992, 1, 1), date(2199, 12, 30)))
def test_a_billing_day_has_24_hours_and_the_next_begins_where_it_ends(day: date) -> None:
    assert clock.day_end(day, SHANGHAI) - clock.day_start(day, SHANGHAI) == timedelta(hours=24)
    assert clock.day_start(day + timedelta(days=1), SHANGHAI) == clock.day_end(day, SHANGHAI)
    assert clock.local_day(clock.day_start(day, SHANGHAI), SHANGHAI) == day
    assert clock.local_day(clock.day_end(day, SHANGHAI) - timedelta(microseconds=1), SHANGHAI) == day


@pytest.mark.parametrize("ids", ["a", 1, [1], ["a", None], [["a"]], {"a": "b"}])
async def test_ids_are_a_list_of_strings(api: Api, ids: object) -> None:
    document = """mutation ($ids: DataKitIds) { reportUsage(fingerprint: "fingerprint-1",
        reports: [{hour: "2026-03-02T09:00:00Z", dataKits: $ids}]) { __typename } }"""
    (error,) = (await api.answer(document, ids=ids))["errors"]
    assert "DataKitIds must be a list of strings" in error["message"]
