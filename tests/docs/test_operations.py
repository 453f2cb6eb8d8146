"""What the guide for operators tells to type works as it stands there."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from app.accounts.identity import register
from tests.serving import BILLING, ROOT, environment

GUIDE = (ROOT / "docs" / "operations.md").read_text()
BLOCKS = re.findall(r"^```sh\n(.*?)^```$", GUIDE, re.DOTALL | re.MULTILINE)


def block(words: str) -> str:
    """The only block of commands that has these words."""
    (found,) = (block for block in BLOCKS if words in block)
    return str(found)


def typed(script: str, data: Path, database: str | None) -> str:
    """What a shell says to the script, with ``.venv/bin`` in its path."""
    path = f"{BILLING.parent}{os.pathsep}{os.environ['PATH']}"
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
