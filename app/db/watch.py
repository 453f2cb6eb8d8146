"""Whether the database answers, asked on a connection of its own, so that neither a frozen server nor an exhausted pool
keeps the answer waiting."""

from __future__ import annotations

import asyncio
import logging
import pkgutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import asyncpg

from app.db.connection import one_connection

log = logging.getLogger(__name__)
SECONDS = 2.0
EVERY = 3.0
SOON = 1.0


@dataclass(frozen=True)
class Condition:
    """What the database is like: whether it answers, and how many migrations it waits for."""

    answers: bool
    waiting: int = 0

    @property
    def ready(self) -> bool:
        """Whether requests can be served."""
        return self.answers and not self.waiting

    def as_json(self) -> dict[str, str | int]:
        """What probes show."""
        if not self.answers:
            return {"database": "unreachable"}
        return {"database": "reachable", "migrationsWaiting": self.waiting}


class Watch:
    """Looks again and again; ``down`` says that the database did not answer twice in a row."""

    def __init__(self, url: str, apps: Mapping[str, Mapping[str, Any]]) -> None:
        self._url = url
        self._expected = {
            (label, module.name)
            for label, app in apps.items()
            for module in pkgutil.iter_modules(import_module(app["migrations"]).__path__)
            if module.name[0].isdigit()
        }
        self._in_hand: set[asyncio.Future[None]] = set()
        self.down = False

    @contextmanager
    def in_hand(self) -> Iterator[asyncio.Future[None]]:
        """A future that is done if the database goes down while the block lasts."""
        gone: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._in_hand.add(gone)
        try:
            yield gone
        finally:
            self._in_hand.discard(gone)
            gone.cancel()

    async def look(self) -> Condition:
        """The database's condition, within ``SECONDS``."""
        try:
            async with asyncio.timeout(SECONDS), one_connection(self._url) as connection:
                rows = await connection.fetch("SELECT app, name FROM tortoise_migrations")
        except asyncpg.UndefinedTableError:
            rows = []
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
            return Condition(answers=False)
        return Condition(answers=True, waiting=len(self._expected - {(row["app"], row["name"]) for row in rows}))

    async def watch_forever(self) -> None:
        """Keep ``down`` true to the world, until cancelled."""
        answered = True
        while True:
            answers = (await self.look()).answers
            down = not answers and not answered
            if down != self.down:
                log.log(logging.ERROR if down else logging.WARNING, "the database %s", "is down" if down else "is back")
            self.down, answered = down, answers
            for gone in [gone for gone in self._in_hand if down and not gone.done()]:
                gone.set_result(None)
            await asyncio.sleep(EVERY if answers else SOON)
