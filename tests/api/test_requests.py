"""What comes to the endpoint: whatever it is, the answer is JSON, and bounded."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect
from tortoise.connection import get_connection

from app.api.admission import Budgets
from app.api.limits import _known
from app.api.trusted import trusted_documents
from app.bootstrap import Runtime
from app.db.connection import one_connection
from app.db.together import SharedLoader
from app.errors import CannotStart, RateLimited
from app.main import create_app
from app.settings import Introspection, get_settings
from tests.api.driver import URL, Api, registered, upgraded

JSON = {"Content-Type": "application/json"}
SCHEMA = "{ __schema { queryType { name } } }"
DOCUMENT = "query Editions { editions { key } }"
HASH = hashlib.sha256(DOCUMENT.encode()).hexdigest()


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"null", 400),
        (b"5", 400),
        (b'"x"', 400),
        (b"[]", 400),
        (b'[{"query": "{ __typename }"}]', 400),
        (b"{}", 400),
        (b"", 400),
        (b"\xff\xfe", 400),
        (b"[" * 200_000, 400),
        (b'{"query": 5}', 400),
        (b'{"query": "{ __typename }", "variables": 5}', 400),
        (b'{"query": "{ __typename }", "operationName": []}', 400),
        (b'{"query": "{ __typename }", "operationName": "Other"}', 400),
        (b'{"query": "{ __typename }", "extensions": "x"}', 400),
        (b'{"query": "fragment F on Query { __typename }"}', 400),
        (b'{"extensions": {"persistedQuery": {"sha256Hash": "00"}}}', 404),
        (b'{"documentId": "sha256:00"}', 404),
    ],
)
async def test_a_body_that_is_no_request_is_refused_in_json(api: Api, body: bytes, status: int) -> None:
    answer = await api.http.post(URL, content=body, headers=JSON)
    assert answer.status_code == status
    assert answer.json()["errors"][0]["message"]


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
async def test_what_a_page_of_another_origin_may_send_unasked_is_no_request(api: Api, kind: str) -> None:
    answer = await api.http.post(URL, content=b'{"query": "{ __typename }"}', headers={"Content-Type": kind})
    assert answer.status_code == 415
    assert answer.json()["errors"][0]["extensions"] == {"code": "BAD_REQUEST"}


async def test_no_operation_by_get(api: Api) -> None:
    answer = await api.http.get(URL, params={"query": "{ __typename }"}, headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (405, "BAD_REQUEST")


@pytest.mark.parametrize("path", ["/graphql", "/nowhere", "/.well-known/jwks.json", "/statements/x/y.csv"])
async def test_browsers_do_no_more_with_an_answer_than_it_is_for(api: Api, path: str) -> None:
    answer = await api.http.get(f"http://billing.test{path}", headers={"Accept": "text/html"})
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert ("script-src 'self'" in answer.headers["content-security-policy"]) == (path in {"/graphql", "/nowhere"})


async def test_the_console_is_there_for_whoever_comes_to_it(api: Api) -> None:
    for accept in ("*/*", "text/html,*/*;q=0.8"):
        answer = await api.http.get("http://billing.test/", headers={"Accept": accept})
        assert (answer.status_code, answer.headers["content-type"].partition(";")[0]) == (200, "text/html")


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/nowhere", 404), ("DELETE", "/graphql", 405)])
async def test_what_no_route_is_for_is_refused_in_json(api: Api, method: str, path: str, status: int) -> None:
    answer = await api.http.request(method, f"http://billing.test{path}")
    assert (answer.status_code, bool(answer.json()["message"])) == (status, True)


@pytest.fixture
def socket(runtime: Runtime) -> Iterator[Any]:
    """A WebSocket of the endpoint, acknowledged."""
    client = TestClient(create_app(runtime))
    with client.websocket_connect("/graphql", subprotocols=["graphql-transport-ws"]) as opened:
        opened.send_json({"type": "connection_init"})
        assert opened.receive_json() == {"type": "connection_ack"}
        yield opened


@pytest.mark.parametrize(
    "message",
    [
        "null",
        "5",
        '"x"',
        "[]",
        "{}",
        "{",
        '{"type": []}',
        '{"type": "unheard"}',
        '{"type": "subscribe"}',
        '{"type": "subscribe", "id": [], "payload": {"query": "{ __typename }"}}',
        '{"type": "subscribe", "id": "1", "payload": 5}',
        '{"type": "subscribe", "id": "1", "payload": {"query": 5}}',
        '{"type": "complete", "id": {}}',
        "[" * 200_000,
    ],
)
def test_a_message_that_is_none_closes_the_connection(socket: Any, message: str) -> None:
    socket.send_text(message)
    assert socket.receive() == {"type": "websocket.close", "code": 4400, "reason": socket_reason(message)}


def socket_reason(message: str) -> str:
    """Why the connection is closed."""
    if message == "{" or message.startswith("[["):
        return "WebSocket message must be valid JSON"
    if "unheard" in message:
        return "Unknown message type: unheard"
    return "This is no message of graphql-transport-ws"


def test_a_network_has_so_many_connections(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(get_settings(), "connections_per_caller", 1)
    client = TestClient(create_app(runtime), client=("203.0.113.7", 5))

    def connect() -> Any:
        return client.websocket_connect("/graphql", subprotocols=["graphql-transport-ws"])

    with connect(), pytest.raises(WebSocketDisconnect) as refused, connect():
        pass
    assert refused.value.code == 1008
    with connect():
        pass


@pytest.mark.parametrize(
    ("policy", "anonymous", "signed_in"),
    [
        (Introspection.EVERYONE, None, None),
        (Introspection.SIGNED_IN, "INTROSPECTION_DISABLED", None),
        (Introspection.NOBODY, "INTROSPECTION_DISABLED", "INTROSPECTION_DISABLED"),
    ],
)
async def test_who_may_ask_for_the_schema(
    api: Api, monkeypatch: pytest.MonkeyPatch, policy: Introspection, anonymous: str | None, signed_in: str | None
) -> None:
    monkeypatch.setattr(get_settings(), "introspection", policy)
    mine, _ = await registered(api)
    for client, code in ((api, anonymous), (mine, signed_in)):
        answer = await client.answer(SCHEMA)
        assert [error["extensions"]["code"] for error in answer.get("errors", ())] == ([code] if code else [])
    _known.cache_clear()
    answer = await api.answer("{ editons { key } }")
    assert ("Did you mean" in answer["errors"][0]["message"]) == (policy is Introspection.EVERYONE)
    _known.cache_clear()


@pytest.fixture
def trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with one document that is trusted."""
    (tmp_path / "editions.graphql").write_text(DOCUMENT)
    monkeypatch.setattr(get_settings(), "trusted_documents", tmp_path)
    monkeypatch.setattr("app.api.trusted.DOCUMENTS", tmp_path / "nowhere")
    trusted_documents.cache_clear()
    yield tmp_path
    trusted_documents.cache_clear()


@pytest.mark.parametrize(
    "named",
    [
        {"documentId": f"sha256:{HASH}"},
        {"documentId": HASH},
        {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": HASH}}},
        {"query": DOCUMENT},
    ],
)
async def test_a_trusted_document_is_named_by_its_hash(
    api: Api, trusted: Path, monkeypatch: pytest.MonkeyPatch, named: dict[str, Any]
) -> None:
    monkeypatch.setattr(get_settings(), "trusted_documents_only", True)
    answer = await api.http.post(URL, content=orjson.dumps(named), headers=JSON)
    assert answer.json()["data"]["editions"]


async def test_no_other_document_is_executed_where_only_trusted_ones_are(
    api: Api, trusted: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(get_settings(), "trusted_documents_only", True)
    for document in (DOCUMENT + " ", SCHEMA, "{ viewer { user { id } } }", "mutation { signOut { __typename } }"):
        answer = await api.answer(document)
        assert [error["extensions"]["code"] for error in answer["errors"]] == ["UNTRUSTED_DOCUMENT"]


@pytest.mark.parametrize("text", ["[]", "{", '{"00": "{ __typename }"}', '{"00": 5}'])
def test_trusted_documents_that_are_not_are_told_at_the_start(
    trusted: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    file = trusted / "documents.json"
    file.write_text(text)
    monkeypatch.setattr(get_settings(), "trusted_documents", file)
    with pytest.raises(CannotStart, match="BILLING_TRUSTED_DOCUMENTS"):
        trusted_documents()


def test_trusted_documents_of_one_file(trusted: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = trusted / "documents.json"
    file.write_bytes(orjson.dumps({f"sha256:{HASH}": DOCUMENT}))
    monkeypatch.setattr(get_settings(), "trusted_documents", file)
    assert trusted_documents() == {HASH: DOCUMENT}


@pytest.fixture
async def frugal(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Api]:
    """A client of an application in which a minute's requests may cost no more than 60."""
    monkeypatch.setattr(get_settings(), "cost_per_minute", 60)
    transport = httpx.ASGITransport(create_app(runtime), client=("203.0.113.7", 5))
    async with httpx.AsyncClient(transport=transport) as http:
        yield Api(http)


async def test_a_caller_may_ask_for_so_much_in_a_minute(frugal: Api) -> None:
    sent = [await frugal.http.post(URL, content=orjson.dumps({"query": DOCUMENT}), headers=JSON) for _ in range(10)]
    assert sent[0].status_code == 200
    refused = sent[-1]
    (error,) = refused.json()["errors"]
    assert (refused.status_code, error["extensions"]["code"]) == (429, "RATE_LIMITED")
    assert int(refused.headers["retry-after"]) == error["extensions"]["retryAfter"] > 0


async def test_callers_do_not_spend_what_is_others(frugal: Api) -> None:
    for _ in range(10):
        await frugal.answer(DOCUMENT)
    frugal.http._transport.client = ("198.51.100.4", 5)  # type: ignore[attr-defined]
    assert "errors" not in await frugal.answer(DOCUMENT)


def test_a_budget_comes_back_with_time(monkeypatch: pytest.MonkeyPatch) -> None:
    at = [0.0]
    monkeypatch.setattr("app.api.admission.time.monotonic", lambda: at[0])
    budgets = Budgets(600)
    budgets.spend("a", 600)
    with pytest.raises(RateLimited) as refused:
        budgets.spend("a", 100)
    assert refused.value.params["retry_after"] == 10
    at[0] = 9.9
    with pytest.raises(RateLimited):
        budgets.spend("a", 100)
    at[0] = 10.1
    budgets.spend("a", 100)


async def test_who_hangs_up_while_sending_makes_no_fault_of_ours(api: Api, caplog: pytest.LogCaptureFixture) -> None:
    app: Any = api.http._transport.app  # type: ignore[attr-defined]
    came: list[dict[str, Any]] = [
        {"type": "http.disconnect"},
        {"type": "http.request", "body": b'{"query"', "more_body": True},
    ]
    scope = {"type": "http", "method": "POST", "path": "/graphql", "query_string": b"", "client": ("192.0.2.1", 5)}
    headers = [(b"content-type", b"application/json"), (b"content-length", b"100")]
    answers: list[Any] = []

    async def receive() -> dict[str, Any]:
        return came.pop()

    async def send(message: Any) -> None:
        answers.append(message)

    await app({**scope, "headers": headers, "scheme": "http", "server": ("billing.test", 80)}, receive, send)
    assert [message["status"] for message in answers if "status" in message] == [499]
    assert [record.message for record in caplog.records if record.levelname != "INFO"] == []


async def test_a_query_that_takes_too_long_ends_in_the_database_too(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    async def sleep(*_: object) -> None:
        await get_connection("default").execute_query("SELECT pg_sleep(30)")

    monkeypatch.setattr(get_settings(), "query_timeout_seconds", 0.3)
    monkeypatch.setattr("app.api.schema.find_node", sleep)
    answers = await asyncio.gather(*(api.answer('{ node(id: "x") { id } }') for _ in range(12)))
    assert {answer["errors"][0]["extensions"]["code"] for answer in answers} == {"TIMEOUT"}
    monkeypatch.undo()
    assert (await api.data(DOCUMENT))["editions"]
    running = "SELECT 1 FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%' AND state = 'active'"
    async with asyncio.timeout(10):
        while await get_connection("default").execute_query_dict(running):
            await asyncio.sleep(0.05)


async def test_what_a_query_that_takes_too_long_reads_together_ends_in_the_database_too(
    api: Api, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine, account = await registered(api)
    async with one_connection(database_url) as other:
        await other.execute("LOCK TABLE charge, license IN ACCESS EXCLUSIVE MODE")
        monkeypatch.setattr(get_settings(), "query_timeout_seconds", 0.3)
        asked = "query ($id: ID!) { account(id: $id) { charges { nodes { id } } licenses { nodes { id } } } }"
        answer = await mine.answer(asked, id=account)
        assert [error["extensions"]["code"] for error in answer["errors"]] == ["TIMEOUT"]
        waiting = "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        async with asyncio.timeout(10):
            while await other.fetch(waiting):
                await asyncio.sleep(0.05)


async def test_a_mutation_that_takes_too_long_writes_nothing(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    mine, account = await registered(api)

    async def slowly(*_: object) -> None:
        await get_connection("default").execute_query("UPDATE account SET name = 'changed'")
        await get_connection("default").execute_query("SELECT pg_sleep(30)")

    monkeypatch.setattr(get_settings(), "mutation_timeout_seconds", 0.3)
    monkeypatch.setattr("app.api.notifications.endpoints.create", slowly)
    refused = await mine.call("createWebhookEndpoint", "secret", accountId=account, url="https://example.com/")
    assert refused["code"] == "OVERLOADED"
    assert (await mine.account(account, "name"))["name"] != "changed"


async def test_a_cancelled_neighbour_cancels_nobody_elses_wait() -> None:
    begun, finish = asyncio.Event(), asyncio.Event()

    async def load(keys: list[int]) -> list[int]:
        begun.set()
        await finish.wait()
        return keys

    loader: SharedLoader[int, int] = SharedLoader(load_fn=load)

    async def wait() -> int:
        return await loader.load(7)

    first, second = asyncio.create_task(wait()), asyncio.create_task(wait())
    await begun.wait()
    first.cancel()
    await asyncio.wait([first])
    finish.set()
    assert (first.cancelled(), await second) == (True, 7)


async def test_when_nobody_waits_any_more_nothing_is_read() -> None:
    begun, ended = asyncio.Event(), asyncio.Event()

    async def load(keys: list[int]) -> list[int]:
        begun.set()
        try:
            await asyncio.sleep(60)
        finally:
            ended.set()
        return keys

    loader: SharedLoader[int, int] = SharedLoader(load_fn=load)

    async def wait() -> dict[int, int]:
        return await loader.load_all([7, 8])

    waiting = [asyncio.create_task(wait()), asyncio.create_task(wait())]
    await begun.wait()
    for one in waiting:
        one.cancel()
    await asyncio.wait(waiting)
    await asyncio.wait_for(ended.wait(), 5)


async def test_who_comes_when_there_is_no_room_is_sent_away_at_once_and_the_others_are_served(api: Api) -> None:
    mine, account = await upgraded(api)
    other, theirs = await upgraded(api)
    document = {"query": f'{{ account(id: "{account}") {{ name charges {{ totalCount }} }} }}'}
    headers = {"Authorization": f"Bearer {mine.token}", "Accept-Language": "zh"}
    flood = [api.http.post(URL, json=document, headers=headers) for _ in range(100)]
    answers, seen = await asyncio.gather(asyncio.gather(*flood), other.account(theirs, "edition"))
    assert seen["edition"] == "PAY_AS_YOU_GO"
    refused = [answer for answer in answers if answer.status_code == 503]
    assert 0 < len(refused) < 100
    assert {answer.status_code for answer in answers} == {200, 503}
    for answer in refused:
        (error,) = answer.json()["errors"]
        assert error["extensions"] == {"code": "OVERLOADED", "retryAfter": 5}
        assert (answer.headers["Retry-After"], "系统繁忙" in error["message"]) == ("5", True)
    assert (await mine.account(account, "edition"))["edition"] == "PAY_AS_YOU_GO"
