"""Operations and what is none, from everybody, at random: whatever comes, the answer is sound (``make fuzz-api``)."""

from __future__ import annotations

import asyncio
import os
import re
from collections import Counter
from collections.abc import Mapping
from random import Random, SystemRandom
from typing import Any
from urllib.parse import quote

import httpx
import orjson
import pytest
import websockets
from tortoise.connection import get_connection

from app.bootstrap import Runtime
from app.settlement.audit import check
from app.worker import run_once
from tests.api.driver import Api
from tests.api.operations import TABLE
from tests.conftest import TravellingClock
from tests.fuzz.operations import Request, deep, drawn, grafted, roots
from tests.fuzz.recipes import FOR_DEPLOYMENTS
from tests.fuzz.values import STRANGE, Values
from tests.fuzz.world import Asker, World, posted, request_body, world

CASES = int(os.environ.get("BILLING_TEST_FUZZ_CASES", "2000"))
SEED = int(os.environ.get("BILLING_TEST_FUZZ_SEED") or (1 if CASES <= 2000 else SystemRandom().getrandbits(32)))
SLOW = {"signIn", "register", "changePassword", "resetPassword", "requestRegistration", "advanceSandboxClock"}
ADMITTED = {
    name: who.split(", ") if "member" in who or "staff" in who else ["owner", "member ADMIN", "staff OPERATOR"]
    for name, who in re.findall(r"^\w+ (\w+): (.*)$", TABLE.read_text(), re.MULTILINE)
}
"""Who may call what, as the reviewed table says; of what everybody may, some who get far with it."""
TYPED = {429: {"RATE_LIMITED"}, 503: {"OVERLOADED", "UNAVAILABLE"}}
PATHS = (
    "/graphql",
    "/usage/bulk",
    "/reports/revenue.csv",
    "/reports/{}.csv",
    "/statements/{account}/2026-03.pdf",
    "/statements/{account}/2026-03.focus.csv",
    "/statements/{account}/{}.csv",
    "/invoices/{}",
    "/.well-known/jwks.json",
    "/.well-known/license-revocations",
    "/channels/aws/sns",
    "/channels/aws/events",
    "/channels/aws/register",
    "/channels/aliyun/",
    "/channels/guance/payments",
    "/healthz",
    "/metrics",
    "/graphiql/{}",
    "/{}",
)
BODIES = (
    b"",
    b"null",
    b"[]",
    b"{}",
    b'{"query": null}',
    b'{"query": "{ viewer { user { id } } }", "variables": []}',
    b'{"query": "query ($id: ID!) { node(id: $id) { id } }", "variables": {"id": {}}}',
    b'{"query": "{ __typename }", "extensions": {"persistedQuery": 5}}',
    b'{"Type": "Notification", "Message": []}',
    b'{"id": "x", "detail": {}, "detail-type": null}',
    b"[" * 5000,
    b'{"a":' * 5000,
    b"\xff\xfe\x00",
    b'"\\ud800"',
    b"deployment,hour,meter,value\n\0,,,\n",
)
MESSAGES = (
    "",
    "null",
    "[]",
    "{}",
    '{"type": 5}',
    '{"type": "subscribe"}',
    '{"type": "subscribe", "id": "1", "payload": null}',
    '{"type": "subscribe", "id": "1", "payload": {"query": 5}}',
    '{"type": "complete", "id": "nobody"}',
    '{"type": "connection_init"}',
    '{"type": "ping"}',
    '{"type": "pong", "payload": []}',
    "[" * 5000,
    b"\x00\xff",
)


class Fuzzer:
    """Sends case after case, and keeps what was not as it must be."""

    def __init__(self, found: World, http: httpx.AsyncClient, random: Random) -> None:
        self.world = found
        self.http = http
        self.random = random
        self.complaints: dict[str, str] = {}
        self.done: Counter[str] = Counter()
        self.codes: Counter[str] = Counter()
        self.refusals: dict[str, str] = {}
        self._drawn: dict[tuple[str, str], list[str]] = {}

    def values(self) -> Values:
        """Where arguments are from: most are to fit, so that one that does not is met deep inside."""
        strangeness = self.random.choice((0, 0, 0, 0, 0, 0.04, 0.15, 0.6))
        return Values(self.random, self.world.pool, self.world.kinds, strangeness)

    def asker(self, name: str = "") -> Asker:
        """Who sends it: as a rule somebody who may, and anybody else as well."""
        if name in FOR_DEPLOYMENTS and self.random.random() < 0.6:
            return self.world.askers[-1]
        may = [one for one in self.world.askers if one.name in ADMITTED.get(name, ())]
        return self.random.choice(may if may and self.random.random() < 0.7 else self.world.askers)

    def document(self, root: str, name: str) -> Request:
        """An operation to send."""
        if self.random.random() < 0.75 or root == "Subscription":
            return deep(self.values(), root, name)
        kept = self._drawn.setdefault((root, name), [])
        if not kept or self.random.random() < 0.1:
            kept += drawn(root, name, 8, self.random)
        return grafted(self.random.choice(kept), self.values(), name)

    async def operation(self) -> None:
        """Send an operation, or the same one twice with a key."""
        root, name = self.random.choice(ROOTED)
        if name in SLOW and self.random.random() < 0.7:
            return await self.operation()
        if root == "Subscription":
            return await self.websocket(name)
        asker, document = self.asker(name), self.document(root, name)
        if root == "Query":
            several = [(asker, document)]
            if self.random.random() < 0.3:
                several += [(self.asker(), self.document(*self.random.choice(ROOTED_QUERIES))) for _ in range(3)]
            await asyncio.gather(*(self._ask(name, *one) for one in several))
            return None
        before = await self.world.mark()
        said = await self._ask(name, asker, document)
        succeeded = _succeeded(said)
        self.done.update(succeeded)
        if succeeded:
            return None
        self.refusals[name] = str(said)[:240]
        changed = await self.world.changed(before)
        if changed and not _is_done(said):
            self.complain(f"{name} was refused, and changed {changed}", document, asker, said)
        return None

    async def _ask(self, name: str, asker: Asker, document: Request) -> Any:
        url, body = f"{self.world.base}/graphql", request_body(document)
        try:
            answer = await posted(self.http, url, asker, body)
        except httpx.HTTPError as error:
            self.complain(f"{name}: no answer ({type(error).__name__})", document, asker, None)
            return None
        said = self._checked(name, answer, document, asker)
        self.world.pool.learn(said)
        return said

    def _checked(self, name: str, answer: httpx.Response, sent: object, asker: Asker) -> Any:
        """What was answered, if it is sound."""
        try:
            said = orjson.loads(answer.content)
        except orjson.JSONDecodeError:
            self.complain(f"{name}: {answer.status_code} that is no JSON", sent, asker, answer.text[:300])
            return None
        found = set(_codes(said))
        self.codes.update(found)
        if "INTERNAL" in found:
            fault = self.world.faults.seen[-1] if self.world.faults.seen else ""
            self.complain(f"{name}: INTERNAL {fault[-160:]}", sent, asker, f"{said}\n{fault}")
        elif answer.status_code >= 500 and not found & TYPED.get(answer.status_code, set()):
            self.complain(f"{name}: {answer.status_code}", sent, asker, said)
        return said

    async def route(self) -> None:
        """Send anything to any route."""
        random, asker = self.random, self.random.choice(self.world.askers)
        path = random.choice(PATHS).replace("{account}", self.values().id("", "accountId"))
        while "{}" in path:
            path = path.replace("{}", quote(random.choice((*STRANGE[:12], "x")), safe="/"), 1)
        method = random.choice(("GET", "POST", "POST", "POST", "PUT", "OPTIONS", "HEAD"))
        body = random.choice(BODIES)
        headers = asker.headers(f"{self.world.base}{path}", body)
        headers["Content-Type"] = random.choice(
            ("application/json", "text/plain", "text/csv", "x", "application/x-ndjson")
        )
        try:
            answer = await self.http.request(method, f"{self.world.base}{path}", content=body, headers=headers)
        except httpx.HTTPError as error:
            self.complain(f"{method} {path[:40]}: no answer ({type(error).__name__})", repr(body[:200]), asker, None)
            return
        if answer.status_code >= 400 and method != "HEAD" and not path.startswith("/channels/"):
            self._checked(f"{method} {path[:20]}", answer, f"{method} {path} {body[:200]!r}", asker)
        elif answer.status_code >= 500 and answer.status_code != 503:
            self.complain(f"{method} {path[:20]}: {answer.status_code}", repr(body[:200]), asker, answer.text)

    async def websocket(self, name: str | None = None) -> None:
        """Open a WebSocket, send what is a message and what is none, and look at what comes."""
        random, asker = self.random, self.random.choice(self.world.askers)
        root = "Subscription" if name else "Query"
        document = deep(self.values(), root, name or random.choice(ROOTED_QUERIES)[1])
        init = {"type": "connection_init", "payload": {"Authorization": f"Bearer {asker.token}"}}
        sent: list[Any] = [orjson.dumps(init).decode()] * (random.random() < 0.95)
        sent += [random.choice(MESSAGES)] * (random.random() < 0.2)
        sent += [
            orjson.dumps(
                {"id": "1", "type": "subscribe", "payload": document._asdict() | {"query": document.document}}
            ).decode()
        ]
        protocol: Any = "graphql-transport-ws"
        try:
            async with websockets.connect(
                f"{self.world.base}/graphql".replace("http", "ws"), subprotocols=[protocol], open_timeout=10
            ) as socket:
                for one in sent:
                    await socket.send(one)
                for _ in range(4):
                    said = orjson.loads(await asyncio.wait_for(socket.recv(), 0.2 if name else 5))
                    self.codes.update(_codes(said))
                    if "INTERNAL" in _codes(said):
                        fault = self.world.faults.seen[-1:]
                        self.complain(f"WebSocket {name}: INTERNAL", document, asker, f"{said} {fault}")
                    if said.get("type") in {"error", "complete"}:
                        break
        except TimeoutError:
            pass
        except websockets.ConnectionClosed as closed:
            if closed.rcvd is None or closed.rcvd.code in {1006, 1011}:
                self.complain(f"WebSocket {name}: closed with {closed.rcvd}", document, asker, sent)

    async def gone(self) -> None:
        """Ask, and go away before there is an answer."""
        root, name = self.random.choice(ROOTED_QUERIES)
        asker = self.random.choice(self.world.askers)
        asking = asyncio.create_task(
            posted(self.http, f"{self.world.base}/graphql", asker, request_body(self.document(root, name)))
        )
        await asyncio.sleep(self.random.random() * 0.01)
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)

    def complain(self, what: str, sent: object, asker: Asker, said: Any) -> None:
        """Keep what was not as it must be, once for each kind."""
        self.complaints.setdefault(what, f"{what}\n  {asker.name} sent:\n{sent}\n  answered: {str(said)[-2500:]}\n")


ROOTED = roots()
ROOTED_QUERIES = [one for one in ROOTED if one[0] == "Query"]


@pytest.mark.slow
async def test_whatever_is_sent_the_answer_is_sound(
    api: Api, runtime: Runtime, travelling_clock: TravellingClock
) -> None:
    random = Random(SEED)
    async with world(api, runtime, random) as found, httpx.AsyncClient(timeout=60) as http:
        fuzzer = Fuzzer(found, http, random)
        kinds = (fuzzer.operation, fuzzer.route, fuzzer.websocket, fuzzer.gone)
        for case in range(CASES):
            await random.choices(kinds, (90, 5, 3, 2))[0]()
            travelling_clock.forward(seconds=20)
            if case % 50 == 49:
                await found.restore()
            if case % 1000 == 999:
                await run_once(runtime.settings, runtime.host)
        left = await _left_open()
    wrong = [one for one in await check(runtime.host) if "reconciliation case" not in one]
    said = "\n".join(fuzzer.complaints.values())
    mutations = {name for root, name in ROOTED if root == "Mutation"}
    never = sorted(mutations - set(fuzzer.done))
    print(f"seed {SEED}: {sum(fuzzer.done.values())} mutations of {len(fuzzer.done)} kinds succeeded; never: {never}")
    print(*(f"{name}: {fuzzer.refusals.get(name)}" for name in never), sep="\n")
    print(fuzzer.codes.most_common(40))
    assert not fuzzer.complaints, f"seed {SEED}, {len(fuzzer.complaints)} kinds:\n{said}"
    assert left == []
    assert not wrong
    assert len(never) < len(mutations) / 2 or CASES < 2000


async def _left_open() -> list[str]:
    """What connections to the database still hold after everybody has gone."""
    await asyncio.sleep(0.2)
    rows = await get_connection("default").execute_query_dict(
        "SELECT state, query FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in trans%'"
    )
    return [row["query"] for row in rows]


def _succeeded(said: Any) -> list[str]:
    """The mutations that an answer says were done."""
    data = said.get("data") if isinstance(said, dict) else None
    return [
        one["__typename"].removesuffix("Success")[0].lower() + one["__typename"].removesuffix("Success")[1:]
        for one in (data or {}).values()
        if isinstance(one, Mapping) and one.get("__typename", "").endswith("Success")
    ]


def _is_done(said: Any) -> bool:
    """Whether the errors say that the mutation was done, and what was selected of its answer alone is refused."""
    errors = said.get("errors") if isinstance(said, dict) else None
    return bool(errors) and {error["extensions"].get("done", False) for error in errors or ()} == {True}


def _codes(said: Any) -> list[str]:
    """The codes of all errors in an answer, whether of the protocol or typed."""
    if isinstance(said, Mapping):
        own = [said["code"]] if isinstance(said.get("code"), str) and said["code"].isupper() else []
        return own + [code for one in said.values() for code in _codes(one)]
    return [code for one in said for code in _codes(one)] if isinstance(said, list) else []
