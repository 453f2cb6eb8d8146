"""How long real customers wait to be closed and settled while others owe a great deal, next to how long they do alone.

Run it with ``python -m bench.waiting``; bench/README.md says what is compared and why that is fair.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import asyncpg
from rich.console import Console
from rich.table import Table

from app import clock
from app.billing.ledger import check
from app.bootstrap import running, seed
from app.closing.days import close_due
from app.db.connection import connected, credentials, migrate, tortoise_config
from app.db.server import start_embedded
from app.settings import get_settings
from app.settlement.host import ChannelHost
from app.worker import run_until
from bench.closing import DATA_KITS, HOURS, ZONE
from bench.settling import fresh_database

FILL = (
    "INSERT INTO account (id, name, edition, sandbox, clock_offset_seconds, created_at) "
    "SELECT uuid7(), '{who}', 'PAY_AS_YOU_GO', {sandbox}, 0, now() FROM generate_series(1, {accounts})",
    "INSERT INTO upgrade (id, account_id, edition, plan_id, state, chosen_at, upgraded_at, first_billed_day) "
    "SELECT uuid7(), a.id, 'PAY_AS_YOU_GO', p.id, 'ACTIVE', now(), now(), '{day}' FROM account a, price_plan p "
    "WHERE a.name = '{who}'",
    "INSERT INTO channel_binding (id, account_id, channel, state, configuration, created_at, bound_at) "
    "SELECT uuid7(), id, 'guance', 'BOUND', '{{}}', now(), now() FROM account WHERE name = '{who}'",
)
USAGE = (
    "INSERT INTO usage_hour (id, account_id, deployment_id, meter, hour, ids, quantity) "
    "SELECT uuid7(), a.id, a.id, 'datakit', day_start('{day}', '{zone}') + make_interval(hours => h), "
    f"array_agg('host-' || n), count(*) FROM account a, generate_series(8, {7 + HOURS}) AS h, "
    f"generate_series(1, {DATA_KITS}) AS n WHERE a.name = '{{who}}' GROUP BY a.id, h"
)
CUSTOMERS = "Customers"
CLOSED = "SELECT count(*) FROM charge c JOIN account a ON a.id = c.account_id WHERE a.name = $1"
SETTLED = (
    "SELECT count(*) FROM settlement s JOIN account a ON a.id = s.account_id WHERE a.name = $1 AND s.state = 'SETTLED'"
)
CHARGED = (
    "SELECT md5(string_agg(concat_ws(',', account_id, day, sequence, quantity, units, amount_minor, currency), ' ' "
    "ORDER BY account_id, day, sequence)) FROM charge c JOIN account a ON a.id = c.account_id WHERE a.name = $1"
)
PAID = (
    "SELECT count(DISTINCT t.reference) = count(*) AND count(*) = $2 FROM guance_transaction t "
    "JOIN account a ON a.id = t.account_id WHERE a.name = $1 AND t.kind = 'CHARGE'"
)


@dataclass(frozen=True)
class Crowd:
    """Who owes a great deal: so many accounts, so many days each."""

    name: str
    accounts: int
    days: int
    sandbox: bool


CROWDS: Mapping[str, Crowd | None] = {
    "alone": None,
    "beside 5,865 sandbox charges": Crowd("Sandboxes", 15, 391, True),
    "beside one that owes 5,861": Crowd("Busy", 1, 5_861, False),
}


async def measure(server: str, customers: int, rounds: int) -> dict[str, list[tuple[float, float]]]:
    """Seconds until the customers' day is closed and until it is settled, beside each crowd, in rounds by turns."""
    taken: dict[str, list[tuple[float, float]]] = {way: [] for way in CROWDS}
    charged: dict[str, str] = {}
    day = clock.local_day(clock.now(), ZONE) - timedelta(days=1)
    async with fresh_database(server) as base:
        config = tortoise_config(base, ChannelHost().tortoise_apps())
        await migrate(config)
        async with connected(config):
            await seed()
        await _fill(base, Crowd(CUSTOMERS, customers, 1, False), day)
        for number in range(rounds):
            for way in list(CROWDS)[:: -1 if number % 2 else 1]:
                async with fresh_database(server, template=base) as database:
                    crowd = CROWDS[way]
                    if crowd:
                        await _crowd(database, crowd, day)
                    taken[way].append(await _work(database, customers))
                    charged[way] = await _compare(database, customers)
    if len(set(charged.values())) != 1:
        raise RuntimeError(f"the customers' charges are different: {charged}")
    return taken


async def _crowd(database: str, crowd: Crowd, day: date) -> None:
    """Let a crowd owe: its days are closed, and none of the customers'."""
    connection = await asyncpg.connect(**credentials(database))
    try:
        await connection.execute("UPDATE upgrade SET state = 'CHANNEL_PENDING'")
        await _fill(database, crowd, day)
        async with connected(tortoise_config(database, ChannelHost().tortoise_apps())):
            owed = (await close_due()).charges
        if owed != crowd.accounts * crowd.days:
            raise RuntimeError(f"the crowd owes {owed} charges")
        await connection.execute("UPDATE upgrade SET state = 'ACTIVE'")
        await connection.execute("VACUUM ANALYZE")
    finally:
        await connection.close()


async def _fill(database: str, crowd: Crowd, day: date) -> None:
    first = day - timedelta(days=crowd.days - 1)
    connection = await asyncpg.connect(**credentials(database))
    try:
        for statement in (*FILL, USAGE):
            await connection.execute(
                statement.format(who=crowd.name, sandbox=crowd.sandbox, accounts=crowd.accounts, day=first, zone=ZONE)
            )
        await connection.execute("VACUUM ANALYZE")
    finally:
        await connection.close()


async def _work(database: str, customers: int) -> tuple[float, float]:
    """Seconds from the worker's start until every customer is closed, and until every one is settled."""
    os.environ["DATABASE_URL"] = database
    get_settings.cache_clear()
    settings = get_settings()
    settings.close_delay_seconds = 0
    watching = await asyncpg.connect(**credentials(database))
    async with running(settings, prepare=False) as runtime:
        begun = time.perf_counter()
        worker = asyncio.create_task(run_until(asyncio.Event(), settings, runtime.host))
        try:
            seconds = []
            for done in (CLOSED, SETTLED):
                while await watching.fetchval(done, CUSTOMERS) < customers:
                    if worker.done():
                        raise RuntimeError("the worker stopped")
                    await asyncio.sleep(0.02)
                seconds.append(time.perf_counter() - begun)
        finally:
            worker.cancel()
            await asyncio.gather(worker, return_exceptions=True)
            await watching.close()
        wrong = await check()
    if wrong:
        raise RuntimeError(f"the books are wrong: {wrong[:3]}")
    return seconds[0], seconds[1]


async def _compare(database: str, customers: int) -> str:
    """A hash of the customers' charges, each of which the wallet must have paid once."""
    connection = await asyncpg.connect(**credentials(database))
    try:
        if not await connection.fetchval(PAID, CUSTOMERS, customers):
            raise RuntimeError("not every customer paid once")
        found: str = await connection.fetchval(CHARGED, CUSTOMERS)
        return found
    finally:
        await connection.close()


def show(customers: int, taken: Mapping[str, list[tuple[float, float]]]) -> None:
    """Print the medians, and how many times as long as alone."""
    table = Table(title=f"{customers:,} customers are closed and settled (median seconds)")
    for heading in ("", "closed after", "÷ alone", "settled after", "÷ alone"):
        table.add_column(heading, justify="right")
    medians = {way: [statistics.median(part) for part in zip(*found, strict=True)] for way, found in taken.items()}
    for way, found in medians.items():
        cells = [text for one, alone in zip(found, medians["alone"], strict=True) for text in (one, one / alone)]
        table.add_row(way, *(f"{cell:.2f}" for cell in cells))
    Console(width=100).print(table)


def main() -> None:
    """Fill, work, compare, print."""
    parser = argparse.ArgumentParser(prog="python -m bench.waiting", description=__doc__)
    parser.add_argument("--customers", type=int, default=1_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True) as folder:
        os.environ["BILLING_DATA_DIR"] = folder
        server = os.environ.pop("DATABASE_URL", None) or start_embedded(Path(folder))
        show(options.customers, asyncio.run(measure(server, options.customers, options.rounds)))


if __name__ == "__main__":
    main()
