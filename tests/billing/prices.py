"""Prices of every shape, for hypothesis."""

from __future__ import annotations

from hypothesis import strategies as st

from tests.billing.rating import Price, Tier

MONEY = st.integers(0, 10**6)
QUANTITY = st.integers(0, 10**9)


@st.composite
def prices(draw: st.DrawFn, volume: bool | None = None) -> Price:
    bounds = sorted(draw(st.sets(st.integers(1, 10**6), max_size=4)))
    tiers = [Tier(bound, draw(MONEY), draw(MONEY)) for bound in [*bounds, None]]
    if draw(st.booleans()):  # one price for every unit, which the database works out by another branch
        tiers = [Tier(None, draw(MONEY))]
    return Price(
        tiers,
        volume=draw(st.booleans()) if volume is None else volume,
        units_per_price=draw(st.integers(1, 10**6)),
        base_minor=draw(MONEY),
        free_quantity=draw(st.integers(0, 10**4)),
        minimum_quantity=draw(st.integers(0, 10**4)),
    )
