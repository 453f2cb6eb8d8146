"""What many requests ask for and what seldom changes, kept in the process's memory until PostgreSQL tells of a change.

It is kept while the process listens for changes alone, and for ``SECONDS`` at most. Whoever changes something asks the
database, so nothing is looked up here within a transaction; and what a process changes itself, it forgets at once.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Hashable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from tortoise.backends.base.client import TransactionalDBClient
from tortoise.connection import get_connection
from tortoise.context import TortoiseContext, require_context

T = TypeVar("T")
CHANNEL = "seldom_changed"
"""Its notifications name what changed; the triggers are in migrations/sql."""
SECONDS = 10.0
MOST_KEPT = 10_000


class Memory:
    """What one process remembers of one database."""

    def __init__(self) -> None:
        self.is_listening = False
        self._kept: dict[tuple[str, Hashable], tuple[Any, float]] = {}
        self.forgot = 0

    @contextmanager
    def listening(self) -> Iterator[Callable[[str | None], None]]:
        """While the block lasts, whatever changes is told to what it yields."""
        self.forget()
        self.is_listening = True
        try:
            yield self.forget
        finally:
            self.is_listening = False
            self.forget()

    def forget(self, what: str | None = None) -> None:
        """Forget what is remembered of a kind, or everything."""
        self.forgot += 1
        if what is None:
            self._kept.clear()
        else:
            self._kept = {key: kept for key, kept in self._kept.items() if key[0] != what}

    def recall(self, what: str, key: Hashable) -> Any:
        """What is remembered, if anything is and may be used here."""
        value, until = self._kept.get((what, key), (None, 0.0))
        return value if until > time.monotonic() and not _in_transaction() else None

    async def ask(self, what: str, key: Hashable, read: Callable[[], Awaitable[T]]) -> T:
        """What ``read`` finds, which is remembered, if it is anything and did not change meanwhile."""
        forgot = self.forgot
        value = await read()
        if self.is_listening and value is not None and forgot == self.forgot and not _in_transaction():
            if len(self._kept) >= MOST_KEPT:
                self._kept.clear()
            self._kept[what, key] = value, time.monotonic() + SECONDS
        return value


_memories: WeakKeyDictionary[TortoiseContext, Memory] = WeakKeyDictionary()


def memory() -> Memory:
    """What this process remembers of its database."""
    return _memories.setdefault(require_context(), Memory())


async def remembered(what: str, key: Hashable, read: Callable[[], Awaitable[T]]) -> T:
    """What is remembered, or else what ``read`` finds. Nobody may change it."""
    found: T | None = memory().recall(what, key)
    return found if found is not None else await memory().ask(what, key, read)


def _in_transaction() -> bool:
    return isinstance(get_connection("default"), TransactionalDBClient)
