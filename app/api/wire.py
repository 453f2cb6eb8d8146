"""HTTP as it comes over a connection, bounded: how long and how large a request's head may be, how long an answer may
wait for its reader, and how many connections there are, of one network (but for trusted proxies, which bring others)
and of all."""

from __future__ import annotations

import asyncio
from asyncio import TimerHandle
from collections import Counter
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import orjson
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from app.api.throttles import network_of
from app.settings import get_settings

MOST_HEAD_BYTES = 64 * 1024
HEAD_SECONDS = 10.0
READER_SECONDS = 60.0
LINGER_SECONDS = 1.0
"""How long a connection stays open when the server stops, for a request that may be on its way."""
UNREAD_SECONDS = 5.0
"""How long a sender may go on with a request that was answered already, and whose rest nobody reads."""
_networks: Counter[str] = Counter()


class Lingering:
    """A connection's transport that, when it is closed while a request is still being sent, first lets that be sent.

    A close with bytes unread resets the connection, and whoever sends them, nginx for one, never reads the answer that
    refused them (RFC 9112, section 9.6).
    """

    def __init__(self, transport: asyncio.Transport, is_sent: Callable[[], bool]) -> None:
        self.unwrapped, self._is_sent = transport, is_sent
        self.lingers = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self.unwrapped, name)

    def is_closing(self) -> bool:
        """Whether nothing more is written."""
        return self.lingers or self.unwrapped.is_closing()

    def close(self) -> None:
        """End it: at once if the request is there, else when its sender is done, and soon at any rate."""
        if self._is_sent() or self.unwrapped.is_closing():
            self.unwrapped.close()
        elif not self.lingers:
            self.lingers = True
            if self.unwrapped.can_write_eof():
                self.unwrapped.write_eof()
            self.unwrapped.resume_reading()
            asyncio.get_running_loop().call_later(UNREAD_SECONDS, self.unwrapped.abort)


class BoundedHttp(HttpToolsProtocol):
    """uvicorn's protocol, which ends connections that only take up room."""

    _network: str | None = None
    _late: TimerHandle | None = None
    _stuck: TimerHandle | None = None
    _line: Lingering
    _head = _lines = 0
    _in_head = True
    _last = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take a connection, if there is room for it."""
        self._line = Lingering(transport, self._is_sent)
        super().connection_made(self._line)  # type: ignore[arg-type]
        settings = get_settings()
        peer = self.client[0] if self.client else ""
        network = None if settings.is_proxy(peer) else network_of(peer)
        full = len(self.connections) > settings.most_connections
        if full or (network is not None and _networks[network] >= settings.connections_per_caller):
            self._end(HTTPStatus.SERVICE_UNAVAILABLE, "OVERLOADED", "There are too many connections. Try again.")
            return
        if network is not None:
            self._network = network
            _networks[network] += 1
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Give its room back."""
        self._forget()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take bytes in."""
        if self._line.lingers:
            return
        if self._late is None and not self._is_answering():
            self._await_head()
        if self._in_head:
            self._head += len(data)
        super().data_received(data)
        if self._in_head and self._head > MOST_HEAD_BYTES:
            self._end_too_large()

    def on_url(self, url: bytes) -> None:
        """Take the address of a request, or a part of it."""
        self._count(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a line of the head."""
        self._count(len(name) + len(value))
        super().on_header(name, value)

    def _count(self, length: int) -> None:
        """Measure a head that comes with what follows it in one piece."""
        self._lines += length
        if self._lines > MOST_HEAD_BYTES:
            raise ValueError("the head is too large")

    def on_headers_complete(self) -> None:
        """Serve the request, whose head is there."""
        self._in_head, self._head = False, 0
        self._stop("_late")
        super().on_headers_complete()
        if self._last and self._is_answering():
            super().shutdown()

    def on_message_begin(self) -> None:
        """Begin another request."""
        self._in_head, self._lines = True, 0
        super().on_message_begin()

    def handle_websocket_upgrade(self) -> None:
        """Leave the connection to the protocol of WebSockets, which are counted for themselves."""
        self._forget()
        self.transport = self._line.unwrapped
        super().handle_websocket_upgrade()

    def shutdown(self) -> None:
        """End with the request in hand, or with one that is on its way: it was not refused, and would be lost."""
        if self._is_answering():
            super().shutdown()
        elif not self._last:
            self._last = True
            self.loop.call_later(LINGER_SECONDS, self._end_if_idle)

    def _end_if_idle(self) -> None:
        if not self._is_answering():
            self.transport.close()

    def pause_writing(self) -> None:
        """Wait for a reader, but not for ever."""
        super().pause_writing()
        self._stop("_stuck")
        self._stuck = self.loop.call_later(READER_SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        """Go on: the reader reads."""
        self._stop("_stuck")
        super().resume_writing()

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no HTTP, or too much of it."""
        if self._lines > MOST_HEAD_BYTES:
            self._end_too_large()
        else:
            self._end(HTTPStatus.BAD_REQUEST, "BAD_REQUEST", msg)

    def _is_answering(self) -> bool:
        cycle: Any = self.cycle
        return cycle is not None and not cycle.response_complete

    def _is_sent(self) -> bool:
        cycle: Any = self.cycle
        return not self._in_head and cycle is not None and not cycle.more_body

    def _await_head(self) -> None:
        self._in_head, self._head = True, 0
        self._late = self.loop.call_later(HEAD_SECONDS, self._end_late)

    def _end_late(self) -> None:
        self._end(
            HTTPStatus.REQUEST_TIMEOUT, "TIMEOUT", f"The head of a request comes within {HEAD_SECONDS:g} seconds."
        )

    def _end_too_large(self) -> None:
        status = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
        self._end(status, "HEAD_TOO_LARGE", f"The head of a request has {MOST_HEAD_BYTES} bytes at most.")

    def _end(self, status: HTTPStatus, code: str, message: str) -> None:
        if self.transport.is_closing():
            return
        body = orjson.dumps({"code": code, "message": message})
        head = b"content-type: application/json\r\ncontent-length: %d\r\nconnection: close\r\n\r\n" % len(body)
        self.transport.write(STATUS_LINE[status] + head + body)
        self.transport.close()

    def _forget(self) -> None:
        self._stop("_late")
        self._stop("_stuck")
        if self._network is not None:
            _networks[self._network] -= 1
            if not _networks[self._network]:
                del _networks[self._network]
            self._network = None

    def _stop(self, name: str) -> None:
        timer: Any = getattr(self, name)
        if timer is not None:
            timer.cancel()
            setattr(self, name, None)
