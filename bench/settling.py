"""Charges settled per second, by channel and number of workers, next to the bare calls to the same provider.

Run it with ``python -m bench.settling``; bench/README.md says what is compared and why that is fair.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

import asyncpg
from rich.console import Console
from rich.table import Table

from app.bootstrap import running, seed
from app.db.connection import connected, credentials, migrate, tortoise_config
from app.db.server import start_embedded
from app.settings import get_settings
from app.settlement.host import ChannelHost
from app.settlement.models import Settlement, SettlementState
from app.settlement.settling import OPEN, settle_due
from bench.closing import named
from bench.providers import Aliyun, Aws, Owed, Provider, Wallets

PROVIDERS: Mapping[str, type[Provider]] = {"guance": Wallets, "aws": Aws, "aliyun": Aliyun}
WORKERS = (1, 2)


async def measure(server: str, provider: Provider, charges: int, rounds: int) -> dict[str, list[float]]:
    """Seconds of each way, each round on a fresh copy of the same database, after comparing what was collected."""
    taken: dict[str, list[float]] = {"bare": [], **{str(workers): [] for workers in WORKERS}}
    async with fresh_database(server) as filled:
        config = tortoise_config(filled, ChannelHost().tortoise_apps())
        await migrate(config)
        async with connected(config):
            await seed()
            owed = await provider.owe(charges)
        for number in range(rounds):
            for way in list(taken)[:: -1 if number % 2 else 1]:
                async with fresh_database(server, template=filled) as database:
                    with provider.running(owed):
                        if way == "bare":
                            begun = time.perf_counter()
                            await provider.bare(owed, database)
                            taken[way].append(time.perf_counter() - begun)
                        else:
                            taken[way].append(await _settle(database, provider, int(way)))
                        await _compare(database, provider, owed, settled=way != "bare")
    return taken


async def _settle(database: str, provider: Provider, workers: int) -> float:
    """Let processes settle everything, all beginning at once; the seconds until the last has nothing left to do."""
    prefix = f"BILLING_CHANNEL_{provider.key.upper()}_"
    settings = {f"{prefix}{name.upper()}": value for name, value in provider.settings.items()}
    command = [sys.executable, "-m", "bench.settling", "--work"]
    environment = {**os.environ, **settings, "DATABASE_URL": database}
    pipe = subprocess.PIPE
    processes = [
        await asyncio.create_subprocess_exec(*command, env=environment, stdin=pipe, stdout=pipe) for _ in range(workers)
    ]
    await asyncio.gather(*(_said(process, b"ready") for process in processes))
    begun = time.perf_counter()
    for process in processes:
        if process.stdin:
            process.stdin.write(b"\n")
    await asyncio.gather(*(_said(process, b"done") for process in processes))
    taken = time.perf_counter() - begun
    await asyncio.gather(*(process.wait() for process in processes))
    return taken


async def _said(process: asyncio.subprocess.Process, word: bytes) -> None:
    said = await process.stdout.readline() if process.stdout else b""
    if said.strip() != word:
        raise RuntimeError(f"a worker said {said!r}")


async def work() -> None:
    """Be one worker: settle from the first line of the input on until nothing is open."""
    async with running(get_settings(), prepare=False) as runtime:
        print("ready", flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        while await Settlement.exists(state__in=OPEN):
            if not await settle_due(runtime.host):
                await asyncio.sleep(0.01)
        print("done", flush=True)


async def _compare(database: str, provider: Provider, owed: Owed, settled: bool) -> None:
    if await provider.book(database) != provider.expected(owed):
        raise RuntimeError(f"the book of {provider.key} is wrong")
    connection = await asyncpg.connect(**credentials(database))
    try:
        states = await connection.fetch("SELECT DISTINCT state FROM settlement")
    finally:
        await connection.close()
    if settled and [row["state"] for row in states] != [SettlementState.SETTLED]:
        raise RuntimeError(f"not every charge is settled: {states}")


@asynccontextmanager
async def fresh_database(server: str, template: str | None = None) -> AsyncIterator[str]:
    """A new database, empty or a copy."""
    name = f"bench_{uuid4().hex}"
    admin = await asyncpg.connect(**credentials(server))
    try:
        source = f" TEMPLATE {template.partition('?')[0].rpartition('/')[2]}" if template else ""
        await admin.execute(f"CREATE DATABASE {name}{source}")
        await admin.execute("CHECKPOINT")
        yield named(server, name)
    finally:
        await admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        await admin.close()


def show(charges: int, results: Mapping[str, dict[str, list[float]]]) -> None:
    """Print charges per second, and how many times as long one worker takes as the bare calls."""
    table = Table(title=f"Settling {charges:,} charges (median charges/s)")
    for heading in ("channel", "bare", "1 worker", "2 workers", "bare ÷ 1 worker"):
        table.add_column(heading, justify="right")
    for key, taken in results.items():
        seconds = {way: statistics.median(times) for way, times in taken.items()}
        speeds = [f"{charges / seconds[way]:,.0f}" for way in ("bare", *map(str, WORKERS))]
        table.add_row(key, *speeds, f"{seconds['1'] / seconds['bare']:.1f}")
    Console(width=100).print(table)


def main() -> None:
    """Settle, compare, print."""
    parser = argparse.ArgumentParser(prog="python -m bench.settling", description=__doc__)
    parser.add_argument("--charges", type=int, default=2_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--channel", choices=PROVIDERS, action="append")
    parser.add_argument("--work", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.work:
        asyncio.run(work())
        return
    with tempfile.TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True) as folder:
        os.environ.setdefault("BILLING_DATA_DIR", folder)
        server = os.environ.get("DATABASE_URL") or start_embedded(Path(folder))
        results = {
            key: asyncio.run(measure(server, PROVIDERS[key](), options.charges, options.rounds))
            for key in options.channel or PROVIDERS
        }
        show(options.charges, results)


if __name__ == "__main__":
    main()
