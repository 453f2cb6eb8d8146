"""Servers that do the same work, checked for it and then timed in turns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import asyncpg

from app.db.connection import credentials
from bench.reports import IDS, Call, plan_calls, spread
from bench.serving import forget_peak, peak_memory
from bench.wire import drive


@dataclass
class Contestant:
    """A server, how to ask it, what it has stored, and what came of it."""

    label: str
    port: int
    pid: int
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

    async def answer(self, calls: Sequence[Call]) -> float:
        """Calls a second; requests are made, and signed, before the clock starts."""
        requests = [self.request(call) for call in calls]
        queues = spread(requests, len(self.deployments))
        return len(calls) / await drive(self.port, queues, lambda body: self.good in body)

    async def rows(self, database: str) -> list[tuple[int, datetime, tuple[str, ...], int]]:
        """What is stored, with the deployments' numbers in place of their keys."""
        connection = await asyncpg.connect(**credentials(database))
        try:
            rows = await connection.fetch(self.stored, self.deployments)
        finally:
            await connection.close()
        number = {key: index for index, key in enumerate(self.deployments)}
        return sorted((number[row["deployment_id"]], row["hour"], tuple(row["ids"]), row["quantity"]) for row in rows)


async def contend(contestants: Sequence[Contestant], database: str, rounds: int, count: int) -> None:
    """Check that all have stored the same, then time them in turns, each round beginning with another one.

    Raises:
        RuntimeError: they have not stored the same, or one answered wrongly.
    """
    connections = len(contestants[0].deployments)
    await check(contestants, database, connections)
    for number in range(rounds + 1):
        calls = plan_calls(count, connections, (10 + number) * connections + number * count)
        first = number % len(contestants)
        for contestant in (*contestants[first:], *contestants[:first]):
            if number == 1:
                forget_peak(contestant.pid)
            speed = await contestant.answer(calls)
            if number:
                contestant.speeds.append(speed)
    for contestant in contestants:
        contestant.peak = peak_memory(contestant.pid)


async def check(contestants: Sequence[Contestant], database: str, connections: int) -> None:
    """Send all the same reports, half of the ids of each hour twice, and compare the ids that each has stored."""
    calls = plan_calls(connections * 5, connections, 0) + plan_calls(connections * 5, connections, connections * 720)
    expected: list[tuple[int, datetime, tuple[str, ...], int]] = []
    for contestant in contestants:
        await contestant.answer(calls)
        rows = await contestant.rows(database)
        expected = expected or rows
        if rows != expected or len(rows) != connections * 5 or any(row[-1] != IDS * 3 // 2 for row in rows):
            raise RuntimeError(f"{contestant.label} has stored something else: {len(rows)} hours")
