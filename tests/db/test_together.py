"""Reading by keys: together and once within an answer, each time elsewhere."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import nullcontext

from app.db.together import grouped, reading_together, together


class Shelf:
    """What is read, and which keys were asked for."""

    def __init__(self) -> None:
        self.asked: list[Sequence[str]] = []
        self.length = together(self._lengths)

    async def _lengths(self, keys: Sequence[str]) -> dict[str, int]:
        self.asked.append(list(keys))
        return {key: len(key) for key in keys if key}


async def test_an_answer_asks_once_for_all_keys_and_never_again() -> None:
    shelf = Shelf()
    with reading_together():
        found = await asyncio.gather(shelf.length("a"), shelf.length("bb"), shelf.length("a"))
        assert list(found) == [1, 2, 1]
        assert await shelf.length("bb") == 2
        assert await shelf.length.many(["a", "", "ccc", "a"]) == {"a": 1, "ccc": 3}
    assert shelf.asked == [["a", "bb"], ["", "ccc"]]


async def test_elsewhere_each_time_is_asked() -> None:
    shelf = Shelf()
    assert [await shelf.length("a"), await shelf.length("a"), await shelf.length("")] == [1, 1, None]
    assert await shelf.length.many(["a", "bb", "a"]) == {"a": 1, "bb": 2}
    assert await shelf.length.many([]) == {}
    assert shelf.asked == [["a"], ["a"], [""], ["a", "bb"]]


async def test_no_answer_has_what_another_read() -> None:
    shelf = Shelf()

    async def answer() -> int | None:
        with reading_together():
            return await shelf.length("a")

    assert list(await asyncio.gather(answer(), answer())) == [1, 1]
    assert len(shelf.asked) == 2


def test_rows_are_grouped_in_their_order() -> None:
    assert grouped(["b2", "a1", "b1"], lambda row: row[0]) == {"b": ["b2", "b1"], "a": ["a1"]}


async def test_what_is_read_for_an_answer_ends_with_it() -> None:
    begun, cancelled = asyncio.Event(), asyncio.Event()

    async def read(keys: Sequence[str]) -> dict[str, str]:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()
        return {}

    slow = together(read)
    with reading_together():
        waiting = asyncio.create_task(slow("a"))
        await begun.wait()
        waiting.cancel()
        await asyncio.wait([waiting])
    async with asyncio.timeout(5):
        await cancelled.wait()


async def test_an_error_is_that_of_the_key_alone() -> None:
    async def read(keys: Sequence[str]) -> dict[str, int | Exception]:
        return {key: int(key) if key.isdigit() else ValueError(key) for key in keys}

    number = together(read)
    for place in (reading_together(), nullcontext()):
        with place:
            found = await asyncio.gather(number("1"), number("x"), number("2"), return_exceptions=True)
            assert [str(one) for one in found] == ["1", "x", "2"]
            assert isinstance(found[1], ValueError)
