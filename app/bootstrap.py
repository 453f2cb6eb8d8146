"""Making a process ready: database, migrations, seed, channels."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from tortoise.transactions import in_transaction

from app.db.connection import connected, database_url, migrate, tortoise_config
from app.licenses.keys import ensure_signing_key
from app.notifications.notices import seed_notices
from app.seed.agreement import seed_agreement
from app.seed.catalog import seed_catalog
from app.settings import Settings
from app.settlement.callbacks import Callbacks
from app.settlement.host import ChannelHost


@dataclass(frozen=True)
class Runtime:
    """What a running process has."""

    settings: Settings
    url: str
    config: dict[str, Any]
    host: ChannelHost


@asynccontextmanager
async def running(settings: Settings, prepare: bool = True) -> AsyncIterator[Runtime]:
    """A process connected to its database with its channels started; ``prepare`` migrates and seeds first."""
    url = database_url(settings)
    host = ChannelHost(timeout=settings.channel_timeout_seconds)
    config = tortoise_config(url, host.tortoise_apps(), settings.pool_size)
    if prepare:
        await migrate(config)
    async with connected(config):
        if prepare:
            await seed()
        await host.start(lambda key: Callbacks(host, key))
        try:
            yield Runtime(settings, url, config, host)
        finally:
            await host.stop()


async def seed() -> None:
    """Add what a database needs to work and does not have yet."""
    async with in_transaction():
        await seed_catalog()
        await seed_agreement()
        await ensure_signing_key()
        await seed_notices()
