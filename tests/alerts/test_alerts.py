"""Forecasts, budgets and low balances."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tortoise.transactions import in_transaction

from app.accounts.models import Account
from app.alerts.forecast import Forecast, expected
from app.alerts.watching import check_alerts
from app.api.node import decode_id
from app.bootstrap import Runtime
from app.catalog.models import Aggregation
from app.closing.days import close_due
from app.closing.instalments import raise_instalment
from app.deployments.models import Deployment
from app.settlement.settling import settle_due
from tests.api.driver import Api, Enum, activate, advance, license_and_key, registered, upgraded
from tests.applications.steps import agreed_and_accepted, offered, terms
from tests.billing.factory import meter_of, plan_of, report
from tests.conftest import TravellingClock

DAY = 86_400
EVENTS = "events(last: 50) { nodes { type after } }"


async def told(api: Api, account: str, type: str) -> list[dict[str, object]]:
    nodes = (await api.account(account, EVENTS))["events"]["nodes"]
    return [node["after"] for node in nodes if node["type"] == type]


@given(
    spent=st.integers(0, 10**9),
    daily=st.integers(0, 10**7),
    today=st.dates(date(2025, 1, 1), date(2027, 12, 31)),
    behind=st.integers(0, 40),
)
def test_a_forecast_is_what_is_charged_and_the_mean_of_each_day_to_come(
    spent: int, daily: int, today: date, behind: int
) -> None:
    last = today - timedelta(days=behind)
    begin = today.replace(day=1)
    length = ((begin + timedelta(days=32)).replace(day=1) - begin).days
    to_come = length - (last.day if last >= begin else 0)
    assert expected(spent, daily, last, today) == spent + to_come * daily


@pytest.mark.parametrize(("balance", "daily", "days"), [(1000, 100, 10), (999, 100, 9), (-5, 100, 0), (100, 0, None)])
def test_a_balance_lasts_whole_days(balance: int, daily: int, days: int | None) -> None:
    assert Forecast("2026-03", "CNY", 0, 0, daily).lasts_days(balance) == days


async def spending(api: Api) -> tuple[Api, str]:
    """An account whose first two billed days, 2026-03-10 and 11, cost 100 CNY each."""
    mine, account = await upgraded(api)
    await activate(mine, *await license_and_key(mine, account))
    await advance(mine, account, 9 * DAY + DAY // 2)
    return mine, account


async def test_the_forecast_of_a_month(api: Api, travelling_clock: TravellingClock) -> None:
    mine, account = await registered(api)
    assert (await mine.account(account, "forecast { month }"))["forecast"] is None
    mine, account = await spending(api)
    found = await mine.account(
        account, "forecast { month monthToDate { amount } expected { amount } daily { amount } balanceLastsDays }"
    )
    assert found["forecast"] == {
        "month": "2026-03",
        "monthToDate": {"amount": "200.00"},
        "expected": {"amount": "2200.00"},
        "daily": {"amount": "100.00"},
        "balanceLastsDays": 0,
    }


async def test_days_before_a_subscription_say_nothing_of_those_under_it(
    api: Api, travelling_clock: TravellingClock
) -> None:
    mine, account = await spending(api)
    contract = terms(date(2026, 3, 12), 365, (date(2026, 4, 12), "12000.00"), validUntil="2026-03-20T00:00:00Z")
    _, _, offer = await offered(api, mine, account, **contract)
    done = await agreed_and_accepted(mine, account, offer)
    assert done["__typename"] == "AcceptOfferSuccess", done
    await advance(mine, account, DAY)
    found = await mine.account(
        account, "edition forecast { monthToDate { amount } expected { amount } daily { amount } }"
    )
    assert found["edition"] == "SUBSCRIPTION"
    assert found["forecast"] == {
        "monthToDate": {"amount": "200.00"},
        "expected": {"amount": "200.00"},
        "daily": {"amount": "0.00"},
    }


async def test_a_budget_tells_of_each_threshold_once_a_month(
    api: Api, runtime: Runtime, travelling_clock: TravellingClock
) -> None:
    mine, account = await spending(api)
    await mine.call("setBudget", "budget { thresholds }", accountId=account, amount="300.00", thresholds=[100, 50])
    for _ in range(3):
        await check_alerts(runtime.host)
        travelling_clock.forward(minutes=1)
    reached = await told(mine, account, "budget.threshold_reached")
    fired = [(found["thresholdPercent"], found["forecast"]) for found in reached]
    assert fired == [(50, False), (50, True), (100, True)]
    await advance(mine, account, DAY)
    travelling_clock.forward(minutes=1)
    await check_alerts(runtime.host)
    assert len(await told(mine, account, "budget.threshold_reached")) == 4


async def test_a_month_is_reviewed_until_its_last_charge_is_raised_and_corrected(
    api: Api, runtime: Runtime, travelling_clock: TravellingClock
) -> None:
    mine, account = await spending(api)
    await mine.call("setBudget", "budget { thresholds }", accountId=account, amount="2200.00", thresholds=[100, 110])
    await travel(mine, account, datetime(2026, 3, 31, 15, tzinfo=UTC))
    await check_alerts(runtime.host)
    assert await told(mine, account, "budget.threshold_reached") == [reached("2026-03", 100, True, 220_000)]
    await advance(mine, account, 2 * 3600)
    travelling_clock.forward(minutes=1)
    await check_alerts(runtime.host)
    assert (await told(mine, account, "budget.threshold_reached"))[1:] == [
        reached("2026-03", 100, False, 220_000),
        reached("2026-04", 100, True, 300_000),
        reached("2026-04", 110, True, 300_000),
    ]
    deployment = await Deployment.get()
    await report(deployment, datetime(2026, 3, 31, 1, tzinfo=UTC), 64)
    await close_due()
    travelling_clock.forward(minutes=1)
    await check_alerts(runtime.host)
    assert (await told(mine, account, "budget.threshold_reached"))[4:] == [reached("2026-03", 110, False, 242_000)]


async def test_nobody_is_told_of_months_before_the_budget_was_set(
    api: Api, runtime: Runtime, travelling_clock: TravellingClock
) -> None:
    mine, account = await spending(api)
    await advance(mine, account, 30 * DAY)
    await mine.call("setBudget", "budget { thresholds }", accountId=account, amount="100.00", thresholds=[100])
    await check_alerts(runtime.host)
    assert {found["period"] for found in await told(mine, account, "budget.threshold_reached")} == {"2026-04"}


async def test_another_amount_is_told_of_anew_from_the_day_on_which_it_was_set(
    api: Api, runtime: Runtime, travelling_clock: TravellingClock
) -> None:
    mine, account = await spending(api)
    for_days: dict[str, Any] = {"accountId": account, "thresholds": [100], "period": Enum("DAY")}
    for amount, period in (("200.00", Enum("MONTH")), ("150.00", Enum("DAY"))):
        await mine.call("setBudget", "__typename", amount=amount, **{**for_days, "period": period})
    await advance(mine, account, 2 * DAY)
    await check_alerts(runtime.host)
    found = await told(mine, account, "budget.threshold_reached")
    assert [(one["period"], one["budgetMinor"]) for one in found] == [("2026-03", 20_000)] * 2
    for amount, period in (("300.00", Enum("MONTH")), ("100.00", Enum("DAY"))):
        for _ in range(2):
            await mine.call("setBudget", "__typename", amount=amount, **{**for_days, "period": period})
    for days in range(2):
        travelling_clock.forward(minutes=1)
        await check_alerts(runtime.host)
        found = await told(mine, account, "budget.threshold_reached")
        anew = [(one["period"], one["forecast"], one["budgetMinor"]) for one in found[2:]]
        expected = [("2026-03", False, 30_000), ("2026-03", True, 30_000), ("2026-03-14", False, 10_000)]
        assert anew == expected[: 2 + days]
        await advance(mine, account, DAY)


async def test_a_days_budget_tells_of_each_day_once_and_of_no_forecast(
    api: Api, runtime: Runtime, travelling_clock: TravellingClock
) -> None:
    mine, account = await spending(api)
    for_days: dict[str, Any] = {"accountId": account, "thresholds": [100], "period": Enum("DAY")}
    await mine.call("setBudget", "budget { period meter }", amount="100.00", **for_days)
    await check_alerts(runtime.host)
    assert await told(mine, account, "budget.threshold_reached") == []
    await advance(mine, account, 2 * DAY)
    for _ in range(2):
        travelling_clock.forward(minutes=1)
        await check_alerts(runtime.host)
    reached = await told(mine, account, "budget.threshold_reached")
    assert [(one["period"], one["forecast"], one["spentMinor"]) for one in reached] == [
        ("2026-03-12", False, 10_000),
        ("2026-03-13", False, 10_000),
    ]


async def test_a_meters_budget_counts_the_days_of_that_meter_alone(
    api: Api, runtime: Runtime, travelling_clock: TravellingClock
) -> None:
    mine, account = await spending(api)
    plan = await plan_of(2)
    async with in_transaction():
        key = decode_id(account, "Account", "id")
        await raise_instalment(await Account.get(id=key), plan.id, date(2026, 3, 11), 50_000)
    other = await meter_of("log_gb", Aggregation.SUM)
    for meter, amount in (("datakit", "200.00"), (other.key, "0.01"), (None, "700.00")):
        given: dict[str, Any] = {"meter": meter} if meter else {}
        await mine.call("setBudget", "__typename", accountId=account, amount=amount, thresholds=[100], **given)
    found = await mine.account(account, "budgets { period meter amount { amount } thresholds }")
    assert [(one["meter"], one["amount"]["amount"]) for one in found["budgets"]] == [
        ("datakit", "200.00"), ("log_gb", "0.01"), (None, "700.00")
    ]  # fmt: skip
    await check_alerts(runtime.host)
    reached = [one for one in await told(mine, account, "budget.threshold_reached") if not one["forecast"]]
    assert [(one.get("meter"), one["spentMinor"]) for one in reached] == [("datakit", 20_000), (None, 70_000)]
    await mine.call("removeBudget", "account { id }", accountId=account, meter="datakit")
    found = await mine.account(account, "budgets { meter } budget { amount { amount } }")
    assert [one["meter"] for one in found["budgets"]] == ["log_gb", None]
    assert found["budget"] == {"amount": {"amount": "700.00"}}


async def test_a_usage_alert_tells_of_the_running_day_and_of_what_is_reported_after_it(
    api: Api, runtime: Runtime, travelling_clock: TravellingClock
) -> None:
    mine, account = await spending(api)
    await mine.call("setUsageAlert", "usageAlert { meter thresholds }", accountId=account, thresholds=[50, 30])
    deployment = await Deployment.get()
    await report(deployment, datetime(2026, 3, 11, 1, tzinfo=UTC), 90)
    await report(deployment, datetime(2026, 3, 11, 20, tzinfo=UTC), 30)
    for _ in range(2):
        await check_alerts(runtime.host)
        travelling_clock.forward(minutes=1)
    assert await told(mine, account, "usage.threshold_reached") == [used("2026-03-12", 30, 30)]
    await advance(mine, account, DAY)
    await report(deployment, datetime(2026, 3, 12, 2, tzinfo=UTC), 55)
    await report(deployment, datetime(2026, 3, 12, 20, tzinfo=UTC), 29)
    await check_alerts(runtime.host)
    assert (await told(mine, account, "usage.threshold_reached"))[1:] == [used("2026-03-12", 55, 50)]
    for _ in range(2):
        removed = await mine.call("removeUsageAlert", "account { usageAlerts { meter } }", accountId=account)
        assert removed["account"]["usageAlerts"] == []


def used(day: str, quantity: int, threshold: int) -> dict[str, object]:
    return {"meter": "datakit", "day": day, "quantity": quantity, "threshold": threshold}


async def test_currencies_are_never_added(api: Api, runtime: Runtime, travelling_clock: TravellingClock) -> None:
    mine, account = await spending(api)
    key = decode_id(account, "Account", "id")
    plan = await plan_of(2, currency="USD")
    async with in_transaction():
        await raise_instalment(await Account.get(id=key), plan.id, date(2026, 3, 11), 90_000_000)
    await mine.call("setBudget", "budget { thresholds }", accountId=account, amount="10000.00", thresholds=[100])
    await check_alerts(runtime.host)
    assert await told(mine, account, "budget.threshold_reached") == []
    found = (await mine.account(account, "forecast { monthToDate { amount currency } expected { amount } }"))[
        "forecast"
    ]
    assert found == {"monthToDate": {"amount": "200.00", "currency": "CNY"}, "expected": {"amount": "2200.00"}}
    await mine.call("setBudget", "__typename", accountId=account, amount="9000", thresholds=[100], currency="USD")
    travelling_clock.forward(minutes=1)
    await check_alerts(runtime.host)
    (told_of, by_forecast) = await told(mine, account, "budget.threshold_reached")
    assert (told_of["spentMinor"], told_of["currency"], by_forecast["forecast"]) == (90_000_000, "USD", True)


async def travel(mine: Api, account: str, to: datetime) -> None:
    now = (await Account.get(id=decode_id(account, "Account", "id"))).now()
    await advance(mine, account, int((to - now).total_seconds()))


def reached(month: str, percent: int, forecast: bool, spent: int) -> dict[str, object]:
    return {
        "period": month,
        "meter": None,
        "thresholdPercent": percent,
        "forecast": forecast,
        "spentMinor": spent,
        "budgetMinor": 220_000,
        "currency": "CNY",
    }


async def test_a_low_balance_is_told_of_once_until_it_was_enough_again(
    api: Api, runtime: Runtime, travelling_clock: TravellingClock
) -> None:
    mine, account = await spending(api)
    await mine.call("setBalanceAlert", "balanceAlert { days }", accountId=account, days=7)
    while await settle_due(runtime.host):
        pass
    for _ in range(2):
        await check_alerts(runtime.host)
        travelling_clock.forward(minutes=1)
    assert [found["lastsDays"] for found in await told(mine, account, "balance.low")] == [0]
    assert (await mine.account(account, "balanceAlert { low }"))["balanceAlert"] == {"low": True}


@pytest.mark.parametrize(
    ("mutation", "arguments", "path"),
    [
        ("setBudget", {"amount": "0", "thresholds": [50]}, "amount"),
        ("setBudget", {"amount": "1.001", "thresholds": [50]}, "amount"),
        ("setBudget", {"amount": "10", "thresholds": []}, "thresholds"),
        ("setBudget", {"amount": "10", "thresholds": [0]}, "thresholds"),
        ("setBudget", {"amount": "10", "thresholds": [50], "currency": "yuan"}, "currency"),
        ("setBudget", {"amount": "10", "thresholds": [50], "currency": "XQQ"}, "currency"),
        ("setBudget", {"amount": "10", "thresholds": [50], "currency": "EUR"}, "currency"),
        ("setBudget", {"amount": "10", "thresholds": [50], "meter": "unheard_of"}, "meter"),
        ("setUsageAlert", {"thresholds": []}, "thresholds"),
        ("setUsageAlert", {"thresholds": [0]}, "thresholds"),
        ("setUsageAlert", {"thresholds": [10**12 + 1]}, "thresholds"),
        ("setUsageAlert", {"thresholds": [1], "meter": "unheard_of"}, "meter"),
        ("setBalanceAlert", {"days": 0}, "days"),
    ],
)
async def test_senseless_alerts_are_refused(api: Api, mutation: str, arguments: dict[str, object], path: str) -> None:
    mine, account = await registered(api)
    refused = await mine.call(mutation, "__typename", accountId=account, **arguments)  # type: ignore[arg-type]
    assert (refused["__typename"], refused["path"]) == ("InvalidInputError", [path])


async def test_a_budget_and_an_alert_are_removed(api: Api, runtime: Runtime, travelling_clock: TravellingClock) -> None:
    mine, account = await spending(api)
    await mine.call("setBudget", "budget { thresholds }", accountId=account, amount="300.00", thresholds=[50])
    await mine.call("setBalanceAlert", "balanceAlert { days }", accountId=account, days=7)
    other, _ = await registered(api)
    for mutation, field in (
        ("removeBudget", "budgets { amount { amount } }"),
        ("removeBalanceAlert", "balanceAlert { low }"),
    ):
        assert (await other.call(mutation, "account { id }", accountId=account))["code"] == "NOT_FOUND"
        for _ in range(2):
            removed = await mine.call(mutation, f"account {{ {field} }}", accountId=account)
            assert list(removed["account"].values()) in ([None], [[]])
    await check_alerts(runtime.host)
    types = [node["type"] for node in (await mine.account(account, EVENTS))["events"]["nodes"]]
    assert [type for type in types if type.startswith(("budget.", "balance"))] == [
        "budget.set",
        "balance_alert.set",
        "budget.removed",
        "balance_alert.removed",
    ]
