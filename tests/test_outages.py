"""The database is frozen, gone, or has no connection left: what asks gets a typed answer soon, and it passes by itself.
And whoever is told to stop ends what is in hand."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil  # type: ignore[import-untyped]
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from app.db.server import start_embedded, stop_embedded
from tests.serving import Server, embedded_folder, environment, free_port, serving

PROTOCOLS = [Subprotocol("graphql-transport-ws")]
PLANS = {"query": "{ editions { key } }"}


@pytest.fixture
def folder() -> Iterator[Path]:
    """A data folder whose embedded PostgreSQL is stopped in the end."""
    with embedded_folder() as folder:
        yield folder


@contextmanager
def frozen(data: Path) -> Iterator[None]:
    """The PostgreSQL of a data folder stands still, all its processes."""
    postmaster = psutil.Process(int((data / "postgres" / "postmaster.pid").read_text().splitlines()[0]))
    all_of_it = [postmaster, *postmaster.children(recursive=True)]
    for process in all_of_it:
        process.suspend()
    try:
        yield
    finally:
        for process in all_of_it:
            process.resume()


def until(true: Callable[[], bool], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def status(server: Server, path: str) -> int:
    return httpx.get(f"{server.base}{path}", timeout=15).status_code


@pytest.mark.slow
def test_a_database_that_is_frozen_or_gone_is_said_soon_and_passes(folder: Path) -> None:
    with serving(folder, None, settings={"BILLING_LOG_FORMAT": "json"}) as server:
        assert status(server, "/readyz") == 200
        with frozen(folder):
            begun = time.monotonic()
            asked = httpx.get(f"{server.base}/readyz", timeout=10)
            assert (asked.status_code, asked.json()) == (503, {"database": "unreachable"})
            assert status(server, "/healthz") == 503
            assert time.monotonic() - begun < 8
            assert status(server, "/livez") == 200
            assert status(server, "/.well-known/jwks.json") == 503
            refused = httpx.post(server.url, json=PLANS, headers={"Accept-Language": "zh"}, timeout=5)
            assert refused.status_code == 503
            assert refused.headers["retry-after"] == "5"
            (error,) = refused.json()["errors"]
            assert error["extensions"] == {"code": "UNAVAILABLE", "retryAfter": 5}
            assert "数据库" in error["message"]
        until(lambda: httpx.post(server.url, json=PLANS, timeout=5).status_code == 200)
        assert stop_embedded(folder)
        gone = httpx.post(server.url, json=PLANS, timeout=15)
        assert (gone.status_code, gone.json()["errors"][0]["extensions"]["code"]) == (503, "UNAVAILABLE")
        start_embedded(folder)
        until(lambda: httpx.post(server.url, json=PLANS, timeout=5).status_code == 200)
        assert status(server, "/readyz") == 200
    logged = [line for line in (folder / "serve.log").read_text().splitlines() if line.startswith("{")]
    assert not [line for line in logged if "exception" in json.loads(line)]
    assert "the database is back" in "".join(logged)


@pytest.mark.slow
def test_told_to_stop_it_answers_what_is_in_hand_and_stops_what_it_started(folder: Path) -> None:
    with serving(folder, None, settings={"BILLING_SHUTDOWN_SECONDS": "3"}) as server:
        port = int(server.base.rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port)) as half, httpx.Client() as http:
            half.sendall(b"POST /graphql HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n")
            half.sendall(b"Content-Length: 99\r\n\r\n{")
            http.get(f"{server.base}/livez")
            token = json.loads((folder / "demo-tokens.json").read_text())["administrator"]
            with connect(f"ws://127.0.0.1:{port}/graphql", subprotocols=PROTOCOLS) as follower:
                follower.send(json.dumps({"type": "connection_init", "payload": {"Authorization": f"Bearer {token}"}}))
                assert json.loads(follower.recv(timeout=5))["type"] == "connection_ack"
                begun = time.monotonic()
                server.process.send_signal(signal.SIGTERM)
                with pytest.raises(ConnectionClosed) as closed:
                    follower.recv(timeout=5)
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == 1012
            assert server.process.wait(20) == 0
            assert time.monotonic() - begun < 12
        assert not (folder / "postgres" / "postmaster.pid").exists()


@pytest.mark.slow
def test_a_worker_that_is_told_to_stop_says_that_it_left(database_url: str, tmp_path: Path) -> None:
    port = free_port()
    settings = {"BILLING_METRICS_PORT": str(port), "BILLING_LOG_FORMAT": "json"}
    billing = [str(Path(__file__).parents[1] / ".venv" / "bin" / "billing"), "worker"]
    worker = subprocess.Popen(billing, env={**environment(tmp_path, database_url), **settings})
    try:

        def figures() -> str:
            try:
                return httpx.get(f"http://127.0.0.1:{port}/metrics", timeout=5).text
            except httpx.TransportError:
                return ""

        until(lambda: "billing_workers 1.0" in figures())
    finally:
        worker.terminate()
    assert worker.wait(20) == 0
    with serving(tmp_path, database_url, demo=False, settings={"BILLING_METRICS_TOKEN": "t" * 16}) as server:
        assert status(server, "/metrics") == 401
        bearer = {"Authorization": f"Bearer {'t' * 16}"}
        until(lambda: "billing_workers 1.0" in httpx.get(f"{server.base}/metrics", headers=bearer).text, 15)
        said = httpx.get(f"{server.base}/metrics", headers=bearer).text
        assert 'billing_requests_total{operation="/healthz",outcome="OK"}' in said
        assert os.environ.get("BILLING_METRICS_TOKEN") is None


@pytest.mark.slow
def test_a_port_that_is_taken_is_said_before_anything_else(database_url: str, tmp_path: Path) -> None:
    billing = str(Path(__file__).parents[1] / ".venv" / "bin" / "billing")
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        said = subprocess.run(
            [billing, "serve", "--port", str(port)],
            env=environment(tmp_path, database_url),
            capture_output=True,
            text=True,
            timeout=60,
        )
    assert said.returncode == 1
    assert f"127.0.0.1:{port} cannot be listened on" in said.stderr
    assert "ready" not in said.stdout
