"""Prices as data: the arithmetic in Python, and the same in the database."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tortoise.connection import get_connection

from tests.billing.rating import Price, Tier, flat, rate_day

MONEY = st.integers(0, 10**6)
QUANTITY = st.integers(0, 10**9)


@st.composite
def prices(draw: st.DrawFn, volume: bool | None = None) -> Price:
    bounds = sorted(draw(st.sets(st.integers(1, 10**6), max_size=4)))
    tiers = [Tier(bound, draw(MONEY), draw(MONEY)) for bound in [*bounds, None]]
    return Price(
        tiers,
        volume=draw(st.booleans()) if volume is None else volume,
        units_per_price=draw(st.integers(1, 10**6)),
        base_minor=draw(MONEY),
        free_quantity=draw(st.integers(0, 10**4)),
        minimum_quantity=draw(st.integers(0, 10**4)),
    )


def test_pay_as_you_go_costs_5_cny_for_20_data_kits_at_least() -> None:
    price = flat(500, minimum_quantity=20)
    assert [rate_day(count, price).amount_minor for count in (0, 19, 20, 21, 1000)] == [
        10_000,
        10_000,
        10_000,
        10_500,
        500_000,
    ]


def test_the_vendors_own_example_comes_to_420_cny() -> None:
    amounts = [rate_day(count, flat(300)).amount_minor for count in (10, 10, 15, 15, 30, 30, 30)]
    assert amounts == [3_000, 3_000, 4_500, 4_500, 9_000, 9_000, 9_000]
    assert sum(amounts) == 42_000


@pytest.mark.parametrize(
    ("volume", "quantity", "amount"),
    [(False, 100, 1_000), (False, 101, 1_000 + 50 + 8), (True, 100, 1_000), (True, 101, 50 + 808), (True, 0, 0)],
)
def test_tiers_price_each_unit_by_its_own_tier_or_all_by_the_one_reached(
    volume: bool, quantity: int, amount: int
) -> None:
    price = Price((Tier(100, 10), Tier(None, 8, flat_minor=50)), volume=volume)
    assert rate_day(quantity, price).amount_minor == amount


def test_the_allowance_is_taken_off_before_the_minimum() -> None:
    price = Price((Tier(None, 10),), free_quantity=5, minimum_quantity=20)
    assert [rate_day(count, price).billed_quantity for count in (0, 24, 25, 26)] == [20, 20, 20, 21]


def test_a_price_for_several_units_rounds_half_up_once() -> None:
    price = Price((Tier(None, 1),), units_per_price=10)
    assert [rate_day(count, price).amount_minor for count in (4, 5, 14, 15)] == [0, 1, 1, 2]


def test_what_cannot_be_priced_is_refused() -> None:
    with pytest.raises(ValueError, match="never negative"):
        rate_day(-1, flat(500))
    with pytest.raises(ValueError, match="without end"):
        rate_day(11, Price((Tier(10, 1),)))


@given(prices(volume=False), st.lists(QUANTITY, min_size=2))
def test_more_usage_never_costs_less_with_graduated_tiers(price: Price, quantities: list[int]) -> None:
    rated = [rate_day(quantity, price).amount_minor for quantity in sorted(quantities)]
    assert {type(amount) for amount in rated} == {int}
    assert all(less <= amount for less, amount in pairwise([0, *rated]))


@given(prices(volume=False), QUANTITY)
def test_graduated_tiers_sum_up_unit_by_unit(price: Price, quantity: int) -> None:
    billed = rate_day(quantity, price).billed_quantity
    amount, begin = price.base_minor * price.units_per_price, 0
    for tier in price.tiers:
        end = billed if tier.up_to is None else min(billed, tier.up_to)
        if end > begin:
            amount += (end - begin) * tier.unit_price_minor + tier.flat_minor * price.units_per_price
            begin = end
    exact = rate_day(quantity, price).amount_minor * price.units_per_price - amount
    assert 2 * abs(exact) <= price.units_per_price


async def test_the_database_computes_the_same(database: str) -> None:
    connection = get_connection("default")
    cases: list[tuple[Price, int]] = []

    @settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(prices(), QUANTITY)
    def collect(price: Price, quantity: int) -> None:
        cases.append((price, quantity))

    collect()
    edges = [0, 1, 10**6, 10**6 + 1]
    cases += [(price, bound) for price, _ in cases for bound in (*(t.up_to for t in price.tiers if t.up_to), *edges)]
    rows = await connection.execute_query_dict(
        "SELECT priced.* FROM unnest($1::text[], $2::bigint[]) WITH ORDINALITY AS cases(plan, quantity, place) "
        "CROSS JOIN LATERAL price_day(jsonb_populate_record(null::price_plan, plan::jsonb), quantity) AS priced "
        "ORDER BY place",
        [[json.dumps(as_plan(price)) for price, _ in cases], [quantity for _, quantity in cases]],
    )
    for (price, quantity), row in zip(cases, rows, strict=True):
        rated = rate_day(quantity, price)
        assert row == {"billed": rated.billed_quantity, "amount": rated.amount_minor}, (price, quantity)


def as_plan(price: Price) -> dict[str, Any]:
    tiers = [
        {"up_to": tier.up_to, "unit_price_minor": tier.unit_price_minor, "flat_minor": tier.flat_minor}
        for tier in price.tiers
    ]
    flat_price = len(tiers) == 1 and not price.volume and not price.tiers[0].flat_minor
    return {
        "unit_price_minor": price.tiers[0].unit_price_minor,
        "tiers": [] if flat_price else tiers,
        "tier_mode": "VOLUME" if price.volume else "GRADUATED",
        "units_per_price": price.units_per_price,
        "base_minor": price.base_minor,
        "free_quantity": price.free_quantity,
        "minimum_quantity": price.minimum_quantity,
    }
