"""Giving channels time for what they do by themselves."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from settlement_spec import SettlementChannel
from tortoise.connection import get_connection
from uuid_utils.compat import uuid7

from app import clock
from app.errors import ChannelUnavailable
from app.settlement.host import ChannelHost

log = logging.getLogger(__name__)
EVERY = timedelta(minutes=1)
CLAIM_SQL = """
INSERT INTO channel_tick AS t (id, channel, due_at) VALUES ($1, $2, $4)
ON CONFLICT (channel) DO UPDATE SET due_at = excluded.due_at WHERE t.due_at <= $3 RETURNING id
"""


async def tick_due(host: ChannelHost) -> None:
    """Let each channel work that was not let for a minute, by whichever worker is here; never two at a time."""
    for key in host.loaded():
        now = clock.now()

        async def tick(channel: SettlementChannel, now: datetime = now) -> None:
            await channel.tick(now)

        if await get_connection("default").execute_query_dict(CLAIM_SQL, [uuid7(), key, now, now + EVERY]):
            try:
                await host.call(key, tick, refusals=())
            except ChannelUnavailable as error:
                log.warning("settlement channel %s could not do its own work: %s", key, error)
