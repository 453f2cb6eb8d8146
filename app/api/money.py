"""Money as the API shows and reads it."""

from __future__ import annotations

from decimal import Decimal

import strawberry

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
