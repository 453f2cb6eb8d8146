"""Servers killed and PostgreSQL cut off during intake, day close and settling: the figures of an undisturbed run."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from threading import Semaphore
from typing import Any

import asyncpg
import httpx
import pytest
from tortoise.connection import get_connection
from tortoise.transactions import in_transaction

from app import clock
from app.accounts.queries import lock_account
from app.billing import ledger
from app.billing.books import trial_balance
from app.bootstrap import seed
from app.closing.days import close_due
from app.db.connection import connected, credentials, migrate, tortoise_config
from app.db.server import start_embedded
from app.deployments.access_keys import create_access_key
from app.deployments.models import Deployment
from app.events.recording import SYSTEM
from app.journey.callbacks import Callbacks
from app.launcher.client import AccessKey, BillingClient, Refused
from app.launcher.journey import REPORT
from app.settlement.host import ChannelHost
from app.settlement.settling import settle_due
from tests.billing.factory import billed_account, hour_of, report
from tests.plugins.guance.books import differences
from tests.serving import Server, embedded_folder, serving

DAYS = 3
SERVERS = 3
SETTINGS = {"BILLING_CLOSE_DELAY_SECONDS": "0", "BILLING_CHANNEL_TIMEOUT_SECONDS": "2"}
REPORTERS = 6
PATIENCE_SECONDS = 90
LEFT = """
SELECT (SELECT count(*) FROM settlement WHERE state <> 'SETTLED') + (SELECT count(*) FROM billing_day WHERE late)
    + (SELECT count(*) FROM upgrade WHERE billed_through IS NULL)
"""
FIGURES = {
    "charged": "SELECT account_id, day, sum(amount_minor)::bigint, sum(units)::bigint FROM charge "
    "WHERE day < $1 GROUP BY 1, 2 ORDER BY 1, 2",
    "counted": "SELECT account_id, day, quantity, late FROM billing_day WHERE day < $1 ORDER BY 1, 2",
    "reported": "SELECT deployment_id, hour, ids FROM usage_hour WHERE hour::date <= $1::date ORDER BY 1, 2",
    "paid": "SELECT t.account_id, sum(c.amount_minor)::bigint FROM guance_transaction t JOIN charge c "
    "ON c.id = t.reference AND t.kind = 'CHARGE' WHERE c.day < $1 GROUP BY 1 ORDER BY 1",
}


@dataclass(frozen=True)
class Sent:
    """One report, and the key that signs it."""

    key: AccessKey
    fingerprint: str
    day: date
    hour: int
    count: int


class Cluster:
    """A PostgreSQL that keeps every promise (fsync on), with the means to pull its plug."""

    def __init__(self, folder: Path) -> None:
        self.data = folder / "postgres"
        self.url = start_embedded(folder)
        self._control = Path((self.data / "postmaster.opts").read_text().split()[0]).with_name("pg_ctl")

    def named(self, name: str) -> str:
        """The URL of a database."""
        return self.url.replace("/postgres?", f"/{name}?")

    def cut(self) -> None:
        """Kill it, now and then its postmaster alone, and start it as it was started before."""
        postmaster = int((self.data / "postmaster.pid").read_text().splitlines()[0])
        os.kill(postmaster, random.choice((signal.SIGQUIT, signal.SIGKILL)))
        deadline = time.monotonic() + PATIENCE_SECONDS
        owner = {"user": "pgserver"} if os.geteuid() == 0 else {}
        restart = [
            str(self._control),
            "-w",
            "-D",
            str(self.data),
            "-m",
            "immediate",
            "-l",
            str(self.data / "log"),
        ]
        while subprocess.run([*restart, "restart"], cwd="/", capture_output=True, **owner).returncode:  # type: ignore[call-overload]
            assert time.monotonic() < deadline, (self.data / "log").read_text()[-3000:]
            time.sleep(0.1)


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    with embedded_folder() as folder:
        yield Cluster(folder)


@pytest.mark.slow
async def test_power_cuts_and_kills_leave_the_figures_of_an_undisturbed_run(cluster: Cluster, tmp_path: Path) -> None:
    today = clock.local_day(clock.now(), "Asia/Shanghai")
    sent = await prepare(cluster, today)
    async with connected(tortoise_config(cluster.named("calm"), ChannelHost().tortoise_apps())):
        await run_undisturbed(sent)
        expected = await figures(today)
    async with connected(tortoise_config(cluster.named("wild"), ChannelHost().tortoise_apps())):
        assert await get_connection("default").execute_query_dict(
            "SELECT current_setting('fsync') AS fsync, current_setting('synchronous_commit') AS commit"
        ) == [{"fsync": "on", "commit": "on"}]
        await asyncio.to_thread(run_disturbed, cluster, tmp_path, sent)
        assert await figures(today) == expected
    assert len(expected["charged"]) == len({one.fingerprint for one in sent}) * DAYS


async def prepare(cluster: Cluster, today: date) -> list[Sent]:
    """Two databases with the same accounts, and what these are going to report."""
    server = await asyncpg.connect(**credentials(cluster.url))
    await server.execute("CREATE DATABASE calm")
    config = tortoise_config(cluster.named("calm"), ChannelHost().tortoise_apps())
    await migrate(config)
    sent = []
    async with connected(config):
        await seed()
        for number in range(12):
            deployment = await billed_account(today - timedelta(days=DAYS))
            async with in_transaction():
                made, sk = await create_access_key(await lock_account(deployment.account_id), "x", SYSTEM)
            key = AccessKey(made.ak, sk)
            for ago in range(1, DAYS + 1):
                for hour in (0, 9, 23):
                    count = 10 + (7 * number + 5 * ago + hour) % 40
                    sent.append(Sent(key, deployment.fingerprint, today - timedelta(days=ago), hour, count))
    await server.execute("CREATE DATABASE wild TEMPLATE calm")
    await server.close()
    return sent


async def run_undisturbed(sent: list[Sent]) -> None:
    """Everything is reported, then closed, then settled."""
    host = ChannelHost()
    await host.start(lambda key: Callbacks(host, key))
    deployments = {found.fingerprint: found for found in await Deployment.all()}
    for one in sent:
        await report(deployments[one.fingerprint], hour_of(one.day, one.hour), one.count)
    await close_due()
    while await settle_due(host):
        pass


def run_disturbed(cluster: Cluster, data: Path, sent: list[Sent]) -> None:
    """Everything is reported to servers that close and settle meanwhile, and that are killed as their database is."""
    order = random.sample(sent, len(sent))
    kinds = random.sample([True] * SERVERS + [False] * (SERVERS - 1), 2 * SERVERS - 1)
    blows = dict(zip(random.sample(range(len(order)), len(kinds)), kinds, strict=True))
    with ExitStack() as stack, ThreadPoolExecutor(REPORTERS) as reporters, ThreadPoolExecutor(1) as fate:
        alive = start(stack, cluster.named("wild"), data)
        slots = Semaphore(REPORTERS)
        work: list[Future[None]] = []
        for position, one in enumerate(order):
            if position in blows:
                work.append(fate.submit(cluster.cut if blows[position] else alive.pop().kill))
            slots.acquire()
            work.append(reporters.submit(deliver, alive, one))
            work[-1].add_done_callback(lambda _: slots.release())
        for done in work:
            done.result()
        asyncio.run(at_rest(cluster.named("wild")))


def start(stack: ExitStack, url: str, data: Path) -> list[Server]:
    """Servers with workers, started at once."""
    folders = [data / str(number) for number in range(SERVERS)]
    for folder in folders:
        folder.mkdir()
    with ThreadPoolExecutor(SERVERS) as starters:
        return list(
            starters.map(
                lambda folder: stack.enter_context(serving(folder, url, demo=False, settings=SETTINGS)), folders
            )
        )


def deliver(alive: list[Server], one: Sent) -> None:
    """Report as a Launcher does: again until somebody answers, and now and then once more."""
    hour = {"hour": hour_of(one.day, one.hour).isoformat(), "dataKits": [f"dk-{n}" for n in range(one.count)]}
    deadline = time.monotonic() + PATIENCE_SECONDS
    for _ in range(random.choice((1, 1, 2))):
        while True:
            try:
                with BillingClient(random.choice(list(alive)).url) as client:
                    client.mutate(REPORT, {"fingerprint": one.fingerprint, "reports": [hour]}, one.key)
                break
            except (httpx.TransportError, Refused):
                assert time.monotonic() < deadline
                time.sleep(0.05)


async def at_rest(url: str) -> None:
    """Wait until everything that is due is closed, adjusted and settled."""
    connection = await asyncpg.connect(**credentials(url))
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while await connection.fetchval(LEFT):
                await asyncio.sleep(0.1)
    finally:
        await connection.close()


async def figures(today: date) -> dict[str, Any]:
    """Every figure of the days before today, after a look at the books."""
    assert await ledger.check() == []
    assert await differences() == []
    connection = get_connection("default")
    found: dict[str, Any] = {
        name: [tuple(row.values()) for row in await connection.execute_query_dict(sql, [today])]
        for name, sql in FIGURES.items()
    }
    found["balances"] = [(line.ledger_account, line.balance_minor) for line in await trial_balance()]
    return found
