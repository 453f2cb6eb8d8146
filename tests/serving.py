"""``billing serve`` as a process of its own, for tests that need a real socket or kill it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import httpx
from gql import Client
from gql.transport.websockets import WebsocketsTransport

from app.settings import get_settings

ROOT = Path(__file__).parents[1]
NONE: Mapping[str, str] = MappingProxyType({})
BILLING = ROOT / ".venv" / "bin" / "billing"


@dataclass
class Server:
    """A running server: its address, its data folder, and how long it took to its first answer."""

    process: subprocess.Popen[bytes]
    base: str
    data: Path
    seconds: float

    @property
    def url(self) -> str:
        """The GraphQL endpoint."""
        return f"{self.base}/graphql"

    def kill(self) -> None:
        """End it without warning."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


def connected(server: Server, token: str | None) -> Client:
    """A client over a WebSocket, signed in with a token."""
    transport = WebsocketsTransport(
        url=server.url.replace("http", "ws", 1),
        init_payload={"authorization": f"Bearer {token}"} if token else {},
        subprotocols=[WebsocketsTransport.GRAPHQLWS_SUBPROTOCOL],
    )
    return Client(transport=transport)


@contextmanager
def embedded_folder() -> Iterator[Path]:
    """A data folder with a blank in its name; the PostgreSQL that was started there is stopped in the end.

    Not pytest's ``tmp_path``: every run of pytest shuts its parent to other users, and root's PostgreSQL runs as one.
    """
    with tempfile.TemporaryDirectory(prefix="billing embedded-", ignore_cleanup_errors=True) as folder:
        try:
            yield Path(folder)
        finally:
            running = Path(folder) / "postgres" / "postmaster.pid"
            if running.exists():
                os.kill(int(running.read_text().splitlines()[0]), signal.SIGQUIT)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(data: Path, database: str | None) -> dict[str, str]:
    """What a process of the billing center is started with; ``database`` was seeded with the tests' secret key."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("BILLING_", "DATABASE_"))}
    secret = get_settings().secret_key.decode()
    named = {"DATABASE_URL": database, "BILLING_SECRET_KEY": secret} if database else {}
    return {**kept, **named, "BILLING_DATA_DIR": str(data), "BILLING_WORKER_INTERVAL_SECONDS": "0.1"}


@contextmanager
def serving(
    data: Path,
    database: str | None,
    port: int | None = None,
    demo: bool = True,
    settings: Mapping[str, str] = NONE,
    command: Sequence[str] = (str(BILLING),),
) -> Iterator[Server]:
    """A server with worker and demo users, on ``database`` or on an embedded one in ``data``; ended with the block."""
    port = port or free_port()
    begun = time.monotonic()
    with (data / "serve.log").open("ab") as log:
        process = subprocess.Popen(
            [*command, "serve", "--port", str(port), "--worker", "--demo" if demo else "--no-demo"],
            env={**environment(data, database), **settings},
            stdout=log,
            stderr=log,
        )
    try:
        base = f"http://127.0.0.1:{port}"
        _wait_for(base, process, data / "serve.log")
        yield Server(process, base, data, time.monotonic() - begun)
    finally:
        process.terminate()
        process.wait(20)


def _wait_for(base: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        try:
            if httpx.get(f"{base}/healthz").status_code == 200:
                return
        except httpx.TransportError:
            pass
        assert process.poll() is None, log.read_text()
        time.sleep(0.02)
    raise AssertionError(log.read_text())


def simulated(url: str, data: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """What ``billing launcher simulate`` says of a server."""
    return subprocess.run(
        [str(BILLING), "launcher", "simulate", "--url", url, *arguments],
        env={**environment(data, None), "COLUMNS": "140"},
        capture_output=True,
        text=True,
        timeout=120,
    )
