"""The worker: does what is due, again and again; any number at once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from app.journey.clockwork import bill, notify
from app.settings import Settings
from app.settlement.host import ChannelHost


async def run_once(settings: Settings, host: ChannelHost) -> None:
    """Do everything that is due now; what fails is logged, and does not keep the rest from being done."""
    await asyncio.gather(bill(settings, host), notify(settings))


async def run_forever(settings: Settings, host: ChannelHost) -> None:
    """Do what is due every ``worker_interval_seconds``; a slow receiver of webhooks does not delay the billing."""

    async def again(work: Callable[[], Awaitable[None]]) -> None:
        while True:
            await work()
            await asyncio.sleep(settings.worker_interval_seconds)

    await asyncio.gather(again(lambda: bill(settings, host)), again(lambda: notify(settings)))
