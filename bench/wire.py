"""A client so small that what is measured is the server: prepared HTTP/1.1 requests over kept-open connections."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence

CONTENT_LENGTH = b"content-length:"


def raw_post(path: str, host: str, headers: dict[str, str], body: bytes) -> bytes:
    """A whole POST request, ready to be written to a socket."""
    lines = [f"POST {path} HTTP/1.1", f"Host: {host}", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


async def drive(port: int, queues: Sequence[Sequence[bytes]], good: Callable[[bytes], bool]) -> float:
    """Send each queue of requests over a connection of its own, one after another; the seconds that all took.

    Raises:
        RuntimeError: an answer was not 200, or ``good`` does not find its body so.
    """
    connections = [await asyncio.open_connection("127.0.0.1", port) for _ in queues]
    begun = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for (reader, writer), queue in zip(connections, queues, strict=True):
            group.create_task(_send_all(reader, writer, queue, good))
    elapsed = time.perf_counter() - begun
    for _, writer in connections:
        writer.close()
    return elapsed


async def _send_all(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, queue: Sequence[bytes], good: Callable[[bytes], bool]
) -> None:
    for request in queue:
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        lines = head.lower().split(b"\r\n")
        length = next(int(line[len(CONTENT_LENGTH) :]) for line in lines if line.startswith(CONTENT_LENGTH))
        body = await reader.readexactly(length)
        if not head.startswith(b"HTTP/1.1 200") or not good(body):
            raise RuntimeError(f"the server answered {head.splitlines()[0]!r}: {body[:500]!r}")
