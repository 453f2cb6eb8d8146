"""What a day costs. Pure: no table, no clock."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class RatedDay:
    """What was billed for a day: the quantity priced, and the amount in minor units."""

    billed_quantity: int
    amount_minor: int


def rate_day(quantity: int, unit_price_minor: int, minimum_quantity: int) -> RatedDay:
    """Price a day's DataKit count: fewer than the plan's minimum count as the minimum.

    Raises:
        ValueError: a negative quantity.
    """
    if quantity < 0:
        raise ValueError("a count is never negative")
    billed = max(quantity, minimum_quantity)
    return RatedDay(billed, billed * unit_price_minor)
