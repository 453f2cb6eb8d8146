"""Servers that do the same work, checked for it and then timed in turns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import asyncpg

from app.db.connection import credentials
from bench.reports import Call, plan_calls, spread
from bench.servers import Server
from bench.serving import forget_peak, peak_memory, processor_time
from bench.wire import drive


@dataclass
class Contestant:
    """A server, how to ask it, what it has stored, and what came of it."""

    label: str
    server: Server
    request: Callable[[Call], bytes]
    good: bytes
    """What every good answer contains."""
    stored: str
    """SQL of deployment_id, hour, ids and quantity of the deployments $1."""
    deployments: list[UUID]
    speeds: list[float] = field(default_factory=list)
    """Calls a second of each timed round."""
    peak: int | None = None
    """The most memory during the timed rounds, in KiB."""
    calls: int = 0
    """How many it has answered in the timed rounds."""
    server_time: float = 0.0
    """Processor seconds of the server for these calls."""
    postgres_time: float = 0.0
    """Processor seconds of PostgreSQL for these calls, if it is known."""

    async def answer(self, calls: Sequence[Call]) -> float:
        """Calls a second; requests are made, and signed, before the clock starts."""
        requests = [self.request(call) for call in calls]
        queues = spread(requests, len(self.deployments))
        return (await drive(self.server.ports, queues, lambda body: self.good in body)).speed

    async def timed(self, calls: Sequence[Call], postmaster: int | None) -> None:
        """Answer a timed round, and keep how fast, and how much processor time it took."""
        server, postgres = self.server.processor_time(), processor_time(postmaster) if postmaster else 0.0
        self.speeds.append(await self.answer(calls))
        self.server_time += self.server.processor_time() - server
        self.postgres_time += processor_time(postmaster) - postgres if postmaster else 0.0
        self.calls += len(calls)

    async def rows(self, database: str) -> list[tuple[int, datetime, tuple[str, ...], int]]:
        """What is stored, with the deployments' numbers in place of their keys."""
        connection = await asyncpg.connect(**credentials(database))
        try:
            rows = await connection.fetch(self.stored, self.deployments)
        finally:
            await connection.close()
        number = {key: index for index, key in enumerate(self.deployments)}
        return sorted((number[row["deployment_id"]], row["hour"], tuple(row["ids"]), row["quantity"]) for row in rows)


async def contend(
    contestants: Sequence[Contestant], database: str, rounds: int, count: int, size: int, postmaster: int | None
) -> None:
    """Check that all have stored the same, then time them in turns, each round beginning with another one.

    A call has ``size`` ids. ``postmaster`` is the process of PostgreSQL, if it is on this machine.

    Raises:
        RuntimeError: they have not stored the same, or one answered wrongly.
    """
    connections = len(contestants[0].deployments)
    await check(contestants, database, connections, size)
    for number in range(rounds + 1):
        calls = plan_calls(count, connections, (10 + number) * connections + number * count, size)
        first = number % len(contestants)
        for contestant in (*contestants[first:], *contestants[:first]):
            if number == 0:
                await contestant.answer(calls)
                forget_peak(contestant.server.pids[0])
            else:
                await contestant.timed(calls, postmaster)
    for contestant in contestants:
        contestant.peak = peak_memory(contestant.server.pids[0])


async def check(contestants: Sequence[Contestant], database: str, connections: int, size: int) -> None:
    """Send all the same reports, half of the ids of each hour twice, and compare the ids that each has stored."""
    calls = [
        call for offset in (0, connections * 720) for call in plan_calls(connections * 5, connections, offset, size)
    ]
    expected: list[tuple[int, datetime, tuple[str, ...], int]] = []
    for contestant in contestants:
        await contestant.answer(calls)
        rows = await contestant.rows(database)
        expected = expected or rows
        if rows != expected or len(rows) != connections * 5 or any(row[-1] != size + size // 2 for row in rows):
            raise RuntimeError(f"{contestant.label} has stored something else: {len(rows)} hours")
