"""Keeping a channel on this machine, or to its own tables."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from settlement_spec.conformance.database import URL, credentials

HERE = {None, "", "localhost", "127.0.0.1", "::1"}


@contextmanager
def no_way_out() -> Iterator[list[str]]:
    """While the block lasts, no machine but this one and the database's is found; the names that were looked up."""
    found, called = socket.getaddrinfo, []
    allowed = HERE | ({credentials(os.environ[URL])["host"]} if os.environ.get(URL) else set())

    def find(host: Any, *rest: Any, **more: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        if name in allowed:
            return found(host, *rest, **more)
        called.append(str(name))
        raise socket.gaierror(socket.EAI_NONAME, f"the conformance kit lets nobody call {name}")

    with patch.object(socket, "getaddrinfo", find):
        yield called


@contextmanager
def no_network(database_port: int | None) -> Iterator[list[str]]:
    """While the block lasts, nothing is connected to over the network but the database; what was looked up or called.

    A stand-in on this machine is no exception. Sockets in the file system are no network.
    """
    connect, connect_ex = socket.socket.connect, socket.socket.connect_ex

    def guarded(through: Any) -> Any:
        def attempt(self: socket.socket, address: Any) -> Any:
            if self.family == socket.AF_UNIX or address[1] == database_port:
                return through(self, address)
            called.append(f"{address[0]}:{address[1]}")
            raise ConnectionRefusedError(f"the conformance kit lets nobody call {called[-1]}")

        return attempt

    with (
        no_way_out() as called,
        patch.object(socket.socket, "connect", guarded(connect)),
        patch.object(socket.socket, "connect_ex", guarded(connect_ex)),
    ):
        yield called
