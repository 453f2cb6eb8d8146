"""What is executed ready is answered as graphql-core answers it."""

from __future__ import annotations

import asyncio
import gc
import warnings
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
import strawberry
from hypothesis import given, settings
from hypothesis import strategies as st
from strawberry.extensions import ParserCache

from app.compiled.execution import plan_of
from tests.compiled.things import SCHEMA, Documents, Execution, Query


@pytest.fixture(scope="module", autouse=True)
def nothing_left() -> Iterator[None]:
    """What graphql-core gave up is cleared away here, and warned of to nobody else."""
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        gc.collect()


async def answered(document: str, compiled: bool, reading: str = "forwards", **variables: Any) -> Any:
    context = {"compiled": compiled, "reading": reading, "counted": []}
    return await SCHEMA.execute(document, variable_values=variables, context_value=context)


def nulled(data: Any, path: list[str | int]) -> tuple[str | int, ...]:
    """The part of a path down to where the answer is null."""
    kept: list[str | int] = []
    for step in path:
        if data is None:
            break
        data = data[step]
        kept.append(step)
    return tuple(kept)


def told(result: Any) -> set[tuple[str | int, ...]]:
    """What became null for an error."""
    return {nulled(result.data, error.path or []) for error in result.errors or ()}


@given(st.randoms(use_true_random=False), st.sampled_from(["forwards", "backwards"]), st.booleans())
@settings(max_examples=120, deadline=None)
def test_documents_at_random_are_answered_alike(random: Random, reading: str, yes: bool) -> None:
    document = Documents(random).document()

    async def both() -> tuple[Any, Any]:
        given = {"yes": yes, "many": random.randint(0, 6)}
        return await answered(document, True, reading, **given), await answered(document, False, reading, **given)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # graphql-core leaves some of what it gives up unawaited
        ours, theirs = asyncio.run(both())
    assert ours.data == theirs.data, document
    assert told(ours) == told(theirs), document


@pytest.mark.parametrize(
    ("asked", "path", "said"),
    [
        ("thing(number: 1) { halfRequired }", ["thing", "halfRequired"], "1 is odd"),
        ("things { half }", ["things", 1, "half"], "1 is odd"),
        ("thing(number: 2) { required }", ["thing", "required"], "Cannot return null for non-nullable field"),
        ("thing(number: 5) { friends { name } }", ["thing", "friends"], "alone"),
        ("thing(number: 4) { friends { friend { name } } }", None, ""),
        ("thing(number: 5) { some { friend { name } } }", ["thing", "some", 0, "friend"], "no friends"),
        ("thing(number: 1) { tooLarge }", ["thing", "tooLarge"], "Int cannot represent"),
        ("thing { at(days: 9) }", ["thing", "at"], "too late"),
    ],
)
async def test_an_error_says_what_and_where(asked: str, path: list[str | int] | None, said: str) -> None:
    for compiled in (True, False):
        result = await answered(f"{{ {asked} }}", compiled)
        errors = result.errors or []
        assert [error.path for error in errors[:1]] == ([path] if path else [])
        assert not errors or (said in errors[0].message and errors[0].locations)


async def test_mutations_are_done_one_after_another() -> None:
    result = await answered(
        "mutation { a: count(by: 2) { number } b: count(by: 3) { number } c: count { number } }", True
    )
    assert result.data is None
    result = await answered("mutation { a: count(by: 2) { number } b: count { number } }", True)
    assert result.data == {"a": {"number": 2}, "b": {"number": 3}}


async def test_what_is_asked_again_is_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    plans: list[Any] = []

    def noted(executor: Any, reading: Any) -> Any:
        plans.append(plan_of(executor, reading))
        return plans[-1]

    monkeypatch.setattr("app.compiled.execution.plan_of", noted)
    schema = strawberry.Schema(Query, execution_context_class=Execution, extensions=[ParserCache])
    document = "query ($more: Boolean!) { thing(number: 2) { half name @include(if: $more) } }"
    for reading, more in (("forwards", True), ("forwards", True), ("backwards", True), ("forwards", False)):
        context = {"compiled": True, "reading": reading, "counted": []}
        await schema.execute(document, variable_values={"more": more}, context_value=context)
    assert plans[0] is plans[1]
    assert len({id(plan) for plan in plans}) == 3
