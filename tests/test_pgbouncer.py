"""Servers and workers behind PgBouncer, which hands a connection to the database on after each transaction."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from tortoise.connection import get_connection
from tortoise.transactions import in_transaction

from app.accounts.models import User
from app.bootstrap import running
from app.db.connection import connected, tortoise_config
from app.settings import get_settings
from tests.front import found, pgbouncer
from tests.serving import BILLING, environment, serving, simulated

pytestmark = pytest.mark.skipif(found("pgbouncer") is None, reason="there is no pgbouncer (apt-get install pgbouncer)")


@pytest.fixture
def pooled(database_url: str) -> Iterator[str]:
    """This test's database, behind PgBouncer."""
    with pgbouncer(database_url) as url:
        yield url


async def test_a_pooler_is_noticed(pooled: str, database_url: str) -> None:
    for url, seen in ((database_url, False), (pooled, True)):
        settings = get_settings().model_copy(update={"database_url": url})
        async with running(settings) as runtime:
            credentials_of = runtime.config["connections"]["default"]["credentials"]
            assert (credentials_of.get("statement_cache_size") == 0) is seen
            assert runtime.direct == (None if seen else url)


async def test_statements_are_nobody_elses(database_url: str) -> None:
    """Hundreds at once over two connections to the server: each gets the answer to what it asked."""

    async def ask(number: int) -> bool:
        query = f"SELECT $1::int AS n, {number} AS asked, '{'x' * (number % 7)}' AS text"
        (row,) = await get_connection("default").execute_query_dict(query, [number])
        if number % 5 == 0:
            async with in_transaction() as connection:
                await connection.execute_query("SELECT pg_advisory_xact_lock($1)", [number % 3])
                assert await User.filter(id__isnull=False).count() >= 0
        return bool(row["n"] == row["asked"] == number)

    with pgbouncer(database_url, default_pool_size=2) as narrow:
        async with connected(tortoise_config(narrow, [], 16, pooled=True)):
            assert all(await asyncio.gather(*map(ask, range(400))))


@pytest.mark.slow
def test_the_journey(pooled: str, database_url: str, tmp_path: Path) -> None:
    """Two servers, one of them with a worker, start at once on a database without a table."""
    with serving(tmp_path, pooled, demo=False) as server:
        with serving(tmp_path, pooled, demo=False) as other:
            done = simulated(server.base, tmp_path, "--days", "2", "--deployments", "4", "--datakits", "30")
            assert done.returncode == 0, done.stdout + done.stderr
            done = simulated(other.base, tmp_path, "--days", "1", "--deployments", "2", "--datakits", "3")
            assert done.returncode == 0, done.stdout + done.stderr
        assert "prepared statement" not in (tmp_path / "serve.log").read_text()
    for command, code, said in (
        (["ledger", "check"], 0, "the books are right"),
        (["audit", "verify"], 0, ""),
        (["db", "check"], 0, "answers"),
        (["db", "dump", str(tmp_path / "dump.sql")], 1, "BILLING_DIRECT_DATABASE_URL"),
    ):
        told = billing(tmp_path, pooled, *command)
        assert told.returncode == code, told.stdout + told.stderr
        assert said in told.stdout + told.stderr
    direct = {"BILLING_DIRECT_DATABASE_URL": database_url}
    assert billing(tmp_path, pooled, "db", "dump", str(tmp_path / "dump.sql"), **direct).returncode == 0


def billing(data: Path, url: str, *command: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """A command on a database."""
    return subprocess.run(
        [str(BILLING), *command], env={**environment(data, url), **settings}, capture_output=True, text=True
    )
