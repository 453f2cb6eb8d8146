"""A bearer token that does not work is an error, whatever it is sent with; without one, a request is anybody's."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from app.accounts.models import AccessToken
from tests.accounts.people import PASSWORD, address, signed_in
from tests.api.driver import URL, Api, registered
from tests.conftest import TravellingClock
from tests.serving import Server

RESPONSE_JSON = "application/graphql-response+json"
DOCUMENTS = (
    "{ viewer { user { id } } }",
    "{ editions { key } }",
    "{ nothing",
    'mutation { signIn(email: "a@example.com", password: "x") { __typename } }',
)


async def sent(api: Api, token: str, document: str, accept: str = "application/json") -> Any:
    headers = {"Authorization": f"Bearer {token}", "Accept": accept, "Accept-Language": "zh"}
    return await api.http.post(URL, json={"query": document}, headers=headers)


@pytest.mark.parametrize("accept", ["application/json", RESPONSE_JSON])
@pytest.mark.parametrize("document", DOCUMENTS)
@pytest.mark.parametrize("token", ["ses_unknown", "", "x" * 10_000])
async def test_an_unknown_token_is_refused_whatever_it_is_sent_with(
    api: Api, token: str, document: str, accept: str
) -> None:
    answer = await sent(api, token, document, accept)
    assert (answer.status_code, answer.headers["content-type"].split(";")[0]) == (401, accept)
    assert answer.headers["www-authenticate"] == 'Bearer error="invalid_token"'
    (error,) = answer.json()["errors"]
    assert error["extensions"]["code"] == "UNAUTHENTICATED"
    assert "请重新登录" in error["message"]
    assert "data" not in answer.json()


async def test_so_is_one_that_was_revoked_or_has_ended_and_its_client_signs_in_again_without(
    api: Api, travelling_clock: TravellingClock
) -> None:
    mine, _ = await registered(api)
    email = await address(mine)
    ends = (travelling_clock.at + timedelta(hours=1)).isoformat()
    expiring = (await mine.call("createPersonalAccessToken", "token", name="x", expiresAt=ends))["token"]
    assert (await sent(api, expiring, DOCUMENTS[0])).status_code == 200
    travelling_clock.forward(hours=1)
    assert (await sent(api, expiring, DOCUMENTS[0])).status_code == 401
    await mine.call("signOut", "user { id }")
    assert (await sent(api, str(mine.token), DOCUMENTS[0])).status_code == 401
    assert await AccessToken.filter(revoked_at__isnull=True).count() == 1
    assert (await api.data("{ editions { key } viewer { user { id } } }"))["viewer"] is None
    again = await signed_in(api, email, PASSWORD)
    assert (await sent(api, again["token"], DOCUMENTS[0])).status_code == 200


async def test_another_scheme_is_no_token(api: Api) -> None:
    answer = await api.http.post(URL, json={"query": DOCUMENTS[0]}, headers={"Authorization": "Basic eDp5"})
    assert (answer.status_code, answer.json()["data"]) == (200, {"viewer": None})


@pytest.mark.parametrize("path", ["/reports/revenue.csv", "/personal-data.ndjson", "/statements/x/2026-03.pdf"])
async def test_files_are_refused_to_it_as_well(api: Api, path: str) -> None:
    answer = await api.http.get(f"http://test{path}", headers={"Authorization": "Bearer ses_unknown"})
    assert (answer.status_code, answer.json()["code"]) == (401, "UNAUTHENTICATED")


@pytest.mark.parametrize(("payload", "taken"), [({"authorization": "Bearer ses_unknown"}, False), ({}, True)])
async def test_a_websocket_that_begins_with_one_is_closed(server: Server, payload: dict[str, str], taken: bool) -> None:
    from json import dumps, loads

    url = server.url.replace("http", "ws", 1)
    async with connect(url, subprotocols=["graphql-transport-ws"]) as socket:  # type: ignore[list-item]
        await socket.send(dumps({"type": "connection_init", "payload": payload}))
        if taken:
            assert loads(await socket.recv())["type"] == "connection_ack"
            return
        with pytest.raises(ConnectionClosed) as closed:
            await socket.recv()
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 4403
