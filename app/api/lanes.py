"""Transactions that take long, of each kind so many at once that they leave connections for everything else."""

from __future__ import annotations

import asyncio
from asyncio import Semaphore
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Literal, Self

from starlette.requests import HTTPConnection

from app.errors import Overloaded
from app.settings import get_settings

MOST_WAITING = 20
RETRY_AFTER = 5
Lane = Literal["outward", "passwords", "providers", "bulk"]


class Queue:
    """So many at once, and so many who wait; whoever comes then is sent away, rather than served when nobody waits for
    the answer any more."""

    def __init__(self, at_once: int, waiting: int) -> None:
        self._turns = Semaphore(at_once)
        self._room = waiting

    async def __aenter__(self) -> None:
        if self._turns.locked() and self._room <= 0:
            raise Overloaded(retry_after=RETRY_AFTER)
        self._room -= 1
        try:
            await self._turns.acquire()
        finally:
            self._room += 1

    async def __aexit__(self, *_: object) -> None:
        self._turns.release()

    def locked(self) -> bool:
        """Whether whoever comes now waits."""
        return self._turns.locked()


@dataclass(frozen=True)
class Lanes:
    """What to hold before the transaction begins.

    ``outward``: it waits for a settlement provider. ``passwords``: it waits for a password's hash. ``providers``: it
    waits for a sign-in provider. ``bulk``: it copies usage in bulk.
    """

    outward: Queue
    passwords: Queue
    providers: Queue
    bulk: Queue

    @classmethod
    def of(cls, connections: int) -> Self:
        """Shares of the database's connections."""

        def one_in(parts: int) -> Queue:
            return Queue(max(1, connections // parts), MOST_WAITING)

        return cls(outward=one_in(2), passwords=one_in(5), providers=one_in(2), bulk=one_in(5))


@asynccontextmanager
async def in_time() -> AsyncIterator[None]:
    """Within a transaction: what takes too long in it, waiting for others above all, is rolled back.

    Raises:
        Overloaded: it took longer than ``BILLING_MUTATION_TIMEOUT_SECONDS``.
    """
    try:
        async with asyncio.timeout(get_settings().mutation_timeout_seconds):
            yield
    except TimeoutError:
        raise Overloaded(retry_after=RETRY_AFTER) from None


def lanes_of(request: HTTPConnection) -> Lanes:
    """The lanes of the application that serves the request."""
    found: Lanes = request.app.state.lanes
    return found
