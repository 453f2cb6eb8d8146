"""What strangers get: pages of other origins, and who is not signed in."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from app.bootstrap import Runtime
from app.main import create_app
from app.settings import get_settings
from tests.api.driver import Api, registered
from tests.api.wallets import staff

CONSOLE = "https://console.example.com"


@pytest.mark.parametrize(
    ("configured", "allowed"),
    [("", None), (f"https://other.example.com, {CONSOLE}", CONSOLE), ("https://other.example.com", None)],
)
async def test_origins(runtime: Runtime, configured: str, allowed: str | None) -> None:
    settings = get_settings().model_copy(update={"cors_origins": configured})
    app = create_app(replace(runtime, settings=settings))
    headers = {"Origin": CONSOLE}
    asks = {**headers, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://billing.test") as http:
        before = await http.options("/graphql", headers=asks)
        answer = await http.post("/graphql", headers=headers, json={"query": "{ __typename }"})
    assert answer.json() == {"data": {"__typename": "Query"}}
    assert before.headers.get("Access-Control-Allow-Origin") == allowed
    assert answer.headers.get("Access-Control-Allow-Origin") == allowed
    if allowed:
        assert "authorization" in before.headers["Access-Control-Allow-Headers"].lower()


async def test_what_is_wrong_with_a_channel_is_for_staff(api: Api) -> None:
    mine, _ = await registered(api)
    for client, shown in ((api, False), (mine, False), (await staff(api), True)):
        listed = (await client.data("{ settlementChannels { key health reason } }"))["settlementChannels"]
        (aws,) = (one for one in listed if one["key"] == "aws")
        assert aws["health"] == "NOT_CONFIGURED"
        assert (aws["reason"] is not None) == shown


async def test_assets_that_are_not_built_are_not_found(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.api.graphiql.FOLDER", Path("/nowhere"))
    transport = httpx.ASGITransport(app=create_app(runtime))
    async with httpx.AsyncClient(transport=transport, base_url="http://billing.test") as http:
        answer = await http.get("/graphiql/graphiql.js")
    assert answer.status_code == 404
    assert answer.json()["code"] == "NOT_FOUND"
