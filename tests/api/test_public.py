"""The address that everybody knows the server by, and whom a proxy asks for."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import httpx
import orjson
import pytest
from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from app.api import wire
from app.api.listening import listen, server
from app.bootstrap import Runtime
from app.main import create_app
from app.protocol.signing import sign_request
from app.settings import Settings, get_settings
from tests.api.driver import Api, activate, license_and_key, upgraded
from tests.serving import free_port

PUBLIC = "https://billing.example.com"
REPORT = """mutation ($hours: [HourlyUsageInput!]!) {
  reportUsage(fingerprint: "fingerprint-1", reports: $hours) {
    __typename ... on Error { code message }
  }
}"""


async def _reported(http: httpx.AsyncClient, key: tuple[str, str], signed: str) -> dict[str, Any]:
    """What a report answers whose signature is for another address than it is sent to, which the proxy's is."""
    hour = datetime.now(UTC).replace(minute=0, second=0, microsecond=0).isoformat()
    hours = [{"hour": hour, "dataKits": [f"dk-{secrets.token_hex(4)}"]}]
    body = orjson.dumps({"query": REPORT, "variables": {"hours": hours}})
    headers = sign_request(*key, "POST", f"{signed}/graphql", body, datetime.now(UTC))
    answer = await http.post("http://10.0.0.7:8000/graphql", content=body, headers=headers)
    return dict(answer.json()["data"]["reportUsage"])


@pytest.mark.parametrize("given", [PUBLIC, f"{PUBLIC}/", "https://Billing.Example.com"])
async def test_signatures_are_of_the_public_address(api: Api, runtime: Runtime, given: str) -> None:
    mine, account = await upgraded(api, sandbox=False)
    text, *key = await license_and_key(mine, account)
    await activate(mine, text, key[0], key[1])
    app = create_app(replace(runtime, settings=_settings(public_url=given)))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app)) as http:
        taken = await _reported(http, (key[0], key[1]), PUBLIC)
        refused = await _reported(http, (key[0], key[1]), "http://10.0.0.7:8000")
    assert taken["__typename"] == "ReportUsageSuccess", taken
    assert refused["code"] == "INVALID_SIGNATURE"
    assert f"POST {PUBLIC}/graphql" in refused["message"]


@pytest.mark.parametrize(
    ("origin", "let"), [(PUBLIC, True), ("http://10.0.0.7:8000", False), ("https://evil.example.com", False)]
)
async def test_pages_of_the_public_address_may_open_a_websocket(runtime: Runtime, origin: str, let: bool) -> None:
    app = create_app(replace(runtime, settings=_settings(public_url=PUBLIC)))
    client = TestClient(app, base_url="http://10.0.0.7:8000")
    opened = client.websocket_connect("/graphql", subprotocols=["graphql-transport-ws"], headers={"Origin": origin})
    if let:
        with opened:
            return
    with pytest.raises(WebSocketDisconnect), opened:
        pass


@pytest.mark.parametrize(
    "given", ["billing.example.com", "ftp://x", "https://a/b", "https://u:p@h", "https://h?x", "https://", ""]
)
def test_a_public_address_is_scheme_and_host(given: str) -> None:
    with pytest.raises(ValidationError, match="must be of the form"):
        Settings(public_url=given)


@pytest.mark.parametrize("given", ["*", "proxy", "10.0.0.1/8", "10.0.0.0/8;::1"])
def test_proxies_are_addresses_and_networks(given: str) -> None:
    with pytest.raises(ValidationError, match="addresses and networks"):
        Settings(trusted_proxies=given)


@pytest.mark.parametrize(
    ("proxies", "said", "seen"),
    [
        ("127.0.0.1,::1", ["203.0.113.9"], "203.0.113.9"),
        ("127.0.0.0/8", ["198.51.100.1, 203.0.113.9"], "203.0.113.9"),
        ("127.0.0.1", ["198.51.100.1", "203.0.113.9"], "203.0.113.9"),
        ("127.0.0.1", ["127.0.0.1, 203.0.113.9"], "203.0.113.9"),
        ("127.0.0.1,10.0.0.0/8", ["203.0.113.9, 10.1.2.3"], "203.0.113.9"),
        ("127.0.0.1", ["203.0.113.9:4711"], "203.0.113.9"),
        ("127.0.0.1", ["2001:db8::7"], "2001:db8::7"),
        ("", ["203.0.113.9"], "127.0.0.1"),
        ("10.0.0.0/8", ["203.0.113.9"], "127.0.0.1"),
        ("127.0.0.1", [], "127.0.0.1"),
    ],
)
async def test_whom_a_proxy_asks_for(proxies: str, said: list[str], seen: str) -> None:
    headers = [("X-Forwarded-For", one) for one in said] + [("X-Forwarded-Proto", "https")]
    async with _told(_settings(trusted_proxies=proxies)) as url, httpx.AsyncClient() as http:
        answer = (await http.get(url, headers=headers)).json()
    trusted = "127.0.0.1" in _settings(trusted_proxies=proxies).trusted_proxies or proxies.startswith("127.")
    assert answer == {"client": seen, "scheme": "https" if trusted else "http"}


async def test_connections_of_a_trusted_proxy_are_not_one_networks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "network_of", lambda address: address)
    monkeypatch.setattr(get_settings(), "connections_per_caller", 2)
    for proxies, most in (("127.0.0.1", 5), ("10.0.0.0/8", 2)):
        monkeypatch.setattr(get_settings(), "trusted_proxies", proxies)
        async with _told(_settings(trusted_proxies=proxies)) as url:
            port = httpx.URL(url).port
            opened = [await asyncio.open_connection("127.0.0.1", port) for _ in range(5)]
            await asyncio.sleep(0.1)
            answered = [reader.at_eof() or bool(await _begun(reader)) for reader, _ in opened]
            assert answered.count(False) == most
            for _, writer in opened:
                writer.close()


async def _begun(reader: asyncio.StreamReader) -> bytes:
    try:
        return await asyncio.wait_for(reader.read(1), 0.1)
    except TimeoutError:
        return b""


async def _seen(request: Request) -> JSONResponse:
    return JSONResponse({"client": request.client and request.client.host, "scheme": request.url.scheme})


@asynccontextmanager
async def _told(settings: Settings) -> AsyncIterator[str]:
    """The address of a server that says whom it sees."""
    sockets: Sequence[Any] = listen("127.0.0.1", port := free_port())
    running = server(Starlette(routes=[Route("/", _seen)]), settings)
    serving = asyncio.create_task(running.serve(list(sockets)))
    while not running.started:
        await asyncio.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{port}/"
    finally:
        running.stop()
        await asyncio.wait_for(serving, 10)


def _settings(**given: Any) -> Settings:
    return Settings.model_validate({**get_settings().model_dump(by_alias=True), **given})
