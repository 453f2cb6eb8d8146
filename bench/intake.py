"""Intake of usage: ``reportUsage`` over GraphQL and HTTP, next to a bare handler and to what others would build.

Run it with ``python -m bench.intake``; bench/README.md says what is compared and why that is fair.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg
import uvloop
from rich.console import Console
from rich.table import Table

from app.db.connection import credentials
from app.db.server import start_embedded
from bench import rivals, servers
from bench.account import open_account
from bench.contest import Contestant, contend
from bench.machine import machine, postmaster_of
from bench.reports import Call, Reporter, bare_body, graphql_body, rival_body, signed
from bench.wire import raw_post

STORED = "SELECT deployment_id, hour, ids, quantity FROM usage_hour WHERE deployment_id = ANY($1)"
JSON = {"Content-Type": "application/json"}


@contextmanager
def billing(database: str, home: Path, connections: int) -> Iterator[Contestant]:
    """``billing serve``, asked as a Launcher asks it."""
    with servers.billing(database, home) as server:
        reporter = open_account(server.url, connections)
        host = f"127.0.0.1:{server.ports[0]}"

        def request(call: Call) -> bytes:
            body = graphql_body(call, reporter)
            return raw_post("/graphql", host, signed(server.url, body, reporter), body)

        deployments = asyncio.run(deployments_of(database, reporter))
        label = "billing serve, reportUsage signed"
        yield Contestant(label, server, request, b"ReportUsageSuccess", STORED, deployments)


@contextmanager
def bare(database: str, home: Path, connections: int) -> Iterator[Contestant]:
    """The stack's own limit (bench/bare.py)."""
    account, deployments = uuid4(), [uuid4() for _ in range(connections)]
    with servers.bare("bench.bare:app", database, home) as server:

        def request(call: Call) -> bytes:
            return raw_post("/usage", "127.0.0.1", JSON, bare_body(call, account, deployments))

        label = "bare Starlette + asyncpg + orjson"
        yield Contestant(label, server, request, b"accepted", STORED, deployments)


@contextmanager
def bare_signed(database: str, home: Path, connections: int, billing_url: str) -> Iterator[Contestant]:
    """The same, but a request is signed, by a key of an account that ``billing serve`` opened."""
    reporter = open_account(billing_url, connections)
    deployments = asyncio.run(deployments_of(database, reporter))
    with servers.bare("bench.bare:app", database, home) as server:
        host = f"127.0.0.1:{server.ports[0]}"

        def request(call: Call) -> bytes:
            body = bare_body(call, None, deployments)
            return raw_post("/usage/signed", host, signed(f"http://{host}/usage/signed", body, reporter), body)

        label = "the same, signed"
        yield Contestant(label, server, request, b"accepted", STORED, deployments)


@contextmanager
def rival(found: rivals.Rival, folder: Path, database: str, home: Path, connections: int) -> Iterator[Contestant]:
    """One of bench/rivals, installed in ``folder``."""
    deployments, mutation = [uuid4() for _ in range(connections)], found.operations()["Report"]

    def request(call: Call) -> bytes:
        return raw_post("/graphql", "127.0.0.1", JSON, rival_body(mutation, call, deployments))

    with servers.rival(found, folder, database, home) as server:
        label = f"{found.label}, a row per id"
        yield Contestant(label, server, request, b'"data":{"reportUsage":', rivals.STORED, deployments)


async def deployments_of(database: str, reporter: Reporter) -> list[UUID]:
    """The keys of a reporter's deployments, in their order."""
    connection = await asyncpg.connect(**credentials(database))
    try:
        rows = await connection.fetch(
            "SELECT id, fingerprint FROM deployment WHERE fingerprint = ANY($1)", reporter.fingerprints
        )
    finally:
        await connection.close()
    found = {row["fingerprint"]: UUID(str(row["id"])) for row in rows}
    return [found[fingerprint] for fingerprint in reporter.fingerprints]


def show(contestants: Sequence[Contestant], limit: Contestant, size: int, title: str) -> None:
    """Print the table; ratios are to ``limit``, and ``size`` ids were in a call."""
    table = Table(title=title)
    for heading in (
        "server",
        "calls/s (median)",
        "least – most",
        "ids/s",
        "ratio",
        "CPU ms/call: server + PostgreSQL",
        "peak memory",
    ):
        table.add_column(heading, justify="left" if heading == "server" else "right")
    for contestant in contestants:
        speeds, peak = contestant.speeds, contestant.peak
        middle = statistics.median(speeds)
        cpu = " + ".join(
            f"{seconds / contestant.calls * 1000:.1f}" if seconds else "–"
            for seconds in (contestant.server_time, contestant.postgres_time)
        )
        table.add_row(
            contestant.label,
            f"{middle:,.0f}",
            f"{min(speeds):,.0f} – {max(speeds):,.0f}",
            f"{middle * size:,.0f}",
            f"{middle / statistics.median(limit.speeds):.2f}",
            cpu,
            f"{peak / 1024:.0f} MiB" if peak else "–",
        )
    Console(width=140).print(table)


def main() -> None:
    """Start the servers on one database, check them, time them, print the table."""
    parser = argparse.ArgumentParser(prog="python -m bench.intake", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="timed rounds of each server (default 5)")
    parser.add_argument("--calls", type=int, default=800, help="calls in a round (default 800)")
    parser.add_argument("--ids", type=int, default=500, help="ids in a call (default 500, at most 5000)")
    parser.add_argument("--connections", type=int, default=8, help="connections, each a deployment's (default 8)")
    rivals.add_option(parser)
    options = parser.parse_args()
    connections = options.connections
    count = options.calls - options.calls % connections
    folder = rivals.if_wanted(options)
    with tempfile.TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True) as name, ExitStack() as running:
        home = Path(name)
        database = os.environ.get("DATABASE_URL") or start_embedded(home)
        ours = running.enter_context(billing(database, home, connections))
        limit = running.enter_context(bare(database, home, connections))
        proven = running.enter_context(bare_signed(database, home, connections, ours.server.url))
        contestants = [limit, proven, ours]
        if folder:
            asyncio.run(rivals.make_tables(database))
            start = partial(rival, folder=folder, database=database, home=home, connections=connections)
            contestants += [running.enter_context(start(found)) for found in rivals.RIVALS]
        uvloop.run(contend(contestants, database, options.rounds, count, options.ids, postmaster_of(home)))
        size = f"{options.ids:,} ids a call, {connections} connections, {options.rounds} rounds of {count} calls"
        show(contestants, limit, options.ids, f"Intake of usage: {size}")
        print(machine(database) + "; one server process each")


if __name__ == "__main__":
    main()
