"""What is read, how each server is asked for it, and what of the answers must be equal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import orjson
from graphql import OperationDefinitionNode, get_operation_ast, parse

from bench.bare_reads import key_in
from bench.billed import Billed
from bench.rivals import Rival
from bench.servers import Server
from bench.wire import raw_post

READS = {
    "Account": "query Account($id: ID!) { account(id: $id) { id name edition sandbox createdAt } }",
    "Charges": """query Charges($id: ID!) { account(id: $id) { charges(first: 40) {
        nodes { id kind day quantity billedQuantity amount { amount currency } raisedAt
            settlement { id state channel settledAt } pricePlan { id unitPrice { amount currency } } }
        pageInfo { hasNextPage } } } }""",
    "Usage": """query Usage($id: ID!, $from: Date!, $to: Date!) { account(id: $id) {
        usage(from: $from, to: $to, meters: ["datakit"]) { days { day quantity hours { hour quantity } } } } }""",
    "Accounts": """query Accounts { viewer { accounts(first: 20) { nodes { id name
        licenses(first: 3) { nodes { id label state } }
        charges(first: 10) { nodes { id day amount { amount currency } } } } } } }""",
}
TITLES = {
    "Account": "an account by its id, 5 fields",
    "Charges": "37 charges with collecting and price",
    "Usage": "usage of 31 days by the hour",
    "Accounts": "20 accounts, each with 3 licenses and 10 charges",
}
ZONE = ZoneInfo("Asia/Shanghai")
UUID_LENGTH = 36


@dataclass
class Side:
    """A server, and the requests that it is sent, by their operations."""

    label: str
    server: Server
    requests: dict[str, bytes] = field(default_factory=dict)
    answers: dict[str, Any] = field(default_factory=dict)
    """What it answered to the reads."""

    def prepare(self, operation: str, document: str, variables: Mapping[str, Any], token: str | None) -> Any:
        """Keep a request, and answer what the server says to it."""
        sent = {"query": document, "operationName": operation, "variables": variables}
        headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
        body = orjson.dumps(sent)
        self.requests[operation] = raw_post("/graphql", f"127.0.0.1:{self.server.ports[0]}", headers, body)
        return httpx.post(self.server.url, content=body, headers=headers, timeout=60).json()


def ours(label: str, server: Server, customer: Billed) -> Side:
    """One that is asked as the billing center is."""
    side = Side(label, server)
    for name, document in READS.items():
        side.answers[name] = side.prepare(name, document, customer.variables(name), customer.token)
    return side


def theirs(found: Rival, server: Server, customer: Billed) -> Side:
    """One that is asked for the same rows in its own words, without a token."""
    side, days = Side(found.label, server), customer.variables("Usage")
    since = datetime.fromisoformat(days["from"]).replace(tzinfo=ZONE)
    until = datetime.fromisoformat(days["to"]).replace(tzinfo=ZONE) + timedelta(days=1)
    known = {**days, "since": since, "until": until, "id": key_in(customer.account), "user": key_in(customer.user)}
    documents = found.operations()
    for name in READS:
        given = {one: known[one] for one in declared(documents[name])}
        side.answers[name] = side.prepare(name, documents[name], given, None)
    return side


def declared(document: str) -> list[str]:
    """The variables of a document's operation."""
    operation = get_operation_ast(parse(document))
    assert isinstance(operation, OperationDefinitionNode)
    return [one.variable.name.value for one in operation.variable_definitions or ()]


def compare(billing: Side, bare: Side, rivals: Sequence[Side]) -> None:
    """Look that all answer alike: the bare handler the same JSON, the rivals the same values.

    Raises:
        RuntimeError: they do not.
    """
    for name, answer in billing.answers.items():
        if "errors" in answer or bare.answers[name] != answer:
            raise _unlike(name, answer, bare.answers[name])
        mine = plain(answer["data"])
        for rival in rivals:
            said = rival.answers[name]
            other = plain(said.get("data") or {})
            alone = "hours" in other
            if "errors" in said or (other["hours"]["nodes"] if alone else other) != (_hours(mine) if alone else mine):
                raise _unlike(f"{name} of {rival.label}", answer, said)
        text = orjson.dumps(answer)
        count = text.count(b'"id"')
        print(f"{name}: the same from all, of {len(text):,} bytes, {count} objects")


def plain(value: Any, name: str = "") -> Any:
    """What is answered, whoever put it: keys for ids, minor units for amounts, instants in UTC."""
    if isinstance(value, list):
        return [plain(one, name) for one in value]
    if isinstance(value, dict):
        if value.keys() == {"account"}:
            return plain(value["account"])
        shown: dict[str, Any] = {}
        for key, one in value.items():
            if key in {"amount", "unitPrice"}:
                shown |= {f"{key}Minor": int(Decimal(one["amount"]).scaleb(2)), "currency": one["currency"]}
            else:
                shown[key] = plain(one, key)
        return shown
    if value is None:
        return None
    if name == "id":
        return value if len(value) == UUID_LENGTH else str(key_in(value))
    if name == "hour" or name.endswith("At"):
        return datetime.fromisoformat(value).astimezone(UTC)
    return int(value) if name.lower().endswith(("quantity", "minor")) else value


def _hours(usage: Any) -> list[Any]:
    return [hour for meter in usage["usage"] for day in meter["days"] for hour in day["hours"]]


def _unlike(what: str, *answers: Any) -> RuntimeError:
    return RuntimeError(f"{what}: {[orjson.dumps(one)[:1500] for one in answers]}")
