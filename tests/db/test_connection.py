"""Which database is used, and that several processes may prepare it at once."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import asyncpg
import pytest

from app.db.connection import credentials
from app.db.server import start_embedded
from tests.serving import BILLING, embedded_folder, environment


@pytest.mark.parametrize(
    ("url", "found"),
    [
        (
            "postgresql://u%40x:p%2Fw@db.example.com:6432/bill",
            {"host": "db.example.com", "port": 6432, "user": "u@x", "password": "p/w", "database": "bill"},
        ),
        (
            "postgres://postgres@/bill?host=/var/run/postgresql",
            {
                "host": "/var/run/postgresql",
                "port": 5432,
                "user": "postgres",
                "password": None,
                "database": "bill",
            },
        ),
        (
            "postgresql://db.example.com/?sslmode=require",
            {
                "host": "db.example.com",
                "port": 5432,
                "user": "postgres",
                "password": None,
                "database": "postgres",
                "ssl": "require",
            },
        ),
    ],
)
def test_a_url_says_what_asyncpg_needs(url: str, found: dict[str, Any]) -> None:
    assert credentials(url) == found


def test_another_database_is_refused() -> None:
    with pytest.raises(ValueError, match="postgresql://"):
        credentials("sqlite:///x.db")


async def test_processes_that_migrate_at_once_go_one_after_another(server_url: str, tmp_path: Path) -> None:
    name = f"parallel_{uuid4().hex}"
    connection = await asyncpg.connect(**credentials(server_url))
    await connection.execute(f"CREATE DATABASE {name}")
    parts = urlsplit(server_url)
    url = parts._replace(path=f"/{name}").geturl()
    processes = [
        subprocess.Popen(
            [str(BILLING), "db", "migrate"],
            env=environment(tmp_path, url),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        for _ in range(3)
    ]
    said = [process.communicate(timeout=60)[0].decode() for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0], said
    seeded = await asyncpg.connect(**credentials(url))
    assert [
        await seeded.fetchval(f"SELECT count(*) FROM {table}")
        for table in ("edition", "price_plan", "agreement_version", "signing_key")
    ] == [4, 1, 3, 1]
    await seeded.close()
    await connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await connection.close()


async def test_the_embedded_server_outlives_its_killed_owner() -> None:
    with embedded_folder() as folder:
        owner = subprocess.Popen(
            [str(BILLING.with_name("python")), "-c", OWNER, str(folder)], stdout=subprocess.PIPE, text=True
        )
        assert owner.stdout is not None
        with owner.stdout:
            first = owner.stdout.readline().strip()
            owner.kill()
            owner.wait()
        again = start_embedded(folder)
        assert again == first
        connection = await asyncpg.connect(**credentials(again))
        assert await connection.fetchval("SELECT note FROM kept") == "still here"
        await connection.close()


OWNER = """
import asyncio, sys, time
from pathlib import Path
import asyncpg
from app.db.connection import credentials
from app.db.server import start_embedded

url = start_embedded(Path(sys.argv[1]))

async def keep():
    connection = await asyncpg.connect(**credentials(url))
    await connection.execute("CREATE TABLE kept (note text); INSERT INTO kept VALUES ('still here')")
    await connection.close()

asyncio.run(keep())
print(url, flush=True)
time.sleep(60)
"""
