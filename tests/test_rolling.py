"""Servers that stop: what is in hand is answered or rolled back, and behind nginx no request is lost."""

from __future__ import annotations

import asyncio
import json
import secrets
import signal
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from app.api.node import decode_id
from app.db.connection import credentials
from tests.front import found, nginx
from tests.serving import free_port, serving, simulated

REGISTER = """mutation ($email: String!) { register(email: $email, password: "a long password", name: "A",
  organizationName: "Acme", sandbox: true) { ... on RegisterSuccess { token account { id } } } }"""
RENAME = """mutation ($id: ID!, $name: String!) { renameAccount(accountId: $id, name: $name, idempotencyKey: "k") {
  __typename ... on RenameAccountSuccess { account { name } } } }"""
TOKEN = """mutation ($name: String!) { createPersonalAccessToken(name: $name) {
  __typename ... on Error { code message } } }"""
WITH_NGINX = pytest.mark.skipif(found("nginx") is None, reason="there is no nginx (apt-get install nginx)")


def asked(base: str, document: str, token: str | None = None, **variables: Any) -> dict[str, Any]:
    """What is answered, over a connection of its own."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    body = {"query": document, "variables": variables}
    answer = httpx.post(f"{base}/graphql", json=body, headers=headers, timeout=30, verify=False)
    assert answer.status_code == 200, answer.text
    said = answer.json()
    assert "errors" not in said, said
    return dict(said["data"])


def registered_at(base: str) -> tuple[str, str]:
    """A new user's token and account."""
    made = asked(base, REGISTER, email=f"{secrets.token_hex(6)}@example.com")["register"]
    return made["token"], made["account"]["id"]


@pytest.mark.slow
@pytest.mark.parametrize("freed", [True, False])
async def test_a_request_in_hand_is_answered_or_rolled_back(database_url: str, tmp_path: Path, freed: bool) -> None:
    """A mutation waits for its account while the server is told to stop; the account comes free, or not in time."""
    settings = {"BILLING_SHUTDOWN_SECONDS": "2"}
    with serving(tmp_path, database_url, demo=False, settings=settings) as server:
        token, account = await asyncio.to_thread(registered_at, server.base)
        holder = await asyncpg.connect(**credentials(database_url))
        held = holder.transaction()
        await held.start()
        await holder.execute("SELECT 1 FROM account WHERE id = $1 FOR UPDATE", decode_id(account, "Account", "id"))
        rename = asyncio.create_task(
            asyncio.to_thread(asked, server.base, RENAME, token, id=account, name="Another name")
        )
        while not await holder.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted"):
            await asyncio.sleep(0.05)
        server.process.send_signal(signal.SIGTERM)
        await asyncio.sleep(0.5)
        if freed:
            await held.rollback()
            assert (await rename)["renameAccount"]["account"]["name"] == "Another name"
        else:
            with pytest.raises((httpx.TransportError, AssertionError)):
                await rename
            await held.rollback()
        assert await asyncio.to_thread(server.process.wait, 20) == 0
        name = await holder.fetchval("SELECT name FROM account WHERE id = $1", decode_id(account, "Account", "id"))
        assert name == ("Another name" if freed else "Acme")
        await holder.close()
    with serving(tmp_path, database_url, demo=False) as again:
        done = await asyncio.to_thread(asked, again.base, RENAME, token, id=account, name="Another name")
        assert done["renameAccount"]["account"]["name"] == "Another name"


@pytest.mark.slow
@WITH_NGINX
def test_the_journey_through_nginx(database_url: str, tmp_path: Path) -> None:
    """With signed reports, bulk usage that is not, and a WebSocket; nginx passes another host on."""
    port = free_port()
    with nginx(port) as base:
        settings = {"BILLING_PUBLIC_URL": base, "BILLING_LOG_FORMAT": "json"}
        with serving(tmp_path, database_url, port=port, demo=False, settings=settings):
            done = simulated(base, tmp_path, "--days", "2", "--deployments", "4", "--datakits", "30")
            assert done.returncode == 0, done.stdout + done.stderr
            token, _ = registered_at(base)
            unsigned = httpx.post(f"{base}/usage/bulk", content=b"x" * 1_000)
            assert (unsigned.status_code, unsigned.json()["code"]) == (400, "INVALID_INPUT")
            assert httpx.post(f"{base}/usage/bulk", content=b"x" * 20_000_000, timeout=60).status_code == 400
            assert httpx.post(f"{base}/graphql", content=b"x" * 5_000_000).status_code == 413
            origin: Any = base
            protocols = [Subprotocol("graphql-transport-ws")]
            with connect(f"{base}/graphql".replace("http", "ws"), subprotocols=protocols, origin=origin) as socket:
                socket.send(json.dumps({"type": "connection_init", "payload": {"Authorization": f"Bearer {token}"}}))
                assert json.loads(socket.recv(timeout=5))["type"] == "connection_ack"


@pytest.mark.slow
@WITH_NGINX
def test_a_rolling_restart_loses_no_request(database_url: str, tmp_path: Path) -> None:
    """Two servers, restarted one after the other while four clients read and write."""
    ports = [free_port(), free_port()]
    stopped, made, read = threading.Event(), Counter[str](), Counter[str]()

    def one(base: str, token: str, client: int) -> None:
        number = 0
        while not stopped.is_set():
            number += 1
            time.sleep(0.02)
            if number % 3:
                read[str(asked(base, "{ viewer { user { id } } }", token)["viewer"] is not None)] += 1
                continue
            name = f"{client}-{number}"
            answer = asked(base, TOKEN, token, name=name)["createPersonalAccessToken"]
            assert answer["__typename"] == "CreatePersonalAccessTokenSuccess", answer
            made[name] += 1

    with nginx(*ports) as base, ExitStack() as running:
        settings = {"BILLING_PUBLIC_URL": base}
        servers = [
            running.enter_context(serving(tmp_path, database_url, port=port, demo=False, settings=settings))
            for port in ports
        ]
        with ThreadPoolExecutor(4) as pool:
            tokens = [registered_at(base)[0] for _ in range(4)]
            clients = [pool.submit(one, base, token, number) for number, token in enumerate(tokens)]
            try:
                for index, port in enumerate(ports):
                    time.sleep(0.5)
                    servers[index].process.send_signal(signal.SIGTERM)
                    assert servers[index].process.wait(30) == 0
                    running.enter_context(serving(tmp_path, database_url, port=port, demo=False, settings=settings))
                    for client in clients:
                        assert not client.done(), client.result()
            finally:
                stopped.set()
            for client in clients:
                client.result(30)
    assert set(read) == {"True"}
    assert sum(made.values()) > 20
    assert asyncio.run(_tokens(database_url)) == made


async def _tokens(url: str) -> Counter[str]:
    connection = await asyncpg.connect(**credentials(url))
    try:
        rows = await connection.fetch("SELECT name FROM access_token WHERE name ~ '^[0-9]+-[0-9]+$'")
    finally:
        await connection.close()
    return Counter(row["name"] for row in rows)
