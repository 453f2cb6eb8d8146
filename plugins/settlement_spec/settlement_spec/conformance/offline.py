"""Keeping a channel on this machine."""

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
