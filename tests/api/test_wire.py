"""What comes over a connection is bounded: heads, bodies, readers, and how many connections there are."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from typing import Any

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from app.api import limits, wire
from app.api.limits import BodyLimit
from app.api.listening import listen, server
from app.api.wire import BoundedHttp
from app.settings import get_settings
from tests.serving import free_port

GET = b"GET / HTTP/1.1\r\nHost: x\r\n"
POST = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n"


async def _echo(request: Request) -> PlainTextResponse:
    return PlainTextResponse(str(len(await request.body())))


async def _refuse(request: Request) -> PlainTextResponse:
    return PlainTextResponse("no", 403)


async def _much(request: Request) -> PlainTextResponse:
    return PlainTextResponse("x" * 64 * 1024 * 1024)


@pytest.fixture
async def port() -> AsyncIterator[int]:
    """The port of a server that is bounded so."""
    app = Starlette(
        routes=[
            Route("/", _echo, methods=["GET", "POST"]),
            Route("/much", _much),
            Route("/no", _refuse, methods=["POST"]),
        ],
        middleware=[Middleware(BodyLimit)],
    )
    found = free_port()
    server = uvicorn.Server(uvicorn.Config(app, port=found, http=BoundedHttp, log_level="error", lifespan="off"))
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    yield found
    server.should_exit = True
    await asyncio.wait_for(serving, 10)


async def _answer(port: int, *pieces: bytes, pause: float = 0.0) -> bytes:
    """What is answered to these bytes, until the connection is closed."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(pause)
        return await asyncio.wait_for(reader.read(), 10)
    except ConnectionError:
        return b""
    finally:
        writer.close()


async def test_a_sound_request_is_answered(port: int) -> None:
    answer = await _answer(port, POST.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"), b"0123456789")
    assert answer.startswith(b"HTTP/1.1 200")
    assert answer.endswith(b"10")


async def test_who_is_refused_while_sending_reads_why(port: int) -> None:
    head = b"POST /no HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 20000000\r\n\r\n"
    answer = await _answer(port, head, *[b"x" * 1_000_000] * 20, pause=0.01)
    assert answer.startswith(b"HTTP/1.1 403")
    assert answer.endswith(b"no")


async def test_who_never_ends_sending_is_ended(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "UNREAD_SECONDS", 0.2)
    head = b"POST /no HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 20000000\r\n\r\n"
    assert await asyncio.wait_for(_answer(port, head, *[b"x" * 1_000] * 500, pause=0.02), 5) == b""


async def test_requests_follow_each_other_on_a_connection(port: int) -> None:
    answer = await _answer(port, GET + b"\r\n", GET + b"\r\n", GET + b"Connection: close\r\n\r\n", pause=0.1)
    assert answer.count(b"HTTP/1.1 200") == 3


@pytest.mark.parametrize(
    "sent", [b"\0\1\2\r\n\r\n", b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"G\xff / HTTP/1.1\r\n\r\n"]
)
async def test_what_is_no_http_is_refused_in_json(port: int, sent: bytes) -> None:
    answer = await _answer(port, sent)
    assert answer.startswith(b"HTTP/1.1 400")
    assert b'"code":"BAD_REQUEST"' in answer


@pytest.mark.parametrize("piece", [b"X-Much: " + b"y" * 60_000, b"X-Much: y\r\n" * 5_000, b"y" * 60_000])
async def test_a_large_head_is_refused(port: int, piece: bytes) -> None:
    start = GET if piece.startswith(b"X") else b"GET /"
    answer = await _answer(port, start, *[piece] * 20)
    assert answer == b"" or answer.startswith(b"HTTP/1.1 431")


async def test_a_large_head_is_refused_that_comes_in_one_piece_with_its_body(port: int) -> None:
    head = b"POST /graphql HTTP/1.1\r\nHost: x\r\n" + b"X-Much: %s\r\n" % (b"y" * 35_000) * 2
    answer = await _answer(port, head + b"Content-Length: 4\r\n\r\nbody")
    assert answer.startswith(b"HTTP/1.1 431")
    assert b'"code":"HEAD_TOO_LARGE"' in answer


@pytest.mark.parametrize("sent", [b"", b"\r\n", b"G", GET, GET + b"X-Slow: "])
async def test_a_slow_head_is_ended(port: int, monkeypatch: pytest.MonkeyPatch, sent: bytes) -> None:
    monkeypatch.setattr(wire, "HEAD_SECONDS", 0.3)
    answer = await _answer(port, *([sent] if sent else []))
    assert answer.startswith(b"HTTP/1.1 408")


async def test_a_head_that_trickles_is_ended(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "HEAD_SECONDS", 0.3)
    begun = asyncio.get_running_loop().time()
    await _answer(port, *[bytes([byte]) for byte in GET * 2], pause=0.05)
    assert asyncio.get_running_loop().time() - begun < 5


async def test_a_slow_body_is_ended(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "BODY_SECONDS", 0.3)
    answer = await _answer(port, POST, b"01")
    assert answer.startswith(b"HTTP/1.1 408")
    assert b"BODY_TOO_SLOW" in answer


async def test_a_reader_that_does_not_read_is_left(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "READER_SECONDS", 0.3)
    _, writer = await asyncio.open_connection("127.0.0.1", port, limit=1024)
    writer.write(b"GET /much HTTP/1.1\r\nHost: x\r\n\r\n")
    await asyncio.sleep(1)

    async def go_on() -> None:
        for _ in range(50):
            writer.write(b"x" * 1024)
            await writer.drain()
            await asyncio.sleep(0.02)

    with pytest.raises(ConnectionError):
        await go_on()
    writer.close()


@pytest.mark.parametrize("of_all", [True, False])
async def test_so_many_connections(port: int, monkeypatch: pytest.MonkeyPatch, of_all: bool) -> None:
    if of_all:
        monkeypatch.setattr(get_settings(), "most_connections", 3)
    else:
        monkeypatch.setattr(get_settings(), "connections_per_caller", 3)
        monkeypatch.setattr(get_settings(), "trusted_proxies", "")
        monkeypatch.setattr(wire, "network_of", lambda address: address)
    opened: list[Any] = [await asyncio.open_connection("127.0.0.1", port) for _ in range(3)]
    answer = await _answer(port)
    assert answer.startswith(b"HTTP/1.1 503")
    assert b"OVERLOADED" in answer
    for _, writer in opened:
        writer.close()
    await asyncio.sleep(0.2)
    assert (await _answer(port, GET + b"Connection: close\r\n\r\n")).startswith(b"HTTP/1.1 200")
    assert not wire._networks


@pytest.mark.parametrize("idle", ["new", "kept"])
async def test_a_request_on_its_way_when_the_server_stops_is_answered(idle: str) -> None:
    """A connection that was just taken, or kept from an earlier request, on which a request arrives after the stop."""
    sockets = listen("127.0.0.1", found := free_port())
    running = server(Starlette(routes=[Route("/", _echo, methods=["GET"])]), get_settings())
    serving = asyncio.create_task(running.serve(sockets))
    while not running.started:
        await asyncio.sleep(0.01)
    reader, writer = await asyncio.open_connection("127.0.0.1", found)
    if idle == "kept":
        writer.write(GET + b"\r\n")
        assert (await asyncio.wait_for(reader.readuntil(b"\r\n\r\n0"), 5)).startswith(b"HTTP/1.1 200")
    else:
        await asyncio.sleep(0.1)
    running.stop()
    await asyncio.sleep(0.3)
    writer.write(GET + b"\r\n")
    answer = await asyncio.wait_for(reader.read(), 5)
    assert answer.startswith(b"HTTP/1.1 200")
    assert b"connection: close" in answer.lower()
    writer.close()
    await asyncio.wait_for(serving, 5)


async def test_a_connection_that_nobody_took_yet_is_answered_when_the_server_stops() -> None:
    sockets = listen("127.0.0.1", found := free_port())
    running = server(Starlette(routes=[Route("/", _echo, methods=["GET"])]), get_settings())
    serving = asyncio.create_task(running.serve(sockets))
    while not running.started:
        await asyncio.sleep(0.01)

    def early() -> socket.socket:
        """A connection that is made, and its request sent, while the server's loop stands still."""
        made = socket.create_connection(("127.0.0.1", found))
        made.sendall(GET + b"\r\n")
        return made

    running.stop()
    stopping = running.shutdown(sockets)
    running.main_loop = lambda: asyncio.sleep(0)  # type: ignore[method-assign]
    client = early()
    await stopping
    client.setblocking(False)
    answer = await asyncio.wait_for(asyncio.get_running_loop().sock_recv(client, 1000), 5)
    assert answer.startswith(b"HTTP/1.1 200")
    client.close()
    await asyncio.gather(serving, return_exceptions=True)
