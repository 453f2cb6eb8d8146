"""The command line teaches, and does what it says."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from app.cli import app
from tests.serving import BILLING, ROOT, environment


def _run(arguments: str, data: Path, database: str | None, **settings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(BILLING), *arguments.split()],
        env={**environment(data, database), "COLUMNS": "160", **settings},
        capture_output=True,
        text=True,
        timeout=60,
    )


def _commands(group: Any, name: str = "") -> list[str]:
    inside: dict[str, Any] = getattr(group, "commands", {})
    return [name.strip(), *(found for key, command in inside.items() for found in _commands(command, f"{name} {key}"))]


COMMANDS = _commands(typer.main.get_command(app))


@pytest.mark.parametrize("command", COMMANDS)
def test_help_teaches(command: str) -> None:
    said = CliRunner().invoke(app, [*command.split(), "--help"])
    assert said.exit_code == 0
    assert "Usage: " in said.output
    assert len(re.findall(r"[a-z]+", said.output)) > 15


def test_schema_print(tmp_path: Path) -> None:
    assert _run("schema print", tmp_path, None).stdout == (ROOT / "schema.graphql").read_text()


def test_checks_and_lists(database_url: str, tmp_path: Path) -> None:
    checked = _run("db check", tmp_path, database_url)
    assert (checked.returncode, "answers" in checked.stdout) == (0, True), checked.stderr
    listed = _run("channels list", tmp_path, database_url)
    assert all(channel in listed.stdout for channel in ("guance", "aliyun", "aws"))
    closed = _run("day close --day 2026-01-31", tmp_path, database_url)
    assert "0 accounts were due, 0 charges raised" in closed.stdout
    assert "the books are right" in _run("ledger check", tmp_path, database_url).stdout


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("postgresql://nobody@127.0.0.1:9/none", "does not answer"),
        ("mysql://localhost/x", "postgresql://user:password@host:5432/name"),
    ],
)
def test_a_database_that_is_not_there_is_said_in_a_sentence(tmp_path: Path, url: str, said: str) -> None:
    done = _run("db check", tmp_path, url)
    assert done.returncode == 1
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_another_secret_key_is_said_in_a_sentence(database_url: str, tmp_path: Path) -> None:
    other = "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE="
    for key, said in ((other, "BILLING_SECRET_KEY"), ("nonsense", "BILLING_SECRET_KEY")):
        done = _run("db migrate", tmp_path, database_url, BILLING_SECRET_KEY=key)
        assert done.returncode == 1
        assert said in done.stderr
        assert "Traceback" not in done.stderr
