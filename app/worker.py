"""The worker: closes what is due and settles what is owed, again and again. Any number may run at once."""

from __future__ import annotations

import asyncio
import logging

from app.billing.service import close_due
from app.settings import Settings
from app.settlement.host import ChannelHost
from app.settlement.settling import settle_due
from app.settlement.ticking import tick_due

log = logging.getLogger(__name__)


async def run_once(settings: Settings, host: ChannelHost) -> None:
    """Do everything that is due now."""
    await close_due(delay_seconds=settings.close_delay_seconds)
    await tick_due(host)
    while await settle_due(host):
        pass


async def run_forever(settings: Settings, host: ChannelHost) -> None:
    """Do what is due every ``worker_interval_seconds``; trouble is logged, and the next round tries again."""
    while True:
        try:
            await run_once(settings, host)
        except Exception:
            log.exception("a worker round failed; the next one starts in %s s", settings.worker_interval_seconds)
        await asyncio.sleep(settings.worker_interval_seconds)
