"""Connections that are lost: the task that had one goes on with another."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Awaitable, Callable

import pytest
from tortoise.connection import get_connection
from tortoise.transactions import in_transaction

from app.db.engine import patience
from app.errors import Overloaded

POOL = 10
LOST = "lost|no connection"


async def backend() -> int:
    rows = await get_connection("default").execute_query_dict("SELECT pg_backend_pid() AS pid")
    return int(rows[0]["pid"])


def kill(pid: int) -> None:
    """End a connection's process, before this one can notice."""
    os.kill(pid, signal.SIGTERM)
    time.sleep(0.05)


async def nothing() -> None:
    async with in_transaction():
        pass


async def lose_within(then: Callable[[], Awaitable[object]]) -> None:
    async with in_transaction():
        kill(await backend())
        await then()


async def test_a_connection_lost_before_a_transaction_costs_one_try_and_no_more(database: str) -> None:
    for _ in range(POOL + 2):
        kill(await backend())
        with pytest.raises(Exception, match=LOST):
            await nothing()
        await nothing()


@pytest.mark.parametrize("then", [backend, nothing])
async def test_a_connection_lost_within_a_transaction_costs_that_transaction(
    database: str, then: Callable[[], Awaitable[object]]
) -> None:
    for _ in range(POOL + 2):
        with pytest.raises(Exception, match=LOST):
            await lose_within(then)
        await nothing()
        await backend()


async def test_who_waits_too_long_for_a_connection_is_told_to_come_again(database: str) -> None:
    held, let_go = [asyncio.Event() for _ in range(POOL)], asyncio.Event()

    async def hold(mine: asyncio.Event) -> None:
        async with in_transaction():
            mine.set()
            await let_go.wait()

    holding = [asyncio.create_task(hold(one)) for one in held]
    await asyncio.gather(*(one.wait() for one in held))
    waits = patience.set(0.05)
    try:
        with pytest.raises(Overloaded):
            await backend()
        with pytest.raises(Overloaded):
            await nothing()
    finally:
        patience.reset(waits)
        let_go.set()
        await asyncio.gather(*holding)
    await nothing()
