"""Rating days and closing them: nobody is billed too early, too often or too little."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tortoise.transactions import in_transaction

from app import clock
from app.accounts.models import Account
from app.accounts.queries import lock_account
from app.api.node import split_id
from app.billing.ledger import check
from app.billing.models import Charge
from app.closing.days import close_due
from app.closing.models import BillingDay
from app.deployments.models import Deployment
from app.events.recording import SYSTEM
from app.upgrades.ending import end
from app.usage.checks import HourlyReport
from app.usage.reporting import report_usage
from tests.api.driver import PAY_AS_YOU_GO, Api, activate, advance, agreed, license_and_key, upgraded
from tests.billing.factory import plan_of
from tests.conftest import TravellingClock

SHANGHAI = "Asia/Shanghai"
WEEK = timedelta(days=7)
DAY = 86_400
instants = st.integers(1_577_836_800_000, 4_102_444_800_000).map(lambda ms: datetime.fromtimestamp(ms / 1000, UTC))


@given(instants)
def test_nobody_gets_fewer_than_seven_full_days_nor_eight_and_more(upgraded_at: datetime) -> None:
    first = clock.first_day_from(upgraded_at + WEEK, SHANGHAI)
    free = clock.day_start(first, SHANGHAI) - upgraded_at
    assert WEEK <= free < WEEK + timedelta(days=1)


async def _active(api: Api) -> tuple[Account, Deployment]:
    """A production-like account whose first billed day has just ended, on the travelling clock."""
    mine, account = await upgraded(api)
    text, ak, sk = await license_and_key(mine, account)
    await activate(mine, text, ak, sk)
    return await Account.get(id=split_id(account)[1]), await Deployment.get()


async def _report(account: Account, deployment: Deployment, hour: datetime, ids: list[str]) -> None:
    async with in_transaction():
        await report_usage(await lock_account(account.id), deployment, [HourlyReport(hour, ids)])


FIRST = date(2026, 3, 10)
REPORTS = [
    (9, [f"a{n}" for n in range(25)]),
    (9, [f"b{n}" for n in range(10)]),
    (10, [f"c{n}" for n in range(30)]),
    (10, [f"c{n}" for n in range(45)]),
    (23, ["z"]),
]


@pytest.mark.parametrize("order", [(0, 1, 2, 3, 4), (4, 3, 2, 1, 0), (2, 0, 4, 1, 3), (3, 3, 0, 0, 2, 1, 4)])
@pytest.mark.parametrize("close_each", [True, False])
async def test_late_reports_come_to_the_same_total_in_whatever_order(
    api: Api, travelling_clock: TravellingClock, order: tuple[int, ...], close_each: bool
) -> None:
    account, deployment = await _active(api)
    travelling_clock.at = clock.day_end(FIRST, SHANGHAI) + timedelta(hours=1)
    await close_due()
    for number in order:
        hour, ids = REPORTS[number]
        await _report(account, deployment, clock.day_start(FIRST, SHANGHAI) + timedelta(hours=hour), ids)
        if close_each:
            await close_due()
    await close_due()
    charges = await Charge.all().order_by("sequence")
    assert sum(charge.amount_minor for charge in charges) == 45 * 500
    assert sum(charge.units for charge in charges) == 45
    assert [charge.sequence for charge in charges] == list(range(len(charges)))
    assert {charge.day for charge in charges} == {FIRST}
    assert charges[0].amount_minor == 20 * 500
    assert await check() == []


async def test_closing_twice_and_at_once_changes_nothing(api: Api, travelling_clock: TravellingClock) -> None:
    await _active(api)
    travelling_clock.at = clock.day_end(FIRST, SHANGHAI) + timedelta(days=4, hours=1)
    summaries = await asyncio.gather(*(close_due() for _ in range(4)))
    assert sum(summary.charges for summary in summaries) == 5
    assert (await close_due()).charges == 0
    assert await Charge.all().order_by("day").values_list("day", flat=True) == [
        FIRST + timedelta(days=n) for n in range(5)
    ]
    assert await BillingDay.all().count() == 5
    assert await check() == []


async def test_a_day_closes_when_it_is_over_and_not_before(api: Api, travelling_clock: TravellingClock) -> None:
    await _active(api)
    travelling_clock.at = clock.day_end(FIRST, SHANGHAI) - timedelta(microseconds=1)
    assert (await close_due()).charges == 0
    travelling_clock.at = clock.day_end(FIRST, SHANGHAI)
    assert (await close_due()).charges == 1
    travelling_clock.forward(days=3)
    assert (await close_due(until=FIRST + timedelta(days=1))).charges == 1


async def test_an_account_that_comes_back_by_a_plan_west_of_its_former_one_is_billed_from_the_first_day_that_was_not(
    api: Api, travelling_clock: TravellingClock
) -> None:
    travelling_clock.at = datetime(2026, 3, 2, 16, 30, tzinfo=UTC)
    mine, account = await upgraded(api)
    await activate(mine, *await license_and_key(mine, account))
    await advance(mine, account, 10 * DAY)
    billed = date(2026, 3, 12)
    assert await _last_day() == billed
    key = split_id(account)[1]
    async with in_transaction():
        await end(await lock_account(key), "a test", SYSTEM)
    await plan_of(2, minimum_quantity=20, time_zone="America/New_York")
    await mine.call("upgradeEdition", "account { id }", accountId=account, edition=PAY_AS_YOU_GO)
    await agreed(mine, account)
    await mine.call("chooseSettlementChannel", "binding { state }", accountId=account, channel="guance")
    activated = await activate(mine, *await license_and_key(mine, account), "fingerprint-2")
    first = billed + timedelta(days=1)
    assert activated["account"]["upgrade"] == {"state": "ACTIVE", "firstBilledDay": first.isoformat()}
    await advance(mine, account, DAY)
    assert await _last_day() == billed
    await advance(mine, account, DAY)
    assert await _last_day() == first


async def _last_day() -> date:
    return max([closed.day for closed in await BillingDay.all()])
