"""The worker: does what is due, again and again; any number at once."""

from __future__ import annotations

import asyncio

from app.journey.clockwork import Lane, lanes
from app.settings import Settings
from app.settlement.host import ChannelHost


async def run_once(settings: Settings, host: ChannelHost) -> None:
    """Do everything that is due now; what fails is logged, and does not keep the rest from being done."""
    for lane in lanes(settings, host):
        await lane.round()


async def run_forever(settings: Settings, host: ChannelHost) -> None:
    """Do what is due every ``worker_interval_seconds``; a lane that has much to do, or waits, holds up no other."""

    async def again(lane: Lane) -> None:
        while True:
            await lane.round()
            await asyncio.sleep(settings.worker_interval_seconds)

    await asyncio.gather(*(again(lane) for lane in lanes(settings, host)))
