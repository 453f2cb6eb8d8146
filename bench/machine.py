"""What the measuring is done on."""

from __future__ import annotations

import os
import platform
from importlib.metadata import version
from pathlib import Path

import asyncpg
import uvloop

from app.db.connection import credentials


def machine(database: str) -> str:
    """What the measuring was done on, and with."""
    packages = [
        f"{name} {version(name)}" for name in ("strawberry-graphql", "starlette", "uvicorn", "uvloop", "asyncpg")
    ]
    return (
        f"{os.cpu_count()} CPUs ({platform.machine()}), {platform.system()} {platform.release()}, "
        f"Python {platform.python_version()}, PostgreSQL {uvloop.run(_version(database))}, {', '.join(packages)}"
    )


def postmaster_of(home: Path) -> int | None:
    """The process of the embedded PostgreSQL, if it is that which was started."""
    file = home / "postgres" / "postmaster.pid"
    return int(file.read_text().split()[0]) if file.exists() else None


async def _version(database: str) -> str:
    """The version of PostgreSQL."""
    connection = await asyncpg.connect(**credentials(database))
    try:
        return str(await connection.fetchval("SHOW server_version"))
    finally:
        await connection.close()
