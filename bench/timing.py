"""Timing the same requests of several servers in turns."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import cycle, islice

from bench.reading import Side
from bench.serving import processor_time
from bench.wire import Paced, drive, pace, repeated

CONNECTIONS = 4
"""To each process: enough that it never waits for the client."""
WARMING, LEAST = 15, 3
"""Requests of each connection to warm up, so that statements are prepared and code is compiled, and in a round."""


@dataclass
class Timed:
    """What an operation took, a value for each round: milliseconds of processors for a request, and requests/s."""

    server: list[float] = field(default_factory=list)
    postgres: list[float] = field(default_factory=list)
    speeds: list[float] = field(default_factory=list)


@dataclass
class Timer:
    """Times operations of sides; ``postmaster`` is the process of PostgreSQL, if it is on this machine."""

    postmaster: int | None
    found: dict[tuple[str, str], Timed] = field(default_factory=dict)
    """By side and operation."""

    def of(self, side: Side, operation: str) -> Timed:
        """What was found."""
        return self.found.setdefault((side.label, operation), Timed())

    async def time(self, sides: Sequence[Side], operations: Sequence[str], rounds: int, seconds: float) -> None:
        """Time each operation on each side for so many seconds in each round, after one that only warms up.

        Each round begins with another side.
        """
        for number in range(rounds + 1):
            first = number % len(sides)
            for operation in operations:
                for side in (*sides[first:], *sides[:first]):
                    if number:
                        await self._once(side, operation, seconds)
                    else:
                        await drive(side.server.ports, _queues(side, operation, 0, WARMING), without_errors)

    async def _once(self, side: Side, operation: str, seconds: float) -> None:
        server, postgres = side.server.processor_time(), self._postgres()
        driven = await drive(side.server.ports, _queues(side, operation, seconds, LEAST), without_errors)
        timed = self.of(side, operation)
        timed.server.append((side.server.processor_time() - server) / driven.answered * 1000)
        timed.postgres.append((self._postgres() - postgres) / driven.answered * 1000)
        timed.speeds.append(driven.speed)

    async def latencies(self, side: Side, operation: str, seconds: float, load: float = 0.8) -> Paced:
        """How long answers take when ``load`` of the requests a second that were found are sent."""
        rate = load * statistics.median(self.of(side, operation).speeds)
        return await pace(side.server.ports, side.requests[operation], rate, seconds, without_errors)

    def _postgres(self) -> float:
        return processor_time(self.postmaster) if self.postmaster else 0.0


async def exercise(side: Side, count: int, looks: int = 10) -> list[int]:
    """Send ``count`` further requests, all kinds in turn; the memory that is held after each part of them, in KiB."""
    held, requests, at_once = [], cycle(side.requests.values()), connections(side)
    for _ in range(looks):
        part = count // looks // at_once
        await drive(side.server.ports, [list(islice(requests, part)) for _ in range(at_once)], without_errors)
        held.append(side.server.resident())
    return held


def connections(side: Side) -> int:
    """How many the client has open."""
    return CONNECTIONS * len(side.server.ports)


def _queues(side: Side, operation: str, seconds: float, least: int) -> list[Iterator[bytes]]:
    return [repeated(side.requests[operation], seconds, least) for _ in range(connections(side))]


def without_errors(body: bytes) -> bool:
    """Whether an answer is whole."""
    return b'"errors"' not in body
