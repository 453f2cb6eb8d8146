"""Prices as data: the arithmetic in Python, and the same in the database."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import HealthCheck, given, settings
from tortoise.connection import get_connection

from tests.billing.prices import QUANTITY, prices
from tests.billing.rating import Price, rate_day


async def test_the_database_computes_the_same(database: str) -> None:
    connection = get_connection("default")
    cases: list[tuple[Price, int]] = []

    @settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(prices(), QUANTITY)
    def collect(price: Price, quantity: int) -> None:
        cases.append((price, quantity))

    collect()
    edges = [0, 1, 10**6, 10**6 + 1]
    for price, _ in list(cases):
        bounds = [tier.up_to for tier in price.tiers if tier.up_to]
        billed_at_bounds = [bound + price.free_quantity for bound in bounds]
        cases += [(price, quantity) for quantity in (*bounds, *billed_at_bounds, *edges)]
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
    flat_price = len(tiers) == 1 and not price.tiers[0].flat_minor
    return {
        "unit_price_minor": price.tiers[0].unit_price_minor,
        "tiers": [] if flat_price else tiers,
        "tier_mode": "VOLUME" if price.volume else "GRADUATED",
        "units_per_price": price.units_per_price,
        "base_minor": price.base_minor,
        "free_quantity": price.free_quantity,
        "minimum_quantity": price.minimum_quantity,
    }
