"""Closers killed in the middle, again and again: afterwards every figure is that of an undisturbed run."""

from __future__ import annotations

import asyncio
import random
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID

import pytest

from app import clock
from app.billing.ledger import check
from app.billing.models import Charge
from app.closing.days import close_due
from app.deployments.models import Deployment
from tests.billing.factory import billed_account, figures, report

CLOSER = """
import asyncio, sys
from app.closing import days
from app.db.connection import connected, tortoise_config
from app.settlement.host import ChannelHost

async def close(url):
    days.BATCH = 3
    async with connected(tortoise_config(url, ChannelHost().tortoise_apps())):
        print("ready", flush=True)
        sys.stdin.readline()
        while True:
            await days.close_due(closers=2)

asyncio.run(close(sys.argv[1]))
"""
DAYS = 3


@pytest.mark.slow
async def test_closers_killed_at_random_leave_every_figure_right(database: str) -> None:
    today = clock.local_day(clock.now(), "Asia/Shanghai")
    fleet = [await billed_account(today - timedelta(days=DAYS)) for _ in range(60)]
    counts = {deployment.id: 15 + number for number, deployment in enumerate(fleet)}
    await report_all(fleet, counts)
    with closers(database, 6) as running:
        for round_, pair in enumerate((running[:2], running[2:4], running[4:])):
            for process in pair:
                process.stdin.write(b"go\n")  # type: ignore[union-attr]
                process.stdin.flush()  # type: ignore[union-attr]
            late = [deployment for deployment in fleet if random.random() < 0.3]
            counts |= {deployment.id: counts[deployment.id] + 10 * (round_ + 1) for deployment in late}
            for process in pair:
                await asyncio.sleep(random.uniform(0.02, 0.15))
                await report_all(late, counts)
                process.kill()
                process.wait()
    await close_due()
    for deployment in fleet:
        rows = await figures(deployment.account_id)
        days: dict[object, int] = {}
        for day, sequence, *_, amount, entries, orders, events in rows:
            assert (entries, orders, events) == (2, 1, 1), (day, sequence)
            days[day] = days.get(day, 0) + amount
        assert list(days.values()) == [100_00] * (DAYS - 1) + [500 * max(20, counts[deployment.id])]
    assert await check() == []
    assert (await close_due()).charges == 0
    assert await Charge.filter(sequence=0).count() == DAYS * len(fleet)


async def report_all(fleet: list[Deployment], counts: dict[UUID, int]) -> None:
    yesterday = clock.local_day(clock.now(), "Asia/Shanghai") - timedelta(days=1)
    for deployment in fleet:
        hour = clock.day_start(yesterday, "Asia/Shanghai") + timedelta(hours=9)
        await report(deployment, hour, counts[deployment.id])


@contextmanager
def closers(url: str, count: int) -> Iterator[list[subprocess.Popen[bytes]]]:
    running = [
        subprocess.Popen(
            [sys.executable, "-W", "ignore", "-c", CLOSER, url], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        for _ in range(count)
    ]
    try:
        for process in running:
            assert process.stdout is not None
            assert process.stdout.readline() == b"ready\n"
        yield running
    finally:
        for process in running:
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe:
                    pipe.close()
