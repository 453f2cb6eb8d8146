"""Rows that many ask for by a key: in an answer, those of all who ask are read by one statement, and none twice.

Whatever changes rows asks each time, as do the worker and the commands: only within ``reading_together`` is an answer
kept, until its end.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Generic, TypeVar

K = TypeVar("K")
T = TypeVar("T")
Read = Callable[[Sequence[K]], Awaitable[Mapping[K, T] | Mapping[K, T | BaseException]]]
_loaders: ContextVar[dict[Any, SharedLoader[Any, Any]] | None] = ContextVar("loaders", default=None)


class Batch(Generic[K, T]):
    """Keys that are read together, once whoever is at work has asked for theirs."""

    def __init__(self, read: Callable[[list[K]], Awaitable[Sequence[T]]]) -> None:
        self.keys: dict[K, None] = {}
        self.began = False
        self._read = read
        self._waiting = 0
        loop = asyncio.get_running_loop()
        self._done: asyncio.Future[dict[K, T]] = loop.create_future()
        self._done.add_done_callback(lambda done: done.cancelled() or done.exception())
        loop.call_soon(self._begin)

    def _begin(self) -> None:
        self.began = True
        self._task = asyncio.create_task(self._fill())

    async def _fill(self) -> None:
        try:
            keys = list(self.keys)
            self._done.set_result(dict(zip(keys, await self._read(keys), strict=True)))
        except Exception as error:
            self._done.set_exception(error)
        finally:
            self._done.cancel()

    async def rows(self) -> dict[K, T]:
        """What was found. Who is cancelled cancels it for nobody else; the last who waits, the reading."""
        self._waiting += 1
        try:
            return await asyncio.shield(self._done)
        finally:
            self._waiting -= 1
            if not self._waiting and self.began and not self._done.done():
                self._task.cancel()

    @property
    def is_cancelled(self) -> bool:
        """Whether nobody waited for it any more."""
        return self._done.cancelled()


class SharedLoader(Generic[K, T]):
    """Reads rows by their keys, those that several ask for at a time together; ``cache``: and none twice. Where an
    error stands for a row, whoever asks for that is told, and nobody else."""

    def __init__(self, load_fn: Callable[[list[K]], Awaitable[Sequence[T]]], cache: bool = False) -> None:
        self._read, self._cache = load_fn, cache
        self._batches: dict[K, Batch[K, T]] = {}
        self._open: Batch[K, T] | None = None

    def load(self, key: K) -> Awaitable[T]:
        """The row with that key."""
        return self._one(self._batch(key), key)

    def load_all(self, keys: Iterable[K]) -> Awaitable[dict[K, T]]:
        """The rows with these keys."""
        return self._all({key: self._batch(key) for key in keys})

    async def _one(self, batch: Batch[K, T], key: K) -> T:
        return _told((await batch.rows())[key])

    async def _all(self, batches: dict[K, Batch[K, T]]) -> dict[K, T]:
        found = {batch: await batch.rows() for batch in dict.fromkeys(batches.values())}
        return {key: _told(found[batch][key]) for key, batch in batches.items()}

    def _batch(self, key: K) -> Batch[K, T]:
        known = self._batches.get(key)
        if known is not None and not known.is_cancelled:
            return known
        if self._open is None or self._open.began:
            self._open = Batch(self._read)
        self._open.keys[key] = None
        if self._cache:
            self._batches[key] = self._open
        return self._open


@contextmanager
def reading_together() -> Iterator[None]:
    """While the block lasts, what is ``together`` is asked once for each key."""
    token = _loaders.set({})
    try:
        yield
    finally:
        _loaders.reset(token)


class Together(Generic[K, T]):
    """A read by keys. Called with one, it answers what there is for that, or ``None``; where what there is is an error,
    whoever asks for that key is told, and nobody else."""

    def __init__(self, read: Read[K, T]) -> None:
        self._read = read
        self.__doc__ = read.__doc__

    async def __call__(self, key: K) -> T | None:
        loader = self._loader()
        return (await self.many([key])).get(key) if loader is None else await loader.load(key)

    async def many(self, keys: Collection[K]) -> Mapping[K, T]:
        """What there is for each of these keys, of those for which there is any."""
        wanted = list(dict.fromkeys(keys))
        loader = self._loader()
        if loader is None:
            return {key: _told(one) for key, one in (await self._read(wanted)).items()} if wanted else {}
        found = await loader.load_all(wanted) if wanted else {}
        return {key: one for key, one in found.items() if one is not None}

    def _loader(self) -> SharedLoader[K, T | None] | None:
        loaders = _loaders.get()
        if loaders is not None and self not in loaders:
            loaders[self] = SharedLoader(load_fn=self._load, cache=True)
        return None if loaders is None else loaders[self]

    async def _load(self, keys: list[K]) -> list[Any]:
        found = await self._read(keys)
        return [found.get(key) for key in keys]


def _told(found: T | BaseException) -> T:
    if isinstance(found, BaseException):
        raise found
    return found


def together(read: Read[K, T]) -> Together[K, T]:
    """Make of a function that reads what there is for many keys, or what kept it from that, one that is called with
    one."""
    return Together(read)


def grouped(rows: Sequence[T], by: Callable[[T], K]) -> dict[K, list[T]]:
    """The rows by a key of each, in their order."""
    found: dict[K, list[T]] = {}
    for row in rows:
        found.setdefault(by(row), []).append(row)
    return found
