"""What one request may ask for."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import strawberry
from graphql import get_introspection_query, get_operation_ast, parse
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from app.api import limits
from app.api.limits import Limits, Scale
from app.api.schema import schema as api_schema
from app.settings import get_settings
from tests.api.driver import URL, Api


@strawberry.type
class Leaf:
    name: str = "leaf"

    @strawberry.field
    def tree(self) -> Tree:
        return Tree()


@strawberry.type
class LeafConnection:
    nodes: list[Leaf] = strawberry.field(default_factory=list)


@strawberry.type
class Tree:
    name: str = "tree"

    @strawberry.field
    def leaves(self, first: int | None = None) -> LeafConnection:
        return LeafConnection()

    @strawberry.field
    def few(self) -> list[Leaf]:
        return []


@strawberry.type
class Query:
    @strawberry.field
    def tree(self) -> Tree:
        return Tree()

    @strawberry.field
    async def forest(self, ids: list[int]) -> list[Tree]:
        return [Tree() for _ in ids]

    @strawberry.field
    async def slow(self) -> str:
        return ""


SCHEMA = strawberry.Schema(Query, extensions=[Limits])


async def _code(document: str, **variables: Any) -> str | None:
    result = await SCHEMA.execute(document, variable_values=variables)
    return result.errors[0].extensions["code"] if result.errors and result.errors[0].extensions else None


def _cost(document: str, **variables: Any) -> float:
    parsed = parse(document)
    return Scale(SCHEMA._schema, parsed, variables).weigh(parsed.definitions[0]).cost  # type: ignore[arg-type]


async def test_a_modest_operation_passes() -> None:
    result = await SCHEMA.execute("{ tree { leaves(first: 10) { nodes { name } } } }")
    assert result.errors is None
    assert result.data == {"tree": {"leaves": {"nodes": []}}}


@pytest.mark.parametrize(
    ("document", "cost"),
    [
        ("{ tree { name } }", 2),
        ("{ forest(ids: [1, 2, 3]) { name } }", 5 + 3 * (5 + 1)),
        ("{ slow }", 5),
        ("{ tree { leaves(first: 10) { nodes { name } } } }", 2 + 10 * 2),
        ("{ tree { leaves { nodes { name } } } }", 2 + 20 * 2),
        ("{ tree { leaves(first: 1000000) { nodes { name } } } }", 2 + 100 * 2),
        ("query ($n: Int) { tree { leaves(first: $n) { nodes { name } } } }", 2 + 20 * 2),
        ("query ($n: Int = 7) { tree { leaves(first: $n) { nodes { name } } } }", 2 + 7 * 2),
        ("{ tree { leaves(first: 10) { ...Page } } } fragment Page on LeafConnection { nodes { name } }", 2 + 10 * 2),
        ("{ tree { few { name } } }", 2 + 5),
        ("{ tree { ... on Tree { name } } }", 2),
    ],
)
def test_a_page_costs_as_much_as_it_may_hold(document: str, cost: int) -> None:
    assert _cost(document) == cost


@pytest.mark.parametrize(
    ("size", "cost"),
    [(3, 2 + 3 * 2), (1_000, 2 + 100 * 2), (-1, 2 + 2), (None, 2 + 20 * 2), (100.0, 2 + 100 * 2), (1e400, 2 + 100 * 2)],
)
def test_a_size_in_a_variable_is_what_is_given(size: float | None, cost: int) -> None:
    document = "query ($n: Int = 7) { tree { leaves(last: $n) { nodes { name } } } }"
    assert _cost(document, n=size) == cost


def test_ids_in_a_variable_are_what_is_given() -> None:
    document = "query ($ids: [Int!]!) { forest(ids: $ids) { name } }"
    assert _cost(document, ids=[1] * 50) - _cost(document, ids=[1]) == 49 * (5 + 1)


async def test_what_variables_make_too_much_is_refused() -> None:
    inner = "leaves(first: $n) { nodes { tree { %s } } }"
    document = "query ($n: Int!) { tree { %s } }" % (inner % (inner % "name"))
    assert await _code(document, n=10) is None
    assert await _code(document, n=100) == "COST_LIMIT_EXCEEDED"


def _introspection(times: int) -> str:
    return "{" + " ".join(f"a{n}: __schema {{ types {{ fields {{ args {{ name }} }} }} }}" for n in range(times)) + "}"


def test_introspection_costs_what_the_schema_holds() -> None:
    published = api_schema._schema

    def cost(document: str) -> float:
        parsed = parse(document)
        return Scale(published, parsed, {}).weigh(get_operation_ast(parsed)).cost  # type: ignore[arg-type]

    whole = cost(get_introspection_query(specified_by_url=True, input_value_deprecation=True))
    assert 5_000 < whole < get_settings().cost_per_request < cost(_introspection(30))


async def test_a_list_in_a_list_in_a_list_is_too_much() -> None:
    inner = "leaves(first: 100) { nodes { tree { %s } } }"
    assert await _code("{ tree { %s } }" % (inner % (inner % "name"))) == "COST_LIMIT_EXCEEDED"


async def test_depth() -> None:
    assert await _code("{ tree { " + "few { tree { " * 7 + "name" + " } }" * 7 + " } }") == "DEPTH_LIMIT_EXCEEDED"


async def test_depth_counts_through_fragments() -> None:
    chain = " ".join(f"fragment F{n} on Tree {{ few {{ tree {{ ...F{n + 1} }} }} }}" for n in range(8))
    assert await _code("{ tree { ...F0 } } " + chain + " fragment F8 on Tree { name }") == "DEPTH_LIMIT_EXCEEDED"


async def test_aliases() -> None:
    assert await _code("{" + " ".join(f"a{n}: tree {{ name }}" for n in range(31)) + "}") == "ALIASES_LIMIT_EXCEEDED"


async def test_aliases_count_as_often_as_their_fragment_is_spread() -> None:
    document = "{ tree { " + "...F " * 31 + "} } fragment F on Tree { other: name }"
    assert await _code(document) == "ALIASES_LIMIT_EXCEEDED"


async def test_selections() -> None:
    assert await _code("{" + "tree { name } " * 201 + "}") == "SELECTIONS_LIMIT_EXCEEDED"


async def test_tokens() -> None:
    result = await SCHEMA.execute("{" + "__typename " * 3_001 + "}")
    assert result.errors is not None
    assert "3000 tokens" in result.errors[0].message


async def test_a_document_that_is_too_long_is_not_parsed() -> None:
    assert await _code("{ tree { name } } #" + "x" * limits.MOST_CHARACTERS) == "DOCUMENT_TOO_LONG"


async def test_fragments_that_double_do_not_take_exponential_time() -> None:
    doubling = " ".join(f"fragment F{n} on Tree {{ ...F{n + 1} ...F{n + 1} }}" for n in range(60))
    began = time.perf_counter()
    code = await _code("{ tree { ...F0 } } " + doubling + " fragment F60 on Tree { name }")
    assert code == "COST_LIMIT_EXCEEDED"
    assert time.perf_counter() - began < 1


async def test_fragments_in_a_circle_are_refused() -> None:
    result = await SCHEMA.execute("{ tree { ...F } } fragment F on Tree { few { tree { ...F } } }")
    assert result.errors is not None
    assert "within itself" in result.errors[0].message


async def test_what_the_schema_does_not_have_is_refused() -> None:
    result = await SCHEMA.execute("{ tree { height } } ")
    assert result.errors is not None
    assert "Cannot query field 'height'" in result.errors[0].message


async def test_the_introspection_of_graphiql_passes() -> None:
    result = await SCHEMA.execute(get_introspection_query(specified_by_url=True, input_value_deprecation=True))
    assert result.errors is None


async def test_introspection_in_circles_is_refused() -> None:
    circle = "fields { type { fields { type { fields { name } } } } }"
    result = await SCHEMA.execute(f"{{ __schema {{ types {{ {circle} }} }} }}")
    assert result.errors is not None
    assert "introspection depth" in result.errors[0].message


async def test_a_document_is_checked_once() -> None:
    document = "{ tree { checkedOnce: name } }"
    await SCHEMA.execute(document)
    before = limits._known.cache_info().hits
    await SCHEMA.execute(document)
    assert limits._known.cache_info().hits == before + 1


async def _length(request: Request) -> PlainTextResponse:
    return PlainTextResponse(str(len(await request.body())))


def _client() -> httpx.AsyncClient:
    app = limits.BodyLimit(Starlette(routes=[Route("/", _length, methods=["POST"])]))
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test")


async def test_a_body_of_the_largest_size_passes() -> None:
    async with _client() as client:
        answer = await client.post("/", content=b"x" * limits.MOST_BODY_BYTES)
    assert (answer.status_code, answer.text) == (200, str(limits.MOST_BODY_BYTES))


async def test_a_larger_body_is_refused() -> None:
    async with _client() as client:
        answer = await client.post("/", content=b"x" * (limits.MOST_BODY_BYTES + 1))
    assert answer.status_code == 413
    assert answer.json()["errors"][0]["extensions"]["code"] == "BODY_TOO_LARGE"


async def test_a_larger_body_is_refused_when_it_comes_in_pieces() -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(70):
            yield b"x" * 65_536

    async with _client() as client:
        answer = await client.post("/", content=pieces())
    assert answer.status_code == 413


@pytest.mark.parametrize(
    ("document", "variables", "code"),
    [
        ("query ($i: [ID!]!) { nodes(ids: $i) { id } }", {"i": [[1]] * 10_001}, "VALUES_LIMIT_EXCEEDED"),
        (
            "mutation ($r: [HourlyUsageInput!]!, $f: String!) "
            "{ reportUsage(fingerprint: $f, reports: $r) { __typename } }",
            {"r": [{}] * 20_001, "f": "x"},
            "VALUES_LIMIT_EXCEEDED",
        ),
        (
            "{ ...f0 } "
            + " ".join(f"fragment f{n} on Query {{ ...f{n + 1} }}" for n in range(100))
            + " fragment f100 on Query { __typename }",
            {},
            "FRAGMENTS_LIMIT_EXCEEDED",
        ),
        (f"{{ accounts(first: {'9' * 4_400}) {{ totalCount }} }}", {}, "GRAPHQL_VALIDATION_FAILED"),
    ],
)
async def test_what_is_costly_to_read_is_refused_before_it_is_read(
    api: Api, document: str, variables: dict[str, Any], code: str
) -> None:
    answer = (await api.http.post(URL, json={"query": document, "variables": variables})).json()
    (error,) = answer["errors"]
    assert error["extensions"]["code"] == code
    assert len(error["message"]) < 200
