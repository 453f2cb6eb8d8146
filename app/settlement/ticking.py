"""Giving channels time for what they do by themselves."""

from __future__ import annotations

import logging
from datetime import timedelta

from app import clock
from app.errors import ChannelUnavailable
from app.jobs.scheduling import due
from app.settlement.host import ChannelHost

log = logging.getLogger(__name__)
EVERY = timedelta(minutes=1)


async def tick_due(host: ChannelHost) -> None:
    """Let each channel work that was not let for a minute, by whichever worker is here; never two at a time."""
    for key in host.loaded():
        await tick(host, key)


async def tick(host: ChannelHost, key: str) -> None:
    """``tick_due`` for one channel."""
    if await due(f"tick {key}", EVERY):
        try:
            await host.call(key, lambda channel: channel.tick(clock.now()))
        except ChannelUnavailable as error:
            log.warning("settlement channel %s could not do its own work: %s", key, error)
