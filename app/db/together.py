"""Rows that many ask for by a key: in an answer, those of all who ask are read by one statement, and none twice.

Whatever changes rows asks each time, as do the worker and the commands: only within ``reading_together`` is an answer
kept, until its end.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Generic, TypeVar

from strawberry.dataloader import DataLoader

K = TypeVar("K")
T = TypeVar("T")
_loaders: ContextVar[dict[Any, DataLoader[Any, Any]] | None] = ContextVar("loaders", default=None)


class SharedLoader(DataLoader[K, T]):
    """A loader whose rows several wait for: who is cancelled, since its neighbour failed, cancels what the others wait
    for no more than its own waiting."""

    def __init__(self, load_fn: Callable[[list[K]], Awaitable[Sequence[T]]], cache: bool = True) -> None:
        super().__init__(load_fn=load_fn, cache=cache)
        self._read = load_fn
        self._waiting: list[tuple[Sequence[K], asyncio.Future[dict[K, T]]]] = []

    def load(self, key: K) -> asyncio.Future[T]:
        """The row with that key, read with those that others ask for."""
        return asyncio.shield(super().load(key))

    def load_all(self, keys: Sequence[K]) -> asyncio.Future[dict[K, T]]:
        """The rows with these keys, read with those of others who ask for many: nobody waits for each of them."""
        found: asyncio.Future[dict[K, T]] = self.loop.create_future()
        self._waiting.append((keys, found))
        if len(self._waiting) == 1:
            self.loop.call_soon(lambda: self.loop.create_task(self._load_waiting()))
        return found

    async def _load_waiting(self) -> None:
        waiting, self._waiting = self._waiting, []
        keys = list(dict.fromkeys(key for wanted, _ in waiting for key in wanted))
        try:
            found = dict(zip(keys, await self._read(keys), strict=True))
        except Exception as error:
            for _, future in waiting:
                if not future.done():
                    future.set_exception(error)
        else:
            for _, future in waiting:
                if not future.done():
                    future.set_result(found)


@contextmanager
def reading_together() -> Iterator[None]:
    """While the block lasts, what is ``together`` is asked once for each key."""
    token = _loaders.set({})
    try:
        yield
    finally:
        _loaders.reset(token)


class Together(Generic[K, T]):
    """A read by keys. Called with one, it answers what there is for that, or ``None``."""

    def __init__(self, read: Callable[[Sequence[K]], Awaitable[Mapping[K, T]]]) -> None:
        self._read = read
        self.__doc__ = read.__doc__

    async def __call__(self, key: K) -> T | None:
        loader = self._loader()
        return (await self._read([key])).get(key) if loader is None else await loader.load(key)

    async def many(self, keys: Collection[K]) -> Mapping[K, T]:
        """What there is for each of these keys, of those for which there is any."""
        wanted = list(dict.fromkeys(keys))
        loader = self._loader()
        if loader is None or not wanted:
            return await self._read(wanted) if wanted else {}
        found = await loader.load_many(wanted)
        return {key: one for key, one in zip(wanted, found, strict=True) if one is not None}

    def _loader(self) -> DataLoader[K, T | None] | None:
        loaders = _loaders.get()
        if loaders is not None and self not in loaders:
            loaders[self] = SharedLoader(load_fn=self._load)
        return None if loaders is None else loaders[self]

    async def _load(self, keys: list[K]) -> list[T | None]:
        found = await self._read(keys)
        return [found.get(key) for key in keys]


def together(read: Callable[[Sequence[K]], Awaitable[Mapping[K, T]]]) -> Together[K, T]:
    """Make of a function that reads what there is for many keys one that is called with one."""
    return Together(read)


def grouped(rows: Sequence[T], by: Callable[[T], K]) -> dict[K, list[T]]:
    """The rows by a key of each, in their order."""
    found: dict[K, list[T]] = {}
    for row in rows:
        found.setdefault(by(row), []).append(row)
    return found
