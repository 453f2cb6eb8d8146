"""A provider that counts units knows no charges: its book is split by the charges that it was written down for."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID, uuid4

from settlement_spec.conformance import Collected


def apportioned(booked: int, units: Sequence[tuple[UUID, int]], reference: str) -> list[Collected]:
    """A booked quantity by charge: a surplus or a lack is the first's, and what is nobody's shows as such."""
    if not units:
        return [Collected(uuid4(), booked, reference)]
    surplus = booked - sum(number for _, number in units)
    return [
        Collected(charge_id, number + (surplus if position == 0 else 0), reference)
        for position, (charge_id, number) in enumerate(units)
    ]
