"""Connecting to PostgreSQL: which server, which tables, which migrations."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import asyncpg
from settlement_spec import TortoiseApp
from tortoise import Tortoise
from tortoise.backends.asyncpg.client import TransactionWrapper
from tortoise.connection import get_connection
from tortoise.context import TortoiseContext
from tortoise.migrations.api import migrate as run_migrations
from tortoise.migrations.executor import MigrationExecutor
from tortoise.transactions import in_transaction

from app.db.engine import UNNAMED
from app.db.server import is_there, start_embedded
from app.errors import CannotStart
from app.settings import Settings

ROOMS = Path(__file__).parents[1]
MIGRATION_LOCK = 7_305_001


def database_url(settings: Settings, make: bool = True) -> str:
    """The server that ``DATABASE_URL`` names, or the embedded one, which is started if need be, and made if ``make``.

    Raises:
        CannotStart: there is none, and it is not to be made.
    """
    if settings.database_url is None and not make and not is_there(settings.data_dir):
        raise CannotStart(
            f"there is no database in {settings.data_dir.resolve()}: name another folder with BILLING_DATA_DIR, or a "
            "server with DATABASE_URL; `billing serve` and `billing db migrate` make one"
        )
    return settings.database_url or start_embedded(settings.data_dir)


def shown(settings: Settings) -> str:
    """Which database it is, for people, without the password.

    Raises:
        CannotStart: DATABASE_URL is no URL of PostgreSQL.
    """
    if settings.database_url is None:
        return f"embedded, in {(settings.data_dir / 'postgres').resolve()}"
    try:
        found = credentials(settings.database_url)
    except ValueError as error:
        raise CannotStart(str(error)) from None
    return f"{found['database']} of {found['user']} at {found['host']}:{found['port']}"


def credentials(url: str) -> dict[str, Any]:
    """What asyncpg needs to know from a ``postgresql://`` URL; ``?host=`` may name a Unix socket folder.

    Raises:
        ValueError: the URL is not one of PostgreSQL.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ValueError(
            f"DATABASE_URL must be of the form postgresql://user:password@host:5432/name, not {parts.scheme}:…"
        )
    query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    found: dict[str, Any] = {
        "host": query.pop("host", None) or parts.hostname or "localhost",
        "port": parts.port or int(query.pop("port", 5432)),
        "user": unquote(parts.username or "postgres"),
        "password": unquote(parts.password) if parts.password else None,
        "database": parts.path.lstrip("/") or "postgres",
    }
    if mode := query.pop("sslmode", None):
        found["ssl"] = mode
    return found


def core_models() -> list[str]:
    """The modules of the core's tables: ``models.py`` of every room, but for this one's, which has none."""
    found = sorted(path.parent.name for path in ROOMS.glob("*/models.py"))
    return [f"app.{room}.models" for room in found if room != "db"]


@asynccontextmanager
async def one_connection(url: str, timeout: float = 10) -> AsyncIterator[asyncpg.Connection[asyncpg.Record]]:
    """A connection for a block alone, which is in a transaction: a pooler in between makes no difference."""
    connection = await asyncpg.connect(**credentials(url), **UNNAMED, timeout=timeout)
    try:
        async with connection.transaction():
            yield connection
    finally:
        connection.terminate()


def tortoise_config(
    url: str, channel_apps: Iterable[TortoiseApp], pool_size: int = 10, pooled: bool = False
) -> dict[str, Any]:
    """Tortoise's configuration: the core's tables as app ``app``, and one app for each channel that has tables.

    ``pooled``: a pooler such as PgBouncer is in between, which hands a connection on after each transaction.
    """
    apps: dict[str, Any] = {
        "app": {"models": core_models(), "migrations": "app.migrations", "default_connection": "default"},
    }
    for channel_app in channel_apps:
        apps[channel_app.label] = {
            "models": [channel_app.models_module],
            "migrations": channel_app.migrations_module,
            "default_connection": "default",
        }
    return {
        "connections": {
            "default": {
                "engine": "app.db.engine",
                "credentials": {
                    **credentials(url),
                    "minsize": 1,
                    "maxsize": pool_size,
                    "reset": _leave_as_it_is,
                    **(UNNAMED if pooled else {}),
                },
            }
        },
        "apps": apps,
        "use_tz": True,
        "timezone": "UTC",
    }


async def _leave_as_it_is(connection: Any) -> None:
    """What a pool does with a connection given back, after the roll-back of an open transaction: nothing.

    Nothing here outlives its transaction (no session settings, session locks or listeners on pooled connections), and
    asyncpg's own resetting would cost a round trip for every statement.
    """


async def migrate(config: dict[str, Any]) -> None:
    """Bring every table to the newest migration; several processes that start at once do it one after another.

    Each app is migrated by itself, since no foreign key leads from one to another: Tortoise builds the models of
    everything that it knows anew for every step.
    """
    async with TortoiseContext() as context:
        await context.init(config=config)
        async with in_transaction() as guard:
            await guard.execute_query("SELECT pg_advisory_xact_lock($1)", [MIGRATION_LOCK])
            async with TortoiseContext():
                for label, app in config["apps"].items():
                    await run_migrations(config={**config, "apps": {label: app}})
                await Tortoise.close_connections()


@asynccontextmanager
async def connected(config: dict[str, Any]) -> AsyncIterator[TortoiseContext]:
    """Tortoise's models, usable in every task while the block lasts (a server's requests run in tasks of their own)."""
    async with TortoiseContext() as context:
        await context.init(config=config, _enable_global_fallback=True)
        yield context


def driver() -> Any:
    """The asyncpg connection of the present transaction, for what Tortoise does not offer or would copy.

    Raises:
        RuntimeError: there is no transaction.
    """
    connection: Any = get_connection("default")
    if not isinstance(connection, TransactionWrapper):
        raise RuntimeError("this needs a transaction")
    return connection._connection


async def pending_migrations(config: dict[str, Any]) -> list[str]:
    """The migrations that the database does not have yet, as ``app.name``."""
    waiting: list[str] = []
    async with TortoiseContext() as context:
        await context.init(config=config)
        executor = MigrationExecutor(context.connections.get("default"), config["apps"])
        waiting = [f"{step.migration.app_label}.{step.migration.name}" for step in await executor.plan()]
    return waiting
