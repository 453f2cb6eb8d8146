"""The oracle that `price_day` in the database is compared with: its own rules, without the database."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.billing.prices import QUANTITY, prices
from tests.billing.rating import Price, Tier, flat, rate_day


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


@given(st.integers(0, 10**7), st.integers(0, 10**6), st.integers(0, 10**4))
def test_a_day_costs_its_count_or_the_minimum(count: int, price: int, minimum: int) -> None:
    rated = rate_day(count, flat(price, minimum))
    assert rated.billed_quantity == max(count, minimum)
    assert rated.amount_minor == rated.billed_quantity * price


@given(st.integers(max_value=-1))
def test_a_negative_count_is_no_count(count: int) -> None:
    with pytest.raises(ValueError):
        rate_day(count, flat(500, 20))


@pytest.mark.parametrize(("count", "yuan"), [(0, 100), (19, 100), (20, 100), (21, 105), (5_000, 25_000)])
def test_the_price_of_the_first_plan(count: int, yuan: int) -> None:
    assert rate_day(count, flat(500, 20)).amount_minor == yuan * 100
