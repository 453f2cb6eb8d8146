"""Fields that are declared: how they are read, in which order they come, and whom they are for."""

from __future__ import annotations

from dataclasses import dataclass
from operator import attrgetter
from typing import Any

import pytest
import strawberry
from graphql import GraphQLArgument, get_named_type
from tortoise.models import Model

from app.accounts.models import StaffRole
from app.api import loaders
from app.api.audience import for_staff
from app.api.fields import View, column, derived
from app.api.node import Node
from tests.api import operations
from tests.api.driver import Api, joined, literal, registered
from tests.api.operations import needed


@dataclass
class Person:
    name: str
    born: int


def _greet(root: View) -> str:
    return f"Hello {root.row.name}"


@strawberry.type
class Shown(View):
    name: str = column("The name.")

    greeting = strawberry.field(resolver=_greet, description="In between.")
    year: int = column("The year.", "born")
    age: int = column("In 2026.", lambda row: 2026 - row.born)
    initial: str = derived("The first letter.", lambda view: view.name[0])


@strawberry.type
class Query:
    person: Shown = strawberry.field(resolver=lambda: Shown.of(Person("Ada", 1815)))


async def test_a_column_shows_its_row() -> None:
    result = await strawberry.Schema(Query).execute("{ person { initial age year greeting name } }")
    assert result.errors is None
    assert result.data == {"person": {"initial": "A", "age": 211, "year": 1815, "greeting": "Hello Ada", "name": "Ada"}}


def test_a_column_is_an_attribute_that_needs_no_resolver() -> None:
    person = Shown.of(Person("Ada", 1815))
    assert (person.name, person.year, person.age, person.initial) == ("Ada", 1815, 211, "A")
    definition: Any = vars(Shown)["__strawberry_definition__"]
    assert [field.name for field in definition.fields if not field.is_basic_field] == ["greeting"]


def test_fields_come_in_the_order_in_which_they_are_written() -> None:
    printed = strawberry.Schema(Query).as_str().split("type Shown {")[1]
    fields = [line.split(":")[0].strip() for line in printed.splitlines() if ": " in line]
    assert fields == ["name", "greeting", "year", "age", "initial"]


def _paths(kind: type[Node]) -> list[str]:
    """What the columns of a kind are read from."""
    definition: Any = vars(kind)["__strawberry_definition__"]
    reads = [field.default.fget for field in definition.fields if isinstance(field.default, property)]
    return [read.__reduce__()[1][0].removeprefix("row.") for read in reads if isinstance(read, attrgetter)]


async def test_every_column_is_one_of_its_table(database: str) -> None:
    tables = {name: kind for name, kind in Node.kinds.items() if kind.table is not Model}
    assert len(tables) > 20
    for name, kind in tables.items():
        for path in _paths(kind):
            table: Any = kind.table
            for step in path.split("."):
                assert step in table._meta.fields_map, f"{name}: {path}"
                table = getattr(table._meta.fields_map[step], "related_model", None)


@pytest.mark.parametrize(
    ("text", "staff", "said"),
    [
        ("All.", (), "All."),
        ("All.", (StaffRole.FINANCE,), "All. For finance staff."),
        ("All.", (StaffRole.ACCOUNT_MANAGER, StaffRole.FINANCE), "All. For account managers and finance staff."),
        ("All.", tuple(StaffRole), "All. For staff."),
        ("All. For operators; really.", (StaffRole.OPERATOR,), "All. For operators; really."),
    ],
)
def test_a_description_says_which_staff_it_is_for(text: str, staff: tuple[StaffRole, ...], said: str) -> None:
    assert for_staff(text, staff) == said


def _arguments(arguments: dict[str, GraphQLArgument]) -> str:
    given = needed(arguments)
    return "(" + ", ".join(f"{name}: {literal(value)}" for name, value in given.items()) + ")" if given else ""


async def test_every_mutation_for_staff_refuses_customers(api: Api) -> None:
    mine, _ = await registered(api)
    mutations = operations.for_staff("Mutation")
    assert len(mutations) > 15
    for name, about in mutations.items():
        document = f"mutation {{ {name}{_arguments(about.args)} {{ ... on Error {{ code }} }} }}"
        assert (await mine.data(document))[name] == {"code": "PERMISSION_DENIED"}, name
        assert (await api.data(document))[name] == {"code": "UNAUTHENTICATED"}, name


async def test_every_query_for_staff_refuses_customers(api: Api) -> None:
    mine, _ = await registered(api)
    queries = operations.for_staff("Query")
    assert len(queries) > 7
    for name, about in queries.items():
        inside = "" if not hasattr(get_named_type(about.type), "fields") else " { __typename }"
        document = f"{{ {name}{_arguments(about.args)}{inside} }}"
        for client, code in ((mine, "PERMISSION_DENIED"), (api, "UNAUTHENTICATED")):
            (error,) = (await client.answer(document))["errors"]
            assert error["extensions"]["code"] == code, name


async def test_what_many_objects_refer_to_is_read_at_once(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    mine, account = await registered(api)
    for _ in range(3):
        other, _ = await registered(api)
        await joined(mine, account, other, "VIEWER")
    read, rows = [], loaders._rows

    async def counted(table: type[Model], keys: list[Any]) -> list[Model]:
        read.append(len(keys))
        return await rows(table, keys)

    monkeypatch.setattr(loaders, "_rows", counted)
    members = (await mine.account(account, "members { nodes { user { email } } }"))["members"]["nodes"]
    assert len({member["user"]["email"] for member in members}) == 4
    assert read == [4]
