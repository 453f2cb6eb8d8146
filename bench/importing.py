"""Usage from files of growing length, imported and posted in bulk: lines a second, and the peak memory of the process
that takes them in.

Run it with ``python -m bench.importing``.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import os
import resource
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
from rich.console import Console
from rich.table import Table
from tortoise.connection import get_connection
from tortoise.transactions import in_transaction

from app.accounts.models import Account
from app.accounts.queries import lock_account
from app.bootstrap import seed
from app.db.connection import connected, credentials, migrate, tortoise_config
from app.db.server import start_embedded
from app.deployments.access_keys import create_access_key
from app.events.recording import SYSTEM
from app.protocol.signing import sign_request
from app.settings import get_settings
from app.settlement.host import ChannelHost
from app.usage.importing import import_usage
from bench.closing import named
from bench.serving import free_port, peak_memory, served

DEPLOYMENTS = 100
IDS = 500
OWNERS = (
    "INSERT INTO account (id, name, edition, sandbox, clock_offset_seconds, created_at) "
    "VALUES (uuid7(), 'Bench', 'PAY_AS_YOU_GO', false, 0, now())",
    "INSERT INTO deployment (id, account_id, fingerprint, data_gateway_url, dialing_test, created_at, last_seen_at) "
    "SELECT uuid7(), a.id, 'bench-' || n, '', false, now(), now() "
    f"FROM account a, generate_series(0, {DEPLOYMENTS - 1}) AS n",
)


def write(path: Path, rows: int) -> None:
    """A CSV file with ``rows`` DataKits, 500 for each hour of a deployment."""
    latest = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(hours=1)
    with path.open("w") as file:
        file.write("deployment,hour,dataKit\n")
        for number in range(rows):
            block = number // IDS
            hour = latest - timedelta(hours=block // DEPLOYMENTS)
            file.write(f"bench-{block % DEPLOYMENTS},{hour.isoformat()},host-{number % IDS:06d}.example\n")


@asynccontextmanager
async def owned(server: str) -> AsyncIterator[str]:
    """A database of its own, with an account and its deployments."""
    name = f"bench_{uuid4().hex}"
    admin = await asyncpg.connect(**credentials(server))
    await admin.execute(f"CREATE DATABASE {name}")
    try:
        url = named(server, name)
        config = tortoise_config(url, ChannelHost().tortoise_apps())
        await migrate(config)
        connection = await asyncpg.connect(**credentials(url))
        for statement in OWNERS:
            await connection.execute(statement)
        await connection.close()
        async with connected(config):
            await seed()
            yield url
    finally:
        await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
        await admin.close()


async def check_stored(rows: int) -> None:
    """Stop unless so many ids are stored."""
    (found,) = await get_connection("default").execute_query_dict(
        "SELECT sum(cardinality(ids))::bigint AS ids FROM usage_hour"
    )
    if found["ids"] != rows:
        raise RuntimeError(f"{found['ids']} ids are stored of {rows}")


async def imported(server: str, path: Path, rows: int) -> tuple[float, int]:
    """Seconds, and the peak memory of this process in KiB."""
    async with owned(server):
        begun = time.perf_counter()
        await import_usage(path, "csv", None)
        seconds = time.perf_counter() - begun
        await check_stored(rows)
    return seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


async def posted(server: str, path: Path, rows: int) -> tuple[float, int]:
    """Seconds, and the peak memory of the server that the file is posted to, in KiB."""
    async with owned(server) as url:
        async with in_transaction():
            account = await lock_account((await Account.get()).id)
            key, sk = await create_access_key(account, "bench", SYSTEM)
        port = free_port()
        command = [sys.executable, "-c", "from app.cli import main; main()", "serve", "--port", str(port)]
        environment = {
            "DATABASE_URL": url,
            "BILLING_SECRET_KEY": get_settings().secret_key.decode(),
            "BILLING_DATA_DIR": str(path.parent),
        }
        with served(command, port, environment, path.with_suffix(".log")) as pid:
            target = f"http://127.0.0.1:{port}/usage/bulk"
            body = await asyncio.to_thread(path.read_bytes)
            headers = sign_request(key.ak, sk, "POST", target, body, datetime.now(UTC), "text/csv")
            begun = time.perf_counter()
            async with httpx.AsyncClient(timeout=600) as client:
                answer = await client.post(target, headers=headers, content=pieces(path))
            seconds = time.perf_counter() - begun
            peak = peak_memory(pid) or 0
        if answer.status_code != 200:
            raise RuntimeError(answer.text)
        await check_stored(rows)
    return seconds, peak


async def pieces(path: Path) -> AsyncIterator[bytes]:
    """A file, piece by piece."""
    with path.open("rb") as file:
        while piece := file.read(65_536):
            yield piece


def measure(work: Callable[[str, Path, int], Coroutine[Any, Any, tuple[float, int]]], *about: Any) -> tuple[float, int]:
    """Seconds and peak memory in KiB."""
    return asyncio.run(work(*about))


def main() -> None:
    """Each size both ways, each time in a process of its own."""
    parser = argparse.ArgumentParser(prog="python -m bench.importing", description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=[100_000, 400_000, 1_600_000])
    options = parser.parse_args()
    table = Table("way", "rows", "rows/s", "peak memory", title="Usage in bulk (CSV, a row for each DataKit)")
    with tempfile.TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True) as folder:
        server = os.environ.get("DATABASE_URL") or start_embedded(Path(folder))
        path = Path(folder) / "usage.csv"
        for rows in options.rows:
            write(path, rows)
            for way, work in (("billing usage import", imported), ("POST /usage/bulk", posted)):
                with multiprocessing.get_context("spawn").Pool(1) as pool:
                    seconds, peak = pool.apply(measure, (work, server, path, rows))
                table.add_row(way, f"{rows:,}", f"{rows / seconds:,.0f}", f"{peak / 1024:.0f} MiB")
    Console().print(table)


if __name__ == "__main__":
    main()
