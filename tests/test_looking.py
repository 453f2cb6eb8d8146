"""Commands that only look leave everything as it was, and demo tokens work where they were printed alone."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.accounts.models import AccessToken, StaffAssignment, User
from app.accounts.tokens import authenticate
from app.bootstrap import seed
from app.cli import app
from app.clock import now
from app.errors import CannotStart
from app.seed.demo import ADMIN, STAFF, demo_tokens, end_demo
from app.settings import get_settings
from tests.db.rows import every_row
from tests.serving import BILLING, ROOT, environment

ARGUMENTS = {
    "agreement show": "PAY_AS_YOU_GO 1",
    "edition show": "PAY_AS_YOU_GO",
    "meter show": "datakit",
    "plan show": "PAY_AS_YOU_GO",
    "db dump": "dump.sql",
    "person export": "somebody@example.com",
    "channels check": "guance",
}
LOOKING = [
    "agreement list",
    "agreement show",
    "audit export",
    "audit verify",
    "channels check",
    "channels list",
    "day status",
    "db check",
    "db dump",
    "edition list",
    "edition show",
    "ledger check",
    "ledger trial-balance",
    "license keys",
    "meter list",
    "meter show",
    "person export",
    "plan group list",
    "plan list",
    "plan show",
    "release list",
    "report arrears",
    "report charges",
    "report contracts-ending",
    "report deferred",
    "report focus",
    "report revenue",
    "staff list",
]


def test_every_command_that_only_looks_is_listed() -> None:
    modules = "".join(path.read_text() for path in (ROOT / "app" / "commands").glob("*.py"))
    looks = len(re.findall(r"^    looking\(", modules, re.MULTILINE))
    assert (
        looks == len(LOOKING) - 4
    )  # the four reports that are tables share one call, and the two that are files another


@pytest.mark.parametrize("command", LOOKING)
def test_where_there_is_no_database_none_is_made(command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "nothing here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv("BILLING_DATA_DIR", str(folder / "data"))
    get_settings.cache_clear()
    try:
        said = CliRunner().invoke(app, [*command.split(), *ARGUMENTS.get(command, "").split()])
    finally:
        get_settings.cache_clear()
    assert isinstance(said.exception, CannotStart), said.output
    assert str(folder / "data") in str(said.exception)
    assert str(folder / "data" / "postgres") in said.stderr
    assert list(folder.iterdir()) == []


@pytest.mark.slow
async def test_what_is_looked_at_stays_as_it_was(database: str, tmp_path: Path) -> None:
    await User.create(email="somebody@example.com", name="Somebody", created_at=now())
    before = await every_row()
    script = "; ".join(
        f"{BILLING} {command} {ARGUMENTS.get(command, '')} >/dev/null || echo FAILED {command}" for command in LOOKING
    )
    env = environment(tmp_path / "data", database)
    del env["BILLING_SECRET_KEY"]
    done = subprocess.run(["bash", "-c", script], cwd=tmp_path, env=env, capture_output=True, text=True)
    assert "FAILED" not in done.stdout, done.stdout + done.stderr
    assert done.stderr.count("database: test_") == len(LOOKING)
    assert await every_row() == before
    assert [path.name for path in tmp_path.iterdir()] == ["dump.sql"]


def test_what_is_no_setting_is_named(tmp_path: Path) -> None:
    said = subprocess.run(
        [str(BILLING), "db", "check"],
        env={**environment(tmp_path, None), "BILLING_PROT": "9", "BILLING_CHANNEL_X_Y": "1"},
        capture_output=True,
        text=True,
    )
    assert said.returncode == 1
    assert "BILLING_PROT is no setting; BILLING_PORT is" in said.stderr
    assert "BILLING_CHANNEL_X_Y" not in said.stderr


def test_the_version_is_said() -> None:
    said = CliRunner().invoke(app, ["--version"])
    assert (said.exit_code, said.output) == (0, "billing 0.1.0\n")


async def test_demo_tokens_end_where_they_were_not_printed(database: str, tmp_path: Path) -> None:
    await seed()
    here, elsewhere = tmp_path / "here", tmp_path / "elsewhere"
    here.mkdir()
    elsewhere.mkdir()
    printed = await demo_tokens(here)
    assert await demo_tokens(here) == printed
    viewer = await authenticate(printed["staff"])
    assert viewer is not None
    assert viewer.staff_roles

    moved = await demo_tokens(elsewhere)
    assert await authenticate(printed["staff"]) is None
    assert await authenticate(printed["administrator"]) is None
    assert await authenticate(moved["staff"]) is not None

    await end_demo(elsewhere)
    assert await authenticate(moved["staff"]) is None
    assert not await StaffAssignment.filter(user__email=STAFF).count()
    assert not await AccessToken.filter(user__email__in=(ADMIN, STAFF), revoked_at=None).count()
    assert list(elsewhere.iterdir()) == []
    again = await demo_tokens(here)
    assert set(again.values()).isdisjoint(printed.values())
    assert await authenticate(again["staff"]) is not None
