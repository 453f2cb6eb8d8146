"""What contracts charge ahead is earned day by day, to the minor unit, whatever is given back, and however they end."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tortoise.transactions import in_transaction

from app.accounts.models import Account
from app.accounts.queries import lock_account
from app.api.node import decode_id
from app.billing.books import trial_balance
from app.billing.ledger import check
from app.billing.models import Charge, JournalTransaction
from app.bootstrap import Runtime
from app.closing.models import RevenueRecognition
from app.closing.recognition import recognize, recognize_due
from app.credits.crediting import credit
from app.events.recording import SYSTEM
from app.journey.contracts import cancel_contracts
from app.worker import run_once
from tests.api.driver import Api, advance
from tests.applications.steps import DAY, TODAY, any_terms, terms, under_contract
from tests.conftest import TravellingClock


@pytest.fixture(autouse=True)
async def stand_still(travelling_clock: TravellingClock, database: str) -> None:
    """Every test begins in the evening of TODAY in Shanghai, and contracts are for any days."""
    await any_terms()


def offer(starts: date, days: int, *parts: tuple[date, str], **changed: Any) -> dict[str, Any]:
    """Terms that can be accepted today."""
    return terms(starts, days, *parts, validUntil="2026-03-02T12:00:00Z", **changed)


async def books() -> dict[str, int]:
    """What the books have as charged ahead and as earned, as credits above zero."""
    found = {line.ledger_account: -line.balance_minor for line in await trial_balance(sandboxes=True)}
    return {name: found.get(name, 0) for name in ("deferred", "revenue")}


async def earned(account: UUID) -> list[int]:
    days = RevenueRecognition.filter(account_id=account).order_by("day")
    return [row.amount_minor for row in await days]


async def days_pass(mine: Api, account: str, days: int) -> None:
    await advance(mine, account, days * DAY)
    assert await check() == []


async def test_a_price_paid_ahead_is_earned_in_equal_days_that_sum_up_to_it(api: Api) -> None:
    mine, account, _ = await under_contract(api, **offer(TODAY, 7, (TODAY, "1000.00"), price="1000.00"))
    key = decode_id(account, "Account", "account")
    assert await books() == {"deferred": 100_000, "revenue": 0}
    await days_pass(mine, account, 1)
    assert await earned(key) == [14_285]
    await days_pass(mine, account, 3)
    assert await earned(key) == [14_285, 14_286, 14_286, 14_285]
    assert await books() == {"deferred": 42_858, "revenue": 57_142}
    await days_pass(mine, account, 30)
    assert sum(await earned(key)) == 100_000
    assert len(await earned(key)) == 7
    assert await books() == {"deferred": 0, "revenue": 100_000}


async def test_however_the_clock_is_moved_each_day_earns_the_same(api: Api) -> None:
    of = offer(TODAY, 90, (TODAY, "5000.01"), (TODAY + timedelta(days=40), "6999.99"))
    one, first, _ = await under_contract(api, **of)
    other, second, _ = await under_contract(api, **of)
    await days_pass(one, first, 120)
    for _ in range(24):
        await days_pass(other, second, 5)
    keys = [decode_id(account, "Account", "account") for account in (first, second)]
    assert await earned(keys[0]) == await earned(keys[1])
    assert sum(await earned(keys[0])) == 1_200_000


async def test_what_is_not_charged_yet_is_not_earned_yet(api: Api) -> None:
    late = TODAY + timedelta(days=8)
    mine, account, _ = await under_contract(
        api, **offer(TODAY, 10, (TODAY, "100.00"), (late, "900.00"), price="1000.00")
    )
    await days_pass(mine, account, 5)
    assert await books() == {"deferred": 0, "revenue": 10_000}
    await days_pass(mine, account, 4)
    assert await books() == {"deferred": 10_000, "revenue": 90_000}
    await days_pass(mine, account, 1)
    assert await books() == {"deferred": 0, "revenue": 100_000}


async def test_what_is_given_back_is_not_earned_and_taken_off_if_it_was(api: Api, runtime: Runtime) -> None:
    mine, account, _ = await under_contract(api, **offer(TODAY, 10, (TODAY, "1000.00"), price="1000.00"))
    key = decode_id(account, "Account", "account")
    await days_pass(mine, account, 4)
    await give_back(runtime, key, 50_000)
    assert await check() == []
    assert await books() == {"deferred": 10_000, "revenue": 40_000}
    await days_pass(mine, account, 1)
    assert await earned(key) == [10_000] * 4 + [-15_000]
    assert await books() == {"deferred": 25_000, "revenue": 25_000}
    await days_pass(mine, account, 10)
    assert await books() == {"deferred": 0, "revenue": 50_000}
    await give_back(runtime, key, 30_000)
    await days_pass(mine, account, 3)
    assert await books() == {"deferred": 0, "revenue": 20_000}
    assert len(await earned(key)) == 11


async def test_a_contract_that_ends_early_has_earned_all_that_it_charged(api: Api, runtime: Runtime) -> None:
    mine, account, _ = await under_contract(
        api, **offer(TODAY, 10, (TODAY, "500.00"), (TODAY + timedelta(days=9), "500.00"), price="1000.00")
    )
    key = decode_id(account, "Account", "account")
    await days_pass(mine, account, 2)
    async with in_transaction():
        await cancel_contracts(await lock_account(key), "it was agreed upon", SYSTEM)
    assert await books() == {"deferred": 30_000, "revenue": 20_000}
    await days_pass(mine, account, 1)
    assert await earned(key) == [10_000, 10_000, 30_000]
    await days_pass(mine, account, 20)
    assert await books() == {"deferred": 0, "revenue": 50_000}


async def test_a_contract_to_come_earns_nothing_before_its_first_day(api: Api) -> None:
    begins = TODAY + timedelta(days=5)
    of = offer(begins, 5, (TODAY, "100.00"), price="100.00")
    mine, account, _ = await under_contract(api, **of)
    key = decode_id(account, "Account", "account")
    await days_pass(mine, account, 5)
    assert await books() == {"deferred": 10_000, "revenue": 0}
    await days_pass(mine, account, 1)
    assert await earned(key) == [2_000]


async def test_one_that_is_called_off_before_its_first_day_earned_what_it_charged(api: Api) -> None:
    begins = TODAY + timedelta(days=50)
    mine, account, _ = await under_contract(api, **offer(begins, 5, (TODAY, "100.00"), price="100.00"))
    key = decode_id(account, "Account", "account")
    async with in_transaction():
        await cancel_contracts(await lock_account(key), "it was agreed upon", SYSTEM)
    await days_pass(mine, account, 1)
    assert await books() == {"deferred": 0, "revenue": 10_000}


async def test_the_worker_does_it_once_and_within_the_day_in_the_plans_zone(api: Api, runtime: Runtime) -> None:
    _, account, _ = await under_contract(api, **offer(TODAY, 10, (TODAY, "1000.00"), price="1000.00"))
    key = decode_id(account, "Account", "account")
    await Account.filter(id=key).update(clock_offset_seconds=3 * DAY)
    await run_once(runtime.settings, runtime.host)
    for _ in range(2):
        await recognize_due()
        async with in_transaction():
            await recognize(await lock_account(key))
    assert await earned(key) == [10_000] * 3
    at = await JournalTransaction.filter(kind="revenue.recognized").order_by("at").values_list("at", flat=True)
    assert [f"{one:%Y-%m-%dT%H:%M:%S.%f}" for one in at] == [f"2026-03-0{day}T15:59:59.999999" for day in (2, 3, 4)]


PARTS = st.lists(st.tuples(st.integers(0, 29), st.integers(1, 10**9)), min_size=1, max_size=4)


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(parts=PARTS, jumps=st.lists(st.integers(1, 20), max_size=5), days=st.integers(30, 40))
async def test_any_schedule_sums_up_and_is_never_ahead_of_what_was_charged(
    api: Api, parts: list[tuple[int, int]], jumps: list[int], days: int
) -> None:
    price = sum(minor for _, minor in parts)
    schedule = [(TODAY + timedelta(days=due), f"{minor // 100}.{minor % 100:02}") for due, minor in parts]
    made = offer(TODAY, days, *schedule, price=f"{price // 100}.{price % 100:02}")
    mine, account, _ = await under_contract(api, **made)
    key = decode_id(account, "Account", "account")
    for jump in [*jumps, 60]:
        await days_pass(mine, account, jump)
    rows = await RevenueRecognition.filter(account_id=key).order_by("day")
    assert [row.day for row in rows] == [TODAY + timedelta(days=number) for number in range(days)]
    for number, row in enumerate(rows, 1):
        charged = sum(minor for due, minor in parts if due < number)
        assert row.recognized_minor == (charged if number == days else min(charged, price * number // days))
    assert sum(row.amount_minor for row in rows) == price


async def give_back(runtime: Runtime, account: UUID, minor: int) -> None:
    charge = await Charge.filter(account_id=account, kind="INSTALMENT").first()
    assert charge is not None
    async with in_transaction():
        await credit(runtime.host, charge.id, minor, "agreed", SYSTEM)
