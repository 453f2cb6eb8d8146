"""Money as the API shows and reads it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import strawberry
from settlement_spec import Money as SpecMoney

from app.errors import InvalidInput

MINOR_PER_MAJOR = 100


@strawberry.type(description="An amount of money.")
class Money:
    """Shown in major units, exactly."""

    amount: Decimal = strawberry.field(description="Major units (such as yuan) with two decimals, as a string.")
    currency: str = strawberry.field(description="ISO 4217 code, such as CNY.")


def money(minor: int, currency: str) -> Money:
    """Minor units (fen, cents) as the API shows them."""
    return Money(amount=Decimal(minor).scaleb(-2).quantize(Decimal("0.01")), currency=currency)


def amounts(minor: Mapping[str, int]) -> list[Money]:
    """Minor units by currency as the API shows them, in order of the currencies."""
    return [money(amount, currency) for currency, amount in sorted(minor.items())]


def from_minor(attribute: str) -> Callable[[Any], Money]:
    """Reads a row's column of minor units of its ``currency``."""
    return lambda row: money(getattr(row, attribute), row.currency)


def from_amount(attribute: str) -> Callable[[Any], Money]:
    """Reads an attribute that is minor units with their currency (``settlement_spec.Money``)."""

    def read(row: Any) -> Money:
        found: SpecMoney = getattr(row, attribute)
        return money(found.minor, found.currency)

    return read


def minor_units(amount: Decimal, name: str) -> int:
    """The minor units of an amount that a client sent.

    Raises:
        InvalidInput: not a finite number with at most two decimals, or beyond a hundred million.
    """
    if not amount.is_finite() or abs(amount) > 100_000_000 or (scaled := amount * MINOR_PER_MAJOR) != int(scaled):
        raise InvalidInput(
            reason_en=f"{name} must be an amount such as 1000.00, with at most two decimals",
            reason_zh=f"{name} 须为金额,例如 1000.00,至多两位小数",
            path=(name,),
        )
    return int(scaled)
