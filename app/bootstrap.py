"""Making a process ready: database, migrations, seed, channels."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import asyncpg
from cryptography.fernet import Fernet, InvalidToken
from tortoise.transactions import in_transaction

from app.db.connection import connected, database_url, migrate, one_connection, tortoise_config
from app.errors import CannotStart
from app.journey.callbacks import Callbacks
from app.licenses.keys import check_signing_key, ensure_signing_key
from app.notifications.endpoints import point_staff_endpoint
from app.notifications.notices import seed_notices
from app.seed.agreement import seed_agreement
from app.seed.catalog import seed_catalog
from app.settings import Settings
from app.settlement.channels import owners, remember
from app.settlement.host import ChannelHost
from app.settlement.links import check_named_channels

OLDEST_POSTGRESQL = 15


@dataclass(frozen=True)
class Runtime:
    """What a running process has."""

    settings: Settings
    url: str
    config: dict[str, Any]
    host: ChannelHost
    direct: str | None = None
    """Where the database is reached without a pooler in between, if it is: for notifications, and for ``pg_dump``."""


@asynccontextmanager
async def running(settings: Settings, prepare: bool = True) -> AsyncIterator[Runtime]:
    """A process connected to its database with its channels started; ``prepare`` makes, migrates and seeds it first.

    Raises:
        CannotStart: there is no database, and it is not to be made; it does not answer or is too old; the secret key is
            not the one it was sealed with; or a channel that the settings name is not installed.
    """
    try:
        for key in settings.secret_keys:
            Fernet(key)
    except ValueError:
        raise CannotStart(
            "BILLING_SECRET_KEY must be 32 random bytes in URL-safe base64, or several such keys with commas between "
            "(docs/operations.md)"
        ) from None
    url = database_url(settings, make=prepare)
    pooled = await _reach(url)
    host = ChannelHost(timeout=settings.channel_timeout_seconds, owners=await owners(url))
    check_named_channels(host)
    config = tortoise_config(url, host.tortoise_apps(), settings.pool_size, pooled)
    if prepare:
        await migrate(config)
    async with connected(config):
        if prepare:
            await seed()
            await _unseal()
            await point_staff_endpoint(settings.staff_webhook_url, settings.staff_webhook_secret)
        await host.start(lambda key: Callbacks(host, key))
        if prepare:
            await remember(host)
        try:
            yield Runtime(settings, url, config, host, settings.direct_database_url or (None if pooled else url))
        finally:
            await host.stop()


async def _reach(url: str) -> bool:
    """See that the database is there; whether a pooler is in between: it gives clients process ids of its own."""
    try:
        async with one_connection(url) as connection:
            version = connection.get_server_version()
            pooled = connection.get_server_pid() != await connection.fetchval("SELECT pg_backend_pid()")
    except ValueError as error:
        raise CannotStart(str(error)) from None
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise CannotStart(f"the database does not answer: {error or type(error).__name__}; see DATABASE_URL") from None
    if version.major < OLDEST_POSTGRESQL:
        raise CannotStart(
            f"PostgreSQL {OLDEST_POSTGRESQL} or newer is needed, and DATABASE_URL names version {version.major}"
        )
    return bool(pooled)


async def _unseal() -> None:
    try:
        await check_signing_key()
    except InvalidToken:
        raise CannotStart(
            "the secrets in the database are sealed with another key: set BILLING_SECRET_KEY, or put secret.key back "
            "into the data folder (docs/operations.md)"
        ) from None


async def seed() -> None:
    """Add what a database needs to work and does not have yet."""
    async with in_transaction():
        await seed_catalog()
        await seed_agreement()
        await ensure_signing_key()
        await seed_notices()
