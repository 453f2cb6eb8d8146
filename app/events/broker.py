"""Pushing events to subscribers: PostgreSQL notifies every API process, which wakes the subscribers it serves."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import defaultdict
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import asyncpg

from app.db.connection import credentials
from app.events.models import Event
from app.events.recording import CHANNEL

log = logging.getLogger(__name__)
RECONNECT_SECONDS = 1.0


class EventBroker:
    """One listening connection for a process, and a wake-up flag for each subscriber."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._waiting: defaultdict[UUID, set[asyncio.Event]] = defaultdict(set)

    async def listen_forever(self) -> None:
        """Listen until cancelled; a lost connection is made again, and subscribers then look for what they missed."""
        while True:
            lost = asyncio.Event()
            try:
                connection = await asyncpg.connect(**credentials(self._url))
                connection.add_termination_listener(lambda _, lost=lost: lost.set())
                await connection.add_listener(CHANNEL, self._notified)
                self._wake(*self._waiting)
                try:
                    await lost.wait()
                finally:
                    with contextlib.suppress(Exception):
                        await connection.close()
            except (OSError, asyncpg.PostgresError) as error:
                log.warning("not listening for events: %s", error)
            await asyncio.sleep(RECONNECT_SECONDS)

    async def follow(self, account_id: UUID, after: UUID | None) -> AsyncIterator[Event]:
        """Every event of the account after the one named (by default: from now on), in order, as they come."""
        awake = asyncio.Event()
        self._waiting[account_id].add(awake)
        try:
            if after is None:
                newest = await Event.filter(account_id=account_id).order_by("-id").first()
                after = newest.id if newest else UUID(int=0)
            while True:
                events = await Event.filter(account_id=account_id, id__gt=after).order_by("id").limit(100)
                for event in events:
                    yield event
                    after = event.id
                if not events:
                    await awake.wait()
                    awake.clear()
        finally:
            self._waiting[account_id].discard(awake)
            if not self._waiting[account_id]:
                del self._waiting[account_id]

    def _notified(self, _connection: Any, _pid: int, _channel: str, payload: object) -> None:
        self._wake(UUID(str(payload)))

    def _wake(self, *account_ids: UUID) -> None:
        for account_id in account_ids:
            for awake in self._waiting.get(account_id, ()):
                awake.set()
