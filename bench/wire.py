"""A client so small that what is measured is the server: prepared HTTP/1.1 requests over kept-open connections."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from typing import NamedTuple

CONTENT_LENGTH = b"content-length:"


class Busy(RuntimeError):
    """The server has too much to do."""


class Driven(NamedTuple):
    """How many requests were answered, and the seconds that all took."""

    answered: int
    seconds: float

    @property
    def speed(self) -> float:
        """Requests a second."""
        return self.answered / self.seconds


class Paced(NamedTuple):
    """The seconds that each answer took, and how many requests were refused for being too many."""

    taken: list[float]
    refused: int


class Connection(NamedTuple):
    """A connection that is kept open."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def ask(self, request: bytes, good: Callable[[bytes], bool]) -> None:
        """Send a request, and read its answer.

        Raises:
            Busy: it is 503.
            RuntimeError: it is something else than 200, or ``good`` does not find its body so.
        """
        self.writer.write(request)
        head = await self.reader.readuntil(b"\r\n\r\n")
        lines = head.lower().split(b"\r\n")
        length = next(int(line[len(CONTENT_LENGTH) :]) for line in lines if line.startswith(CONTENT_LENGTH))
        body = await self.reader.readexactly(length)
        if not head.startswith(b"HTTP/1.1 200") or not good(body):
            kind = Busy if head.startswith(b"HTTP/1.1 503") else RuntimeError
            raise kind(f"the server answered {head.splitlines()[0]!r}: {body[:500]!r}")


def raw_post(path: str, host: str, headers: dict[str, str], body: bytes) -> bytes:
    """A whole POST request, ready to be written to a socket."""
    lines = [f"POST {path} HTTP/1.1", f"Host: {host}", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def repeated(request: bytes, seconds: float, least: int) -> Iterator[bytes]:
    """A request again and again, for so many seconds from the first on, and ``least`` times at least."""
    ends = time.perf_counter() + seconds
    while least > 0 or time.perf_counter() < ends:
        least -= 1
        yield request


async def drive(ports: Sequence[int], queues: Sequence[Iterable[bytes]], good: Callable[[bytes], bool]) -> Driven:
    """Send each queue of requests over a connection of its own, one after another; the ports take turns.

    Raises:
        RuntimeError: an answer was not 200, or ``good`` does not find its body so.
    """
    connections = await _opened(ports, len(queues))

    async def send_all(connection: Connection, queue: Iterable[bytes]) -> int:
        count = 0
        for request in queue:
            await connection.ask(request, good)
            count += 1
        return count

    begun = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        pairs = zip(connections, queues, strict=True)
        tasks = [group.create_task(send_all(connection, queue)) for connection, queue in pairs]
    elapsed = time.perf_counter() - begun
    _close(connections)
    return Driven(sum(task.result() for task in tasks), elapsed)


async def pace(
    ports: Sequence[int], request: bytes, rate: float, seconds: float, good: Callable[[bytes], bool], at_once: int = 32
) -> Paced:
    """Send ``rate`` requests a second, however long answers take, and time each from its turn to its answer.

    More than ``at_once`` wait for a connection, and their waiting counts.

    Raises:
        RuntimeError: an answer was neither 200 nor 503, or ``good`` does not find its body so.
    """
    connections = await _opened(ports, at_once)
    free: asyncio.Queue[Connection] = asyncio.Queue()
    for connection in connections:
        free.put_nowait(connection)
    taken: list[float] = []

    async def send(turn: float) -> None:
        connection = await free.get()
        with suppress(Busy):
            await connection.ask(request, good)
            taken.append(time.perf_counter() - turn)
        free.put_nowait(connection)

    count, begun = int(rate * seconds), time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for number in range(count):
            wait = begun + number / rate - time.perf_counter()
            if wait > 0:
                await asyncio.sleep(wait)
            group.create_task(send(time.perf_counter()))
    _close(connections)
    return Paced(taken, count - len(taken))


async def _opened(ports: Sequence[int], count: int) -> list[Connection]:
    return [
        Connection(*await asyncio.open_connection("127.0.0.1", ports[number % len(ports)])) for number in range(count)
    ]


def _close(connections: Sequence[Connection]) -> None:
    for connection in connections:
        connection.writer.close()
