"""Money as the API shows and reads it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import strawberry
from settlement_spec import Money as SpecMoney

from app.money import major


@strawberry.type(description="An amount of money.")
class Money:
    """Shown in major units, exactly."""

    amount: Decimal = strawberry.field(
        description="Major units (such as yuan) as a string, with the decimals that ISO 4217 gives the currency."
    )
    currency: str = strawberry.field(description="ISO 4217 code, such as CNY.")


def money(minor: int, currency: str) -> Money:
    """Minor units (fen, cents) as the API shows them."""
    return Money(amount=major(minor, currency), currency=currency)


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
