"""What a day costs, computed a second time, to compare ``price_day`` in the database with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Tier:
    """A range of units up to ``up_to`` (inclusive; ``None``: without end), in minor units of money."""

    up_to: int | None
    unit_price_minor: int
    flat_minor: int = 0


@dataclass(frozen=True)
class Price:
    """How a plan prices a day's quantity; the words are those of ``PricePlan``."""

    tiers: Sequence[Tier]
    volume: bool = False
    units_per_price: int = 1
    base_minor: int = 0
    free_quantity: int = 0
    minimum_quantity: int = 0


@dataclass(frozen=True)
class RatedDay:
    """What was billed for a day: the quantity priced, and the amount in minor units."""

    billed_quantity: int
    amount_minor: int


def flat(unit_price_minor: int, minimum_quantity: int = 0) -> Price:
    """One price for each unit."""
    return Price((Tier(None, unit_price_minor),), minimum_quantity=minimum_quantity)


def rate_day(quantity: int, price: Price) -> RatedDay:
    """Price a day's quantity: the free allowance is taken off, then less than the minimum counts as the minimum.

    Rounded once, half up, and only where a price is for several units.

    Raises:
        ValueError: a negative quantity, or one beyond the last tier.
    """
    if quantity < 0:
        raise ValueError("a count is never negative")
    billed = max(quantity - price.free_quantity, price.minimum_quantity, 0)
    scaled = fees = begin = 0
    for tier in price.tiers:
        if price.volume:
            units = billed if _reached(billed, begin) and (tier.up_to is None or billed <= tier.up_to) else 0
            entered = units > 0
        else:
            units = max(min(billed, billed if tier.up_to is None else tier.up_to) - begin, 0)
            entered = billed > begin
        scaled += units * tier.unit_price_minor
        fees += tier.flat_minor if entered else 0
        begin = begin if tier.up_to is None else tier.up_to
    if price.tiers[-1].up_to is not None and billed > begin:
        raise ValueError("the last tier must be without end")
    rounded = (2 * scaled + price.units_per_price) // (2 * price.units_per_price)
    return RatedDay(billed, price.base_minor + fees + rounded)


def _reached(billed: int, begin: int) -> bool:
    return billed > begin
