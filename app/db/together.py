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
Read = Callable[[Sequence[K]], Awaitable[Mapping[K, T] | Mapping[K, T | BaseException]]]


class Answer:
    """What one answer has asked for, and what is being read for it."""

    def __init__(self) -> None:
        self.loaders: dict[Any, DataLoader[Any, Any]] = {}
        self._reads: set[asyncio.Task[Any]] = set()
        self._ended = False

    async def reading(self, read: Awaitable[T]) -> T:
        """Wait for a read of this task, for as long as somebody waits for the answer."""
        task: Any = asyncio.current_task()
        self._reads.add(task)
        if self._ended:
            task.cancel()
        try:
            return await read
        finally:
            self._reads.discard(task)

    def end(self) -> None:
        """It is given, or nobody waits for it any more: what is still being read is cancelled, in the database too."""
        self._ended = True
        for task in self._reads:
            task.cancel()


_answer: ContextVar[Answer | None] = ContextVar("answer", default=None)


class SharedLoader(DataLoader[K, T]):
    """A loader whose rows several wait for: who is cancelled, since its neighbour failed, cancels what the others wait
    for no more than its own waiting. What is read for an answer ends with it."""

    def __init__(self, load_fn: Callable[[list[K]], Awaitable[Sequence[T]]], cache: bool = False) -> None:
        super().__init__(load_fn=self._read, cache=cache)
        self._read_rows = load_fn
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

    async def _read(self, keys: list[K]) -> Sequence[T]:
        answer, read = _answer.get(), self._read_rows(keys)
        return await (read if answer is None else answer.reading(read))

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
    answer = Answer()
    token = _answer.set(answer)
    try:
        yield
    finally:
        _answer.reset(token)
        answer.end()


class Together(Generic[K, T]):
    """A read by keys. Called with one, it answers what there is for that, or ``None``; where what there is is an error,
    whoever asks for that key is told, and nobody else."""

    def __init__(self, read: Read[K, T]) -> None:
        self._read = read
        self.__doc__ = read.__doc__

    async def __call__(self, key: K) -> T | None:
        loader = self._loader()
        if loader is not None:
            return await loader.load(key)
        return (await self.many([key])).get(key)

    async def many(self, keys: Collection[K]) -> Mapping[K, T]:
        """What there is for each of these keys, of those for which there is any."""
        wanted = list(dict.fromkeys(keys))
        loader = self._loader()
        found = await (self._load(wanted) if loader is None else loader.load_many(wanted)) if wanted else []
        return {key: _told(one) for key, one in zip(wanted, found, strict=True) if one is not None}

    def _loader(self) -> DataLoader[K, T | None] | None:
        answer = _answer.get()
        if answer is None:
            return None
        if self not in answer.loaders:
            answer.loaders[self] = SharedLoader(load_fn=self._load, cache=True)
        return answer.loaders[self]

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
