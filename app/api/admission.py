"""Whom the process serves next, and how much one caller may ask for.

A caller is a user or a service, else the network that a request comes from; from this machine without a token it is
nobody in particular, since everybody behind a proxy that hides where requests come from would be. All of it is kept in
memory, by each process for itself: it guards this process, and a count in the database would cost more than it saves.
"""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from starlette.requests import HTTPConnection

from app.api.lanes import MOST_WAITING, RETRY_AFTER, Queue
from app.errors import Overloaded, RateLimited
from app.settings import Settings

MINUTE = 60.0
MOST_KEPT = 10_000
A_CONNECTION = 2


class Budgets:
    """How much each caller may spend in a minute: a leaky bucket, which a minute empties."""

    def __init__(self, most: float) -> None:
        self._most = most
        self._spent: dict[str, tuple[float, float]] = {}

    def spend(self, caller: str, cost: float) -> None:
        """Count what a request costs.

        Raises:
            RateLimited: it is more than is left.
        """
        now = time.monotonic()
        level, at = self._spent.pop(caller, (0.0, now))
        level = max(0.0, level - (now - at) * self._most / MINUTE)
        over = level + cost - self._most
        if over > 0 and level > 0:
            self._spent[caller] = level, now
            raise RateLimited(retry_after=max(1, math.ceil(min(over, level) * MINUTE / self._most)))
        self._spent[caller] = level + cost, now
        while len(self._spent) > MOST_KEPT:
            del self._spent[next(iter(self._spent))]


class Admission:
    """The places that operations and connections have in one process."""

    def __init__(self, settings: Settings) -> None:
        self._budgets = Budgets(settings.cost_per_minute)
        self._at_once = max(2, settings.pool_size * A_CONNECTION)
        self._everybody = Queue(self._at_once, self._at_once)
        self._theirs: dict[str, tuple[Queue, int]] = {}
        self._most_arrived = self._at_once * 2
        self._arrived: Counter[str] = Counter()
        self._most_connections = settings.connections_per_caller
        self._connections: Counter[str] = Counter()

    def spend(self, caller: str | None, cost: float) -> None:
        """Count what a request of a caller costs.

        Raises:
            RateLimited: the caller has asked for too much within a minute.
        """
        if caller is not None:
            self._budgets.spend(caller, cost)

    @contextmanager
    def arrival(self, sender: str) -> Iterator[None]:
        """A request that has come, before anything is read of it: refusing must cost little, or what is refused takes
        the time of what is not. One sender (a token, else an address) has half of the room.

        Raises:
            Overloaded: too many are here already.
        """
        if self._arrived.total() >= self._most_arrived or self._arrived[sender] >= self._most_arrived // 2:
            raise Overloaded(retry_after=RETRY_AFTER)
        self._arrived[sender] += 1
        try:
            yield
        finally:
            self._arrived[sender] -= 1
            if not self._arrived[sender]:
                del self._arrived[sender]

    @asynccontextmanager
    async def place(self, caller: str | None) -> AsyncIterator[None]:
        """A place for an operation: a caller has a quarter of them at once, so that nobody takes all.

        Raises:
            Overloaded: too many wait already.
        """
        if caller is None:
            async with self._everybody:
                yield
            return
        queue, users = self._theirs.get(caller, (Queue(max(1, self._at_once // 4), MOST_WAITING), 0))
        self._theirs[caller] = queue, users + 1
        try:
            async with queue, self._everybody:
                yield
        finally:
            queue, users = self._theirs[caller]
            self._theirs[caller] = queue, users - 1
            if users == 1:
                del self._theirs[caller]

    @contextmanager
    def connection(self, caller: str | None) -> Iterator[bool]:
        """A connection of a caller that stays; whether there is one for it."""
        if caller is None or self._connections[caller] >= self._most_connections:
            yield caller is None
            return
        self._connections[caller] += 1
        try:
            yield True
        finally:
            self._connections[caller] -= 1
            if not self._connections[caller]:
                del self._connections[caller]


def admission_of(request: HTTPConnection) -> Admission:
    """The admission of the application that serves the request."""
    found: Admission = request.app.state.admission
    return found
