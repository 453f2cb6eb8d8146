"""Giving channels time for what they do by themselves."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from settlement_spec import SettlementChannel

from app import clock
from app.errors import ChannelUnavailable
from app.jobs.service import due
from app.settlement.host import ChannelHost

log = logging.getLogger(__name__)
EVERY = timedelta(minutes=1)


async def tick_due(host: ChannelHost) -> None:
    """Let each channel work that was not let for a minute, by whichever worker is here; never two at a time."""
    for key in host.loaded():
        if await due(f"tick {key}", EVERY):

            async def tick(channel: SettlementChannel, now: datetime) -> None:
                await channel.tick(now)

            now = clock.now()
            try:
                await host.call(key, lambda channel, now=now: tick(channel, now), refusals=())  # type: ignore[misc]
            except ChannelUnavailable as error:
                log.warning("settlement channel %s could not do its own work: %s", key, error)
