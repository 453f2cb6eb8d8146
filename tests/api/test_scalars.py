"""Amounts, times and numbers as arguments: what they may be, and that nothing else comes in."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from app.applications.models import Offer
from app.catalog.models import Aggregation
from app.errors import InvalidInput
from app.inputs import minor_units
from app.money import exponent, in_major_units, is_currency, major
from tests.api.driver import Api, Enum, activate, license_and_key, registered, upgraded
from tests.api.wallets import staff
from tests.applications.steps import TODAY, offered, terms
from tests.billing.factory import plan_of
from tests.conftest import TravellingClock


@pytest.mark.parametrize(
    ("currency", "minor", "shown"),
    [("CNY", -1205, "-12.05"), ("JPY", 1000, "1000"), ("KWD", 1234, "1.234"), ("CNY", 0, "0.00"), ("JPY", 0, "0")],
)
def test_an_amount_is_shown_with_the_currencys_decimals(currency: str, minor: int, shown: str) -> None:
    assert in_major_units(minor, currency) == str(major(minor, currency)) == shown
    assert minor_units(Decimal(shown), currency, "amount") == minor


@pytest.mark.parametrize("code", ["QQQ", "XAU", "XTS", "cny", "", "CNYX", "¥"])
def test_a_currency_is_one_of_iso_4217_that_is_priced_in(code: str) -> None:
    assert not is_currency(code)
    with pytest.raises(InvalidInput) as refused:
        minor_units(Decimal("1"), code, "amount")
    assert refused.value.path == ("currency",)


@pytest.mark.parametrize(
    ("amount", "currency", "decimals"),
    [
        ("1000.50", "JPY", 0),
        ("1000.0", "JPY", 0),
        ("1.2345", "KWD", 3),
        ("0.001", "CNY", 2),
        ("100000000.01", "CNY", 2),
    ],
)
def test_an_amount_has_at_most_the_currencys_decimals(amount: str, currency: str, decimals: int) -> None:
    assert exponent(currency) == decimals
    with pytest.raises(InvalidInput, match=f"with {decimals} decimals at most") as refused:
        minor_units(Decimal(amount), currency, "price")
    assert refused.value.path == ("price",)


@pytest.mark.parametrize(
    "amount",
    ["1_000", " 10 ", "١٢", "１００", "1e3", "1.", ".5", "+1", "NaN", "Infinity", "", "1,000.00", "0x10", "1" * 21],
)
async def test_an_amount_is_of_ascii_digits(api: Api, amount: str) -> None:
    mine, account = await upgraded(api)
    answer = await mine.answer(
        "mutation ($id: ID!, $amount: Decimal!) { requestTopUp(accountId: $id, amount: $amount) { __typename } }",
        id=account,
        amount=amount,
    )
    (error,) = answer["errors"]
    assert "of the form 1000.00" in error["message"]


async def test_an_amount_of_many_places_is_refused_by_its_currency(api: Api) -> None:
    mine, account = await upgraded(api)
    refused = await mine.call("requestTopUp", "topUp { id }", accountId=account, amount="1000.00000000000000000001")
    assert (refused["code"], refused["path"]) == ("INVALID_INPUT", ["amount"])


@pytest.mark.parametrize(
    ("currency", "price", "minor"), [("JPY", "1000", 1000), ("KWD", "1.234", 1234), ("USD", "10.50", 1050)]
)
async def test_an_offer_is_in_its_currencys_minor_units(
    api: Api, travelling_clock: TravellingClock, currency: str, price: str, minor: int
) -> None:
    mine, account = await registered(api)
    asked: dict[str, Any] = terms(TODAY, 365, (TODAY, price), currency=currency, price=price)
    manager, application, _ = await offered(api, mine, account, **asked)
    shown = await mine.account(account, "applications { nodes { offers { nodes { price { amount currency } } } } }")
    assert shown["applications"]["nodes"][0]["offers"]["nodes"][0]["price"] == {"amount": price, "currency": currency}
    assert [offer.price_minor for offer in await Offer.all()] == [minor]
    for wrong, path in (({"price": "1.2345"}, ["price"]), ({"currency": "QQQ"}, ["currency"])):
        refused = await manager.call("makeOffer", "offer { id }", applicationId=application, **asked | wrong)
        assert (refused["code"], refused["path"][0] in (*path, "schedule")) == ("INVALID_INPUT", True)


EDGES = [
    "9999-12-31T23:59:59-12:00",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59Z",
    "1969-12-31T23:59:59Z",
    "2026-01-31T09:00:00",
    "2026-01-31",
    "tomorrow",
]
OPERATIONS = {
    "createPersonalAccessToken": 'mutation ($at: DateTime!) { createPersonalAccessToken(name: "x", expiresAt: $at) '
    "{ __typename } }",
    "trialBalance": "query ($at: DateTime!) { trialBalance(until: $at) { kind } }",
    "reconcileChannel": 'mutation ($at: DateTime!) { reconcileChannel(channel: "guance", since: $at, until: $at) '
    "{ __typename } }",
}


@pytest.mark.parametrize("operation", OPERATIONS)
async def test_a_time_at_the_edge_of_the_calendar_or_without_its_offset_is_refused(api: Api, operation: str) -> None:
    finance = await staff(api)
    for at in EDGES:
        (error,) = (await finance.answer(OPERATIONS[operation], at=at))["errors"]
        assert "of the form 2026-01-31T09:00:00+08:00" in error["message"], at
        assert "INTERNAL" not in str(error)


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01", "1969-12-31", "2026-02-30", "20260131T00"])
async def test_a_day_at_the_edge_of_the_calendar_is_refused(api: Api, day: str) -> None:
    mine, account = await registered(api)
    answer = await mine.answer(
        "query ($id: ID!, $day: Date!) { account(id: $id) { usage(from: $day, to: $day) { days { day } } } }",
        id=account,
        day=day,
    )
    assert "of the form 2026-01-31" in answer["errors"][0]["message"]


async def test_what_exceeds_32_bits_is_reported_and_shown(api: Api, travelling_clock: TravellingClock) -> None:
    plan = await plan_of(2, Aggregation.SUM, units_per_price=1_000_000_000)
    mine, account = await upgraded(api)
    text, ak, sk = await license_and_key(mine, account)
    await activate(mine, text, ak, sk)
    travelling_clock.forward(days=9)
    hour = travelling_clock.at.replace(minute=0, second=0, microsecond=0) - timedelta(days=1)
    report: dict[str, Any] = {"hour": hour.isoformat(), "meter": plan.meter, "value": 3_000_000_000}
    told = await api.call("reportUsage", "accepted { count }", (ak, sk), fingerprint="fingerprint-1", reports=[report])
    assert told["accepted"] == [{"count": 3_000_000_000}]
    await (await staff(api, [Enum("OPERATOR")])).call("closeDay", "charges")  # type: ignore[list-item]
    shown = await mine.account(account, "charges { nodes { quantity billedQuantity } }")
    assert max(charge["quantity"] for charge in shown["charges"]["nodes"]) == 3_000_000_000
    assert datetime.fromisoformat(report["hour"]) == hour
