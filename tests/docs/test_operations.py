"""What the guide for operators tells to type works as it stands there."""

from __future__ import annotations

import os
import re
import subprocess
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest

from app import clock
from app.accounts.registration import register
from app.agreements.queries import current_version
from app.catalog.keys import EditionKey
from app.catalog.models import Edition
from app.catalog.queries import find_group, plan_at
from app.db.connection import credentials
from app.db.server import binary
from tests.serving import BILLING, ROOT, environment

GUIDE = (ROOT / "docs" / "operations.md").read_text()
BLOCKS = re.findall(r"^```sh\n(.*?)^```$", GUIDE, re.DOTALL | re.MULTILINE)
EDITION = EditionKey.PAY_AS_YOU_GO
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
    assert "li@vendor.example is invited: hand over the code" in said
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
    first = await current_version(EDITION, clock.now())
    commands = block("agreement publish")
    for _ in range(2):
        said = typed(commands, tmp_path, database)
        assert "version 2, in force from 2099-01-01 00:00 Asia/Shanghai on" in said
    assert "to come" in said
    assert await current_version(EDITION, clock.now()) == first
    then = await current_version(EDITION, datetime(2098, 12, 31, 16, tzinfo=UTC))
    assert then.title["zh"] == "按量付费版服务协议"
    assert "# 按量付费版服务协议\n\n1. ……" in typed("billing agreement show PAY_AS_YOU_GO 2", tmp_path, database)
    assert "version 2 is withdrawn" in typed("billing agreement withdraw PAY_AS_YOU_GO 2", tmp_path, database)
    assert await current_version(EDITION, then.valid_from) == first
    at_once = typed(commands.replace("1. …", "2. …").replace(" --from 2099-01-01", ""), tmp_path, database)
    assert "version 3" in at_once
    assert (await current_version(EDITION, clock.now())).version == 3
    assert (await current_version(EditionKey.SUBSCRIPTION, clock.now())).version == 1


async def test_a_new_price_is_that_of_upgrades_from_then_on(database: str, tmp_path: Path) -> None:
    commands = block("plan publish plan.toml --from 2099-01-01\n")
    said = typed(commands, tmp_path, database)
    assert "a day of 150: 150 billed, 900.00 CNY\nnothing is published: it was a dry run" in said
    assert said.count("PAY_AS_YOU_GO version 2, in force from 2099-01-01 00:00 Asia/Shanghai on") == 2
    begins = datetime(2098, 12, 31, 16, tzinfo=UTC)
    now, then = [await plan_at(EDITION, at) for at in (clock.now(), begins)]
    assert [(plan.version, plan.unit_price_minor, plan.minimum_quantity) for plan in (now, then)] == [
        (1, 500, 20),
        (2, 600, 20),
    ]
    said = typed(block("plan group put"), tmp_path, database)
    assert "# a day of 150: 150 billed, 900.00 CNY" in said
    partners = await find_group("partners")
    assert (await plan_at(EDITION, clock.now(), partners.id)).unit_price_minor == 600
    said = typed("billing plan withdraw PAY_AS_YOU_GO 2; billing plan list", tmp_path, database)
    assert "version 2 is withdrawn" in said
    assert "command line, withdrawn by command line" in said
    assert await plan_at(EDITION, begins) == now


async def test_meters_and_editions_are_published_from_files(database: str, tmp_path: Path) -> None:
    (meter,) = re.findall(r"^```toml\n(.*?)^```$", (ROOT / "docs" / "usage.md").read_text(), re.DOTALL | re.MULTILINE)
    (tmp_path / "meter.toml").write_text(meter)
    said = typed(
        "billing meter publish meter.toml --from 2099-01-01T08:00+08:00; billing meter list", tmp_path, database
    )
    assert "log_gb in GB, SUM, known from 2099-01-01 08:00 Asia/Shanghai on" in said
    assert "to come" in said
    assert "command line" in said
    assert tomllib.loads(typed("billing meter show log_gb", tmp_path, database)) == tomllib.loads(meter)
    assert "log_gb is withdrawn" in typed("billing meter withdraw log_gb", tmp_path, database)
    script = "billing edition show LICENSED > e.toml; billing edition publish LICENSED e.toml --from 2099-01-01"
    assert "LICENSED version 2, in force from 2099-01-01 00:00" in typed(script, tmp_path, database)
    old, new = await Edition.filter(key=EditionKey.LICENSED).order_by("version").values()
    assert old | {name: new[name] for name in ("id", "version", "valid_from", "published_by")} == new
    assert "is withdrawn" in typed("billing edition withdraw LICENSED 2; billing edition list", tmp_path, database)
