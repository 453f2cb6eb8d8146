"""Money as an integer number of minor units."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Money:
    """``minor`` minor units (fen, cents) of an ISO 4217 ``currency``; never a float."""

    minor: int
    currency: str
