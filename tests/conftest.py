"""Fixtures: a real PostgreSQL server for the run, and a fresh migrated and seeded database for each test."""

from __future__ import annotations

import asyncio
import os
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import asyncpg
import httpx
import pytest
from argon2 import PasswordHasher
from hypothesis import settings

from app import clock
from app.accounts import passwords
from app.bootstrap import Runtime, seed
from app.db.connection import connected, credentials, migrate, tortoise_config
from app.db.server import start_embedded
from app.errors import BillingError
from app.events.models import Event
from app.events.types import EVENT_TYPES
from app.journey.callbacks import Callbacks
from app.main import create_app
from app.settings import get_settings
from app.settlement.host import ChannelHost
from tests.api.driver import Api
from tests.conformance.harnesses import pytest_settlement_channel_harness
from tests.events.shapes import complaints
from tests.messages import mutations, unreadable

__all__ = ["pytest_settlement_channel_harness"]
from tests.serving import Server, serving

settings.register_profile("thorough", max_examples=1_000)
INSTALLED = os.environ.get("BILLING_TEST_PG_BIN")
RUNNING = os.environ.get("BILLING_TEST_SERVER")


class TravellingClock:
    """A clock that stands where a test puts it."""

    def __init__(self) -> None:
        self.at = datetime(2026, 3, 2, 10, 30, 15, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def forward(self, **delta: float) -> None:
        """Move forward by ``timedelta(**delta)``."""
        self.at += timedelta(**delta)


@pytest.fixture
def travelling_clock() -> Iterator[TravellingClock]:
    """The application's clock, in the test's hand."""
    travelling = TravellingClock()
    clock.replace(travelling)
    yield travelling
    clock.replace(None)


@pytest.fixture(scope="session")
def server_url() -> Iterator[str]:
    """A PostgreSQL server of this run: the embedded one, or that of ``BILLING_TEST_PG_BIN`` (a folder of binaries).

    ``BILLING_TEST_SERVER`` names one that runs already, for very many short runs; what an earlier run prepared there is
    used again, so ``BILLING_SECRET_KEY`` must be the same.
    """
    if RUNNING:
        yield RUNNING
        return
    with tempfile.TemporaryDirectory(prefix="billing-test-", ignore_cleanup_errors=True) as folder:
        if INSTALLED:
            with installed_server(Path(INSTALLED), Path(folder)) as url:
                asyncio.run(_careless(url))
                yield url
        else:
            url = start_embedded(Path(folder))
            asyncio.run(_careless(url))
            yield url


@pytest.fixture(scope="session", autouse=True)
def settings_folder() -> Iterator[None]:
    """Settings of the tests: a data folder of their own, and sessions that last, since clocks are put forward."""
    with tempfile.TemporaryDirectory(prefix="billing-data-") as folder:
        os.environ["BILLING_DATA_DIR"] = folder
        os.environ["BILLING_SESSION_IDLE_DAYS"] = "30"
        os.environ["BILLING_COST_PER_MINUTE"] = "1000000000"
        get_settings.cache_clear()
        yield


@pytest.fixture(autouse=True)
def readable_errors(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Whatever is refused in a test is said so that people can read it, in both languages; but for what fuzzers call
    things."""
    if "fuzz" in request.path.parts:
        yield
        return
    said: list[str] = []

    def made(error: BillingError, *, path: tuple[str, ...] = (), **given: Any) -> None:
        begin(error, path=path, **given)
        said.extend(what for locale in ("en", "zh") for what in unreadable(error.message(locale), locale))
        said.extend(f"{name} is no mutation" for name in error.operations if name not in mutations())

    begin = BillingError.__init__
    monkeypatch.setattr(BillingError, "__init__", made)
    yield
    assert not said


@pytest.fixture(scope="session", autouse=True)
def cheap_passwords() -> None:
    """Thousands of users register here: their passwords' hashes need not cost what a thief is to pay."""
    passwords._hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@pytest.fixture(scope="session")
def template_database(server_url: str) -> str:
    """A migrated and seeded database that each test's own is copied from."""

    async def prepare() -> None:
        if RUNNING and await _exists(server_url, "billing_template"):
            return
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            await _run(server_url, f"ALTER SYSTEM SET {setting} = off")
        await _run(server_url, "SELECT pg_reload_conf()")
        await _run(server_url, "CREATE DATABASE billing_template")
        config = tortoise_config(_named(server_url, "billing_template"), ChannelHost().tortoise_apps())
        await migrate(config)
        async with connected(config):
            await seed()

    asyncio.run(prepare())
    return "billing_template"


@pytest.fixture
async def database_url(server_url: str, template_database: str) -> AsyncIterator[str]:
    """The URL of a database that only this test uses."""
    async with fresh_database(server_url, template_database) as url:
        yield url


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[str]:
    """A fresh database, with Tortoise connected to it; what happened in it says what is listed."""
    async with connected(tortoise_config(database_url, ChannelHost().tortoise_apps())):
        yield database_url
        happened = await Event.all()
        assert {event.type for event in happened} <= set(EVENT_TYPES)
        assert not [complaint for event in happened for complaint in complaints(event)]


@pytest.fixture
async def runtime(database: str) -> AsyncIterator[Runtime]:
    """A running process on this test's database."""
    host = ChannelHost()
    await host.start(lambda key: Callbacks(host, key))
    yield Runtime(get_settings(), database, tortoise_config(database, host.tortoise_apps()), host, database)
    await host.stop()


@pytest.fixture
async def api(runtime: Runtime) -> AsyncIterator[Api]:
    """A client of the application, not signed in."""
    transport = httpx.ASGITransport(app=create_app(runtime))
    async with httpx.AsyncClient(transport=transport) as http:
        yield Api(http)


@asynccontextmanager
async def fresh_database(server_url: str, template: str) -> AsyncIterator[str]:
    """The URL of a copy of ``template``, which is gone in the end."""
    name = f"test_{uuid4().hex}"
    await _run(server_url, f"CREATE DATABASE {name} TEMPLATE {template}")
    try:
        yield _named(server_url, name)
    finally:
        await _run(server_url, f"DROP DATABASE {name} WITH (FORCE)")


async def _run(url: str, statement: str) -> None:
    connection = await asyncpg.connect(**credentials(url))
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


async def _exists(url: str, name: str) -> bool:
    connection = await asyncpg.connect(**credentials(url))
    try:
        return bool(await connection.fetchval("SELECT true FROM pg_database WHERE datname = $1", name))
    finally:
        await connection.close()


async def _careless(url: str) -> None:
    """Nothing of a test's server need outlive a power cut."""
    for statement in ("ALTER SYSTEM SET fsync = off", "ALTER SYSTEM SET synchronous_commit = off"):
        await _run(url, statement)
    await _run(url, "SELECT pg_reload_conf()")


def _named(url: str, name: str) -> str:
    base, _, query = url.partition("?")
    return f"{base.rpartition('/')[0]}/{name}" + (f"?{query}" if query else "")


@contextmanager
def installed_server(binaries: Path, folder: Path) -> Iterator[str]:
    """A server of an installed PostgreSQL, on a socket in ``folder``, stopped with the block."""
    as_postgres = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    data = folder / "data"
    data.mkdir()
    if as_postgres:
        subprocess.run(["chown", "-R", "postgres", str(folder)], check=True)
    subprocess.run(
        [*as_postgres, str(binaries / "initdb"), "-D", str(data), "-U", "postgres", "-A", "trust"],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    options = f"-c listen_addresses='' -c unix_socket_directories='{folder}'"
    control = [*as_postgres, str(binaries / "pg_ctl"), "-D", str(data), "-w"]
    subprocess.run([*control, "-o", options, "-l", str(folder / "log"), "start"], check=True, stdout=subprocess.DEVNULL)
    try:
        yield f"postgresql://postgres@/postgres?host={quote(str(folder))}"
    finally:
        subprocess.run([*control, "-m", "immediate", "stop"], check=True, stdout=subprocess.DEVNULL)


@pytest.fixture
def server(database_url: str, tmp_path: Path) -> Iterator[Server]:
    """``billing serve`` as a process, with worker and demo users, on this test's database."""
    with serving(tmp_path, database_url) as running_server:
        yield running_server
