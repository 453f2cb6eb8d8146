"""Connections that are lost: the task that had one goes on with another."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Awaitable, Callable

import pytest
from tortoise.connection import get_connection
from tortoise.transactions import in_transaction

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
