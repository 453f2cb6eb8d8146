"""The worker: does what is due, again and again; any number at once."""

from __future__ import annotations

import asyncio
import contextlib
import logging

from app.jobs.beating import BEAT_SECONDS, Heart
from app.journey.clockwork import Lane, lanes
from app.settings import Settings
from app.settlement.host import ChannelHost

log = logging.getLogger(__name__)


async def run_once(settings: Settings, host: ChannelHost) -> None:
    """Do everything that is due now; what fails is logged, and does not keep the rest from being done."""
    for lane in lanes(settings, host):
        await lane.round()


async def run_until(stopping: asyncio.Event, settings: Settings, host: ChannelHost) -> None:
    """Do what is due every ``worker_interval_seconds``; a lane that has much to do, or waits, holds up no other.

    Once ``stopping`` is set each lane ends what it has in hand and begins nothing. What takes longer than
    ``shutdown_seconds``, or is cancelled, is rolled back, and done again by whichever worker is next.
    """
    heart = Heart()
    working = [
        asyncio.create_task(_again(lane, stopping, settings.worker_interval_seconds)) for lane in lanes(settings, host)
    ]
    working.append(asyncio.create_task(_beat(heart, stopping)))
    try:
        await stopping.wait()
        _, late = await asyncio.wait(working, timeout=settings.shutdown_seconds)
        if late:
            log.warning("%s lanes did not end in time; what they had in hand is rolled back", len(late))
    finally:
        for task in working:
            task.cancel()
        await asyncio.gather(*working, return_exceptions=True)
        with contextlib.suppress(Exception):
            await asyncio.wait_for(heart.stop(), 1)


async def _again(lane: Lane, stopping: asyncio.Event, interval: float) -> None:
    while not stopping.is_set():
        await lane.round(stopping)
        await _pause(stopping, interval)


async def _beat(heart: Heart, stopping: asyncio.Event) -> None:
    while not stopping.is_set():
        try:
            await heart.beat()
        except Exception as error:
            log.warning("the worker could not say that it is there: %s", type(error).__name__)
        await _pause(stopping, BEAT_SECONDS)


async def _pause(stopping: asyncio.Event, seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(stopping.wait(), seconds)
