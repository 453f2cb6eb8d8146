"""Amounts of money: integers of minor units, of which ISO 4217 says how many decimals they are of a currency."""

from __future__ import annotations

from decimal import Decimal
from functools import cache

from iso4217 import Currency


@cache
def exponent(currency: str) -> int:
    """How many decimals an amount of a currency has: JPY 0, CNY 2, KWD 3.

    Raises:
        ValueError: there is no such currency, or nothing is priced in it, as in XAU.
    """
    decimals = Currency(currency).exponent
    if decimals is None:
        raise ValueError(f"{currency} has no minor unit")
    return int(decimals)


def is_currency(code: str) -> bool:
    """Whether amounts can be of a currency with this code."""
    try:
        exponent(code)
    except ValueError:
        return False
    return True


def major(minor: int, currency: str) -> Decimal:
    """Minor units (fen, cents) in major units, exactly, with the currency's decimals."""
    return Decimal(minor).scaleb(-exponent(currency))


def in_major_units(minor: int, currency: str) -> str:
    """``major`` as text, such as ``-12.05``."""
    return f"{major(minor, currency):f}"
