"""Restoring a dump, and writing past the rules."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tortoise.connection import get_connection

from app.db.server import binary


def restore(dump: Path, url: str) -> None:
    """Let an empty database have what was dumped."""
    psql = [str(binary("psql")), "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--single-transaction"]
    subprocess.run([*psql, f"--dbname={url}", f"--file={dump}"], check=True, stdout=subprocess.DEVNULL)


async def execute(sql: str) -> None:
    await get_connection("default").execute_script(sql)
