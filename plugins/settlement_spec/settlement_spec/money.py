"""Money as an integer number of minor units."""

from __future__ import annotations

import re
from dataclasses import dataclass

CURRENCY = re.compile(r"[A-Z]{3}", re.ASCII)


@dataclass(frozen=True)
class Money:
    """``minor`` minor units (fen, cents) of an ISO 4217 ``currency``; never a float.

    Raises:
        TypeError: ``minor`` is no ``int``.
        ValueError: ``currency`` has not the form of an ISO 4217 code.
    """

    minor: int
    currency: str

    def __post_init__(self) -> None:
        if type(self.minor) is not int:
            raise TypeError(f"minor units are an int, not {type(self.minor).__name__}")
        if not CURRENCY.fullmatch(self.currency):
            raise ValueError(f"{self.currency!r} is no ISO 4217 currency code")

    def __str__(self) -> str:
        return f"{self.minor} {self.currency} (minor units)"
