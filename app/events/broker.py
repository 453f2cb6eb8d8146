"""Pushing events to subscribers: PostgreSQL notifies every API process, which wakes the subscribers it serves."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import defaultdict
from collections.abc import AsyncIterator, Collection, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
from tortoise.expressions import Q

from app.db.connection import credentials
from app.db.remembered import CHANNEL as SELDOM_CHANGED
from app.db.remembered import memory
from app.events.models import Event
from app.events.recording import CHANNEL

OVERLAP = timedelta(minutes=5)
log = logging.getLogger(__name__)
RECONNECT_SECONDS = 1.0
LOOK_SECONDS = 1.0


class EventBroker:
    """One listening connection for a process, and a wake-up flag for each who follows an account, or (``None``) all.

    Notifications do not come through a pooler: without a ``url`` that leads past it, followers look every second.
    """

    def __init__(self, url: str | None) -> None:
        self._url = url
        self._waiting: defaultdict[UUID | None, set[asyncio.Event]] = defaultdict(set)

    async def listen_forever(self) -> None:
        """Listen until cancelled; a lost connection is made again, and subscribers then look for what they missed."""
        while self._url is None:
            self._wake(*self._waiting)
            await asyncio.sleep(LOOK_SECONDS)
        while True:
            lost = asyncio.Event()
            try:
                connection = await asyncpg.connect(**credentials(self._url))
                connection.add_termination_listener(lambda _, lost=lost: lost.set())
                await connection.add_listener(CHANNEL, self._notified)
                self._wake(*self._waiting)
                try:
                    with memory().listening() as forget:
                        await connection.add_listener(SELDOM_CHANGED, lambda *told, forget=forget: forget(str(told[3])))
                        await lost.wait()
                finally:
                    with contextlib.suppress(Exception):
                        await connection.close()
            except (OSError, asyncpg.PostgresError) as error:
                log.warning("not listening for events: %s", error)
            await asyncio.sleep(RECONNECT_SECONDS)

    async def follow(self, account_id: UUID, after: UUID | None) -> AsyncIterator[Event]:
        """Every event of the account after the one named (by default: from now on), in order, as they come."""
        with self._awakened(account_id) as awake:
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

    async def follow_all(
        self, types: Collection[str], after: UUID | None, sandboxes: bool = False
    ) -> AsyncIterator[Event]:
        """Every event of these types, of production accounts and the vendor's own (and of sandbox accounts where
        ``sandboxes``), after the one named (by default: from now on), as they come.

        Transactions that run beside each other end in another order than their events' keys. So what was recorded in
        the ``OVERLAP`` before the last is looked for again, and what came already is left out: after an event
        that is named, some that were recorded shortly before it may come again.
        """
        found = Event.filter(type__in=list(types)).order_by("id")
        if not sandboxes:
            found = found.filter(Q(account_id=None) | Q(account__sandbox=False))
        with self._awakened(None) as awake:
            if after is None:
                newest = await Event.all().order_by("-id").first()
                after = newest.id if newest else UUID(int=0)
                known = {event.id async for event in found.filter(id__gt=_before(after))}
            else:
                known = {after}
            while True:
                events = await found.filter(id__gt=_before(after), id__not_in=list(known)).limit(100)
                for event in events:
                    yield event
                    known.add(event.id)
                    after = max(after, event.id)
                if not events:
                    known = {id for id in known if id > _before(after)}
                    await awake.wait()
                    awake.clear()

    @contextmanager
    def _awakened(self, account_id: UUID | None) -> Iterator[asyncio.Event]:
        awake = asyncio.Event()
        self._waiting[account_id].add(awake)
        try:
            yield awake
        finally:
            self._waiting[account_id].discard(awake)
            if not self._waiting[account_id]:
                del self._waiting[account_id]

    def _notified(self, _connection: Any, _pid: int, _channel: str, payload: object) -> None:
        self._wake(*([UUID(str(payload))] if payload else []), None)

    def _wake(self, *account_ids: UUID | None) -> None:
        for account_id in account_ids:
            for awake in self._waiting.get(account_id, ()):
                awake.set()


def _before(key: UUID) -> UUID:
    """The key of an event that was recorded the ``OVERLAP`` earlier; the first 48 bits of a UUIDv7 are milliseconds."""
    return UUID(int=max(0, key.int - (int(OVERLAP.total_seconds() * 1000) << 80)))
