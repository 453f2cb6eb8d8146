"""What strangers get: pages of other origins, and who is not signed in."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from app.api.licenses import License
from app.bootstrap import Runtime
from app.main import create_app
from app.settings import get_settings
from tests.api.driver import Api, registered, upgraded
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


async def test_of_a_strangers_object_nothing_is_read(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that it takes as long to learn nothing of it as of what there is not."""
    (mine, _), (theirs, account) = await upgraded(api), await upgraded(api)
    made = await theirs.call("createLicense", "license { id }", accountId=account, label="x")
    read: list[object] = []
    shown = License.of

    def noted(row: object) -> License:
        read.append(row)
        return shown(row)

    monkeypatch.setattr(License, "of", noted)
    asked = "query ($id: ID!) { node(id: $id) { id } }"
    for stranger in (mine, api):
        answer = await stranger.answer(asked, id=made["license"]["id"])
        assert answer["data"] == {"node": None}
    assert read == []
    assert (await theirs.data(asked, id=made["license"]["id"]))["node"]
    assert len(read) == 1
