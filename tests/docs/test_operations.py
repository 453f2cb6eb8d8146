"""What the guide for operators tells to type works as it stands there."""

from __future__ import annotations

import os
import re
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest
from tortoise.connection import get_connection

from app import clock
from app.accounts.registration import register
from app.agreements.queries import current_version
from app.catalog.keys import EditionKey
from app.catalog.queries import plan_at
from app.db.connection import credentials
from app.db.server import binary
from tests.serving import BILLING, ROOT, environment

GUIDE = (ROOT / "docs" / "operations.md").read_text()
BLOCKS = re.findall(r"^```sh\n(.*?)^```$", GUIDE, re.DOTALL | re.MULTILINE)
(NEW_PRICE,) = re.findall(r"^```sql\n(.*?)^```$", GUIDE, re.DOTALL | re.MULTILINE)
BUNDLED = binary("psql").parent


def block(words: str) -> str:
    """The only block of commands that has these words."""
    (found,) = (block for block in BLOCKS if words in block)
    return str(found)


def typed(script: str, data: Path, database: str) -> str:
    """What a shell says to the script, with ``.venv/bin`` in its path, and some psql."""
    path = os.pathsep.join((str(BILLING.parent), str(BUNDLED), os.environ["PATH"]))
    done = subprocess.run(
        ["bash", "-euxo", "pipefail", "-c", script],
        cwd=data,
        env={**environment(data, database), "PATH": path},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.usefixtures("database")
async def test_staff(database_url: str, tmp_path: Path) -> None:
    await register("li@vendor.example", "a long password", "Li")
    said = typed(block("staff grant"), tmp_path, database_url)
    assert "has the role FINANCE" in said
    assert "does not have the role FINANCE" in said


async def test_a_dump_is_restored_elsewhere(database_url: str, server_url: str, tmp_path: Path) -> None:
    typed(block("db dump"), tmp_path, database_url)
    base, _, query = database_url.partition("?")
    name = f"moved_{uuid4().hex}"
    server = await asyncpg.connect(**credentials(server_url))
    await server.execute(f"CREATE DATABASE {name}")
    try:
        said = typed(block("psql"), tmp_path, f"{base.rpartition('/')[0]}/{name}" + (f"?{query}" if query else ""))
        assert "the database is up to date" in said
        assert "the books are right" in said
    finally:
        await server.execute(f"DROP DATABASE {name} WITH (FORCE)")
        await server.close()


async def test_a_new_agreement_is_in_force_when_it_says(database: str, tmp_path: Path) -> None:
    first = await current_version(clock.now())
    commands = block("agreement publish")
    for _ in range(2):
        assert "version 2, in force from 2099-01-01 00:00 UTC on" in typed(commands, tmp_path, database)
    assert await current_version(clock.now()) == first
    assert (await current_version(datetime(2099, 1, 2, tzinfo=UTC))).title["zh"] == "商业版服务协议"
    at_once = typed(commands.replace("1. …", "2. …").replace(" --from 2099-01-01", ""), tmp_path, database)
    assert "version 3" in at_once
    assert (await current_version(clock.now())).version == 3


async def test_a_new_price_is_that_of_upgrades_from_then_on(database: str) -> None:
    await get_connection("default").execute_script(NEW_PRICE)
    now, then = [await plan_at(EditionKey.PAY_AS_YOU_GO, at) for at in (clock.now(), datetime(2099, 1, 1, tzinfo=UTC))]
    assert [(plan.version, plan.unit_price_minor, plan.minimum_quantity) for plan in (now, then)] == [
        (1, 500, 20),
        (2, 600, 20),
    ]
