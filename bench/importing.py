"""Importing usage from files of growing length: lines a second, and the peak memory of the process that does it.

Run it with ``python -m bench.importing``.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import os
import resource
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import asyncpg
from rich.console import Console
from rich.table import Table

from app.bootstrap import seed
from app.db.connection import connected, credentials, migrate, tortoise_config
from app.db.server import start_embedded
from app.settlement.host import ChannelHost
from app.usage.importing import import_usage
from bench.closing import named

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


async def run(server: str, path: Path) -> tuple[float, int]:
    """Seconds, and the ids that are in the database then."""
    name = f"bench_{uuid4().hex}"
    admin = await asyncpg.connect(**credentials(server))
    await admin.execute(f"CREATE DATABASE {name}")
    try:
        config = tortoise_config(named(server, name), ChannelHost().tortoise_apps())
        await migrate(config)
        connection = await asyncpg.connect(**credentials(named(server, name)))
        for statement in OWNERS:
            await connection.execute(statement)
        async with connected(config):
            await seed()
            begun = time.perf_counter()
            await import_usage(path, "csv", None)
            seconds = time.perf_counter() - begun
        stored = await connection.fetchval("SELECT sum(cardinality(ids)) FROM usage_hour")
        await connection.close()
        return seconds, stored
    finally:
        await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
        await admin.close()


def measure(server: str, path: Path, rows: int) -> tuple[float, int]:
    """Seconds and peak memory in KiB, after checking what was stored."""
    seconds, stored = asyncio.run(run(server, path))
    if stored != rows:
        raise RuntimeError(f"{stored} ids are stored of {rows}")
    return seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def main() -> None:
    """Each size in a process of its own."""
    parser = argparse.ArgumentParser(prog="python -m bench.importing", description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=[100_000, 400_000, 1_600_000])
    options = parser.parse_args()
    table = Table("rows", "rows/s", "peak memory", title="Importing usage (CSV, a row for each DataKit)")
    with tempfile.TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True) as folder:
        server = os.environ.get("DATABASE_URL") or start_embedded(Path(folder))
        path = Path(folder) / "usage.csv"
        for rows in options.rows:
            write(path, rows)
            with multiprocessing.get_context("spawn").Pool(1) as pool:
                seconds, peak = pool.apply(measure, (server, path, rows))
            table.add_row(f"{rows:,}", f"{rows / seconds:,.0f}", f"{peak / 1024:.0f} MiB")
    Console().print(table)


if __name__ == "__main__":
    main()
