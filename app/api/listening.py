"""Listening for requests, and stopping in good order."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager

import uvicorn
from starlette.applications import Starlette
from starlette.types import ASGIApp

from app.api.limits import MOST_BODY_BYTES
from app.api.probes import metrics_alone
from app.api.wire import BoundedHttp
from app.errors import CannotStart
from app.settings import Settings

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Server(uvicorn.Server):
    """A server that leaves signals to the process, which ends by itself when it has stopped: what is to be cleaned up
    at the end is, and the exit code is 0."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Take none."""
        yield

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Take the connections that wait already, which closing would reset with what they sent; then stop."""
        waiting = [connection for one in sockets or () for connection in _waiting_at(one)]
        for server in self.servers:
            server.close()
        for connection in waiting:
            await asyncio.get_running_loop().connect_accepted_socket(self._protocol, connection)
        await super().shutdown(sockets)

    def _protocol(self) -> asyncio.Protocol:
        made: asyncio.Protocol = BoundedHttp(self.config, self.server_state, self.lifespan.state)
        return made

    def stop(self) -> None:
        """Take no more connections, end those there are, and answer what is in hand; told twice, do not wait."""
        self.force_exit = self.should_exit
        self.should_exit = True


def _waiting_at(listening: socket.socket) -> Iterator[socket.socket]:
    """The connections that nobody took yet."""
    while True:
        try:
            connection, _ = listening.accept()
        except OSError:
            return
        connection.setblocking(False)
        yield connection


def server(app: ASGIApp, settings: Settings) -> Server:
    """A server of an application. Told to stop, it waits ``shutdown_seconds`` for what is in hand, then cancels it."""
    return Server(
        uvicorn.Config(
            app,
            log_config=None,
            log_level="warning",
            access_log=False,
            http=BoundedHttp,
            ws="websockets-sansio",
            ws_max_size=MOST_BODY_BYTES,
            forwarded_allow_ips=settings.trusted_proxies,
            timeout_graceful_shutdown=max(1, round(settings.shutdown_seconds)),
        )
    )


def listen(host: str, port: int, setting: str = "BILLING_PORT") -> list[socket.socket]:
    """The sockets of an address, taken but not yet answered on.

    Raises:
        CannotStart: somebody has the port, or this machine has no such address.
    """
    taken: list[socket.socket] = []
    try:
        for family, kind, protocol, _, address in socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        ):
            one = socket.socket(family, kind, protocol)
            taken.append(one)
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            one.bind(address)
            one.setblocking(False)
    except OSError as error:
        for one in taken:
            one.close()
        raise CannotStart(f"{host}:{port} cannot be listened on ({error.strerror}): set {setting}") from None
    return taken


@asynccontextmanager
async def metrics_served(settings: Settings) -> AsyncIterator[None]:
    """``/metrics`` on ``BILLING_METRICS_PORT`` while the block lasts, where one is set.

    Raises:
        CannotStart: the port is taken.
    """
    if settings.metrics_port is None:
        yield
        return
    sockets = listen(settings.host, settings.metrics_port, "BILLING_METRICS_PORT")
    own = server(Starlette(routes=[metrics_alone(settings)]), settings)
    serving = asyncio.create_task(own.serve(sockets))
    try:
        yield
    finally:
        own.stop()
        await serving


@contextmanager
def told_to_stop(stop: Callable[[], None]) -> Iterator[None]:
    """Call ``stop`` for each SIGINT and SIGTERM while the block lasts."""
    loop = asyncio.get_running_loop()
    for one in SIGNALS:
        loop.add_signal_handler(one, stop)
    try:
        yield
    finally:
        for one in SIGNALS:
            with contextlib.suppress(ValueError, RuntimeError):
                loop.remove_signal_handler(one)
