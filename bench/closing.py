"""Closing one day for many accounts, next to the bare statement that computes the same charges.

Run it with ``python -m bench.closing``; bench/README.md says what is compared and why that is fair.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import resource
import statistics
import tempfile
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

import asyncpg
from rich.console import Console
from rich.table import Table

from app import clock
from app.bootstrap import seed
from app.closing.days import close_due
from app.db.connection import connected, credentials, migrate, tortoise_config
from app.db.server import start_embedded
from app.settings import get_settings
from app.settlement.host import ChannelHost

ZONE = "Asia/Shanghai"
DATA_KITS = 10
HOURS = 4

FILL = (
    "INSERT INTO account (id, name, edition, sandbox, clock_offset_seconds, created_at) "
    "SELECT uuid7(), 'Bench', 'PAY_AS_YOU_GO', false, 0, now() FROM generate_series(1, {accounts})",
    "INSERT INTO upgrade (id, account_id, edition, plan_id, state, chosen_at, upgraded_at, first_billed_day) "
    "SELECT uuid7(), a.id, 'PAY_AS_YOU_GO', p.id, 'ACTIVE', now(), now(), '{day}' FROM account a, price_plan p",
    "INSERT INTO channel_binding (id, account_id, channel, state, configuration, created_at, bound_at) "
    "SELECT uuid7(), id, 'guance', 'BOUND', '{{}}', now(), now() FROM account",
    "INSERT INTO usage_hour (id, account_id, deployment_id, meter, hour, ids, quantity) "
    "SELECT uuid7(), a.id, a.id, 'datakit', day_start('{day}', 'Asia/Shanghai') + make_interval(hours => h), "
    f"array_agg('host-' || n), count(*) FROM account a, generate_series(8, {7 + HOURS}) AS h, "
    f"generate_series(1, {DATA_KITS}) AS n GROUP BY a.id, h",
)
BARE = """
INSERT INTO charge (id, account_id, plan_id, kind, day, sequence, quantity, billed_quantity, units, lines,
    amount_minor, currency, raised_at)
SELECT gen_random_uuid(), u.account_id, p.id, 'DAILY', $1, 0, day.quantity, greatest(day.quantity, p.minimum_quantity),
    greatest(day.quantity, p.minimum_quantity), jsonb_build_array(jsonb_build_object(
        'kind', 'USAGE', 'quantity', greatest(day.quantity, p.minimum_quantity),
        'amount_minor', greatest(day.quantity, p.minimum_quantity) * p.unit_price_minor)),
    greatest(day.quantity, p.minimum_quantity) * p.unit_price_minor, p.currency, now()
FROM upgrade u JOIN price_plan p ON p.id = u.plan_id JOIN (
    SELECT account_id, max(quantity) AS quantity FROM (
        SELECT account_id, hour, sum(quantity) AS quantity FROM usage_hour
        WHERE hour >= $2 AND hour < $3 GROUP BY account_id, hour) AS hours GROUP BY account_id) AS day
    ON day.account_id = u.account_id
"""
SAME_ROWS = (
    "INSERT INTO billing_day (id, account_id, day, begins_at, ends_at, quantity, late, closed_at) "
    "SELECT gen_random_uuid(), account_id, day, $1, $2, quantity, false, raised_at FROM charge",
    "UPDATE upgrade SET billed_through = $1",
    "INSERT INTO journal_transaction (id, account_id, kind, reference, at) "
    "SELECT id, account_id, 'charge.raised', id, raised_at FROM charge",
    "INSERT INTO journal_entry (id, transaction_id, ledger_account_id, amount_minor, currency) "
    "SELECT gen_random_uuid(), id, side, sign * amount_minor, currency "
    "FROM charge, (VALUES ('receivable', 1), ('revenue', -1)) AS v(side, sign)",
    "INSERT INTO settlement "
    "(id, charge_id, account_id, payer_id, binding_id, channel, state, attempts, next_attempt_at, due_from, sandbox) "
    "SELECT gen_random_uuid(), c.id, c.account_id, c.account_id, b.id, b.channel, 'PENDING', 0, now(), c.raised_at, "
    "false FROM charge c JOIN channel_binding b ON b.account_id = c.account_id",
    "INSERT INTO event (id, account_id, type, actor_kind, actor_label, at, after) "
    "SELECT gen_random_uuid(), account_id, 'charge.raised', 'SYSTEM', 'billing', raised_at, "
    "jsonb_build_object('charge', id, 'day', day, 'amountMinor', amount_minor, 'currency', currency) FROM charge",
)


async def measure(server: str, accounts: int, rounds: int) -> dict[str, list[float]]:
    """Seconds of each way, each round in a fresh copy of the same database, after comparing what they computed."""
    yesterday = clock.local_day(clock.now(), ZONE) - timedelta(days=1)
    begins, ends = clock.day_start(yesterday, ZONE), clock.day_end(yesterday, ZONE)
    filled = f"bench_{uuid4().hex}"
    admin = await asyncpg.connect(**credentials(server))
    taken: dict[str, list[float]] = {"bare charges": [], "bare, every row": [], "billing": []}
    try:
        await admin.execute(f"CREATE DATABASE {filled}")
        config = tortoise_config(named(server, filled), ChannelHost().tortoise_apps())
        await migrate(config)
        async with connected(config):
            await seed()
        connection = await asyncpg.connect(**credentials(named(server, filled)))
        for statement in FILL:
            await connection.execute(statement.format(accounts=accounts, day=yesterday))
        await connection.execute("VACUUM ANALYZE")
        await connection.close()
        for number in range(rounds):
            charges = []
            for way in (bare, billing) if number % 2 else (billing, bare):
                copy = f"bench_{uuid4().hex}"
                await admin.execute(f"CREATE DATABASE {copy} TEMPLATE {filled}")
                await admin.execute("CHECKPOINT")
                await way(named(server, copy), taken, (yesterday, begins, ends))
                charges.append(await charges_of(named(server, copy)))
                await admin.execute(f"DROP DATABASE {copy} WITH (FORCE)")
            if charges[0] != charges[1] or charges[0][0] != accounts:
                raise RuntimeError(f"the charges are different: {charges}")
    finally:
        await admin.execute(f"DROP DATABASE IF EXISTS {filled} WITH (FORCE)")
        await admin.close()
    return taken


async def bare(url: str, taken: dict[str, list[float]], when: tuple[object, datetime, datetime]) -> None:
    """One statement for the charges; then one for each other table, all in one transaction."""
    day, begins, ends = when
    connection = await asyncpg.connect(**credentials(url))
    try:
        begun = time.perf_counter()
        async with connection.transaction():
            await connection.execute(BARE, day, begins, ends)
        charged = time.perf_counter()
        async with connection.transaction():
            for statement in SAME_ROWS:
                arguments = [begins, ends] if "$2" in statement else [day] if "$1" in statement else []
                await connection.execute(statement, *arguments)
        taken["bare charges"].append(charged - begun)
        taken["bare, every row"].append(time.perf_counter() - begun)
    finally:
        await connection.close()


async def billing(url: str, taken: dict[str, list[float]], _: tuple[object, datetime, datetime]) -> None:
    """What the worker does."""
    async with connected(tortoise_config(url, ChannelHost().tortoise_apps())):
        begun = time.perf_counter()
        await close_due(closers=get_settings().closers)
        taken["billing"].append(time.perf_counter() - begun)


async def charges_of(url: str) -> tuple[int, str]:
    """How many charges there are, and a hash of what they say."""
    connection = await asyncpg.connect(**credentials(url))
    try:
        row = await connection.fetchrow(
            "SELECT count(*), md5(string_agg(concat_ws(',', account_id, plan_id, kind, day, sequence, quantity, "
            "billed_quantity, units, amount_minor, currency), ' ' ORDER BY account_id)) FROM charge"
        )
        return row[0], row[1]
    finally:
        await connection.close()


def named(url: str, name: str) -> str:
    """The URL of another database of the same server."""
    base, _, query = url.partition("?")
    return f"{base.rpartition('/')[0]}/{name}" + (f"?{query}" if query else "")


def show(results: Sequence[tuple[int, dict[str, list[float]], int]]) -> None:
    """Print the curve."""
    table = Table(title=f"Closing one day: {DATA_KITS} DataKits an account in {HOURS} hours (median seconds)")
    for heading in ("accounts", "bare charges", "bare, every row", "billing", "ratio", "charges/s", "peak memory"):
        table.add_column(heading, justify="right")
    for accounts, taken, peak in results:
        charges, rows, ours = (
            statistics.median(taken[name]) for name in ("bare charges", "bare, every row", "billing")
        )
        table.add_row(
            f"{accounts:,}",
            f"{charges:.2f} (x{ours / charges:.1f})",
            f"{rows:.2f}",
            f"{ours:.2f}",
            f"{ours / rows:.2f}",
            f"{accounts / ours:,.0f}",
            f"{peak / 1024:.0f} MiB",
        )
    Console(width=120).print(table)


def main() -> None:
    """Fill, close, compare, print."""
    parser = argparse.ArgumentParser(prog="python -m bench.closing", description=__doc__)
    parser.add_argument("--accounts", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True) as folder:
        server = os.environ.get("DATABASE_URL") or start_embedded(Path(folder))
        results = []
        for accounts in options.accounts:
            taken = asyncio.run(measure(server, accounts, options.rounds))
            results.append((accounts, taken, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss))
        show(results)


if __name__ == "__main__":
    main()
