"""Transactions that take long, of each kind so many at once that they leave connections for everything else."""

from __future__ import annotations

from asyncio import Semaphore
from dataclasses import dataclass
from typing import Literal, Self

from starlette.requests import HTTPConnection

Lane = Literal["outward", "passwords", "bulk"]


@dataclass(frozen=True)
class Lanes:
    """What to hold before the transaction begins.

    ``outward``: it waits for a settlement provider. ``passwords``: it waits for a password's hash. ``bulk``: it copies
    usage in bulk.
    """

    outward: Semaphore
    passwords: Semaphore
    bulk: Semaphore

    @classmethod
    def of(cls, connections: int) -> Self:
        """Shares of the database's connections."""

        def one_in(parts: int) -> Semaphore:
            return Semaphore(max(1, connections // parts))

        return cls(outward=one_in(2), passwords=one_in(5), bulk=one_in(5))


def lanes_of(request: HTTPConnection) -> Lanes:
    """The lanes of the application that serves the request."""
    found: Lanes = request.app.state.lanes
    return found
