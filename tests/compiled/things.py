"""A schema that has every kind of field and value, some of which fail, and documents that ask for them at random."""

from __future__ import annotations

import asyncio
from collections.abc import Hashable, Sequence
from datetime import UTC, datetime, timedelta
from enum import Enum
from random import Random
from typing import Annotated, Any

import strawberry
from graphql import GraphQLInterfaceType, GraphQLObjectType, GraphQLSchema, get_named_type, is_leaf_type, is_union_type

from app.compiled.execution import CompiledExecution
from app.compiled.fields import PlainField, resolved_for_all

BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)


class Unwell(Exception):
    """What goes wrong in these resolvers."""


@strawberry.enum
class Colour(Enum):
    RED = "red"
    BLUE = "blue"


class Halved(PlainField):
    """Reads half of the number, or fails where it is odd; and of whoever reads ``backwards``, the negative."""

    def reader(self, reading: Hashable) -> Any:
        def read(thing: Any) -> int | None:
            if thing.number % 5 == 4:
                return None
            if thing.number % 2:
                raise Unwell(f"{thing.number} is odd")
            half: int = thing.number // 2
            return -half if reading == "backwards" else half

        return read

    @property
    def is_basic_field(self) -> bool:
        return False

    def get_result(self, source: Any, info: Any, args: list[Any], kwargs: Any) -> Any:
        return self.reader(info.context["reading"])(source)


def halved() -> Any:
    return Halved()


@strawberry.interface
class Numbered:
    number: int


@strawberry.type
class Other(Numbered):
    label: str | None = "other"


async def _friend(root: Any) -> Thing | None:
    await asyncio.sleep(0)
    return _friend_of(root)


async def _friends_for_all(roots: Sequence[Any]) -> list[Any]:
    await asyncio.sleep(0)
    return [_tried(root) for root in roots]


def _friend_of(root: Any) -> Thing | None:
    if root.number % 7 == 6:
        raise Unwell("no friends")
    return None if root.number % 3 == 2 else Thing(root.number + 1)


def _tried(root: Any) -> Any:
    try:
        return _friend_of(root)
    except Unwell as error:
        return error


def _friend_field(kind: Any) -> Any:
    async def resolve(root: Any) -> Any:
        return await _friend(root)

    resolve.__annotations__["return"] = kind
    return strawberry.field(resolver=resolved_for_all(resolve, _friends_for_all))


@strawberry.type
class Thing(Numbered):
    """A thing, all of which follows from its number."""

    half: int | None = halved()
    half_required: int = halved()

    def __init__(self, number: int) -> None:
        self.number = number

    @strawberry.field
    def name(self) -> str | None:
        return None if self.number == 3 else f"thing {self.number}"

    @strawberry.field
    def colour(self) -> Colour:
        return Colour.RED if self.number % 2 else Colour.BLUE

    @strawberry.field
    async def at(self, days: int = 0) -> datetime:
        if days > 3:
            raise Unwell("too late")
        return BEGINNING + timedelta(days=self.number + days)

    @strawberry.field
    async def required(self) -> str:
        return "here" if self.number != 2 else None  # type: ignore[return-value]

    @strawberry.field
    def too_large(self) -> int | None:
        return 2**40 if self.number == 1 else self.number

    @strawberry.field
    def tags(self) -> list[str | None]:
        return ["a", None, "b"][: self.number]

    @strawberry.field
    def square(self) -> list[list[int]]:
        return [[row * column for column in range(self.number % 3)] for row in range(self.number % 3)]

    friend: Thing | None = _friend_field(Annotated["Thing | None", strawberry.lazy("tests.compiled.things")])

    @strawberry.field
    async def friends(self, most: int = 2) -> list[Thing]:
        if self.number == 5:
            raise Unwell("alone")
        return [Thing(self.number + one) for one in range(most)]

    @strawberry.field
    async def some(self) -> list[Thing | None] | None:
        return None if self.number == 4 else [Thing(self.number + 1), None, Thing(self.number + 2)]

    @strawberry.field
    def whatever(self) -> list[Numbered]:
        return [Other(number=self.number), Thing(self.number + 1)]

    @strawberry.field
    async def either(self) -> Annotated[Thing | Other, strawberry.union("Either")] | None:
        return Other(number=1) if self.number % 2 else Thing(self.number + 3)


@strawberry.type
class Query:
    @strawberry.field
    async def thing(self, number: int = 0) -> Thing | None:
        return Thing(number)

    @strawberry.field
    def must(self) -> Thing:
        return Thing(2)

    @strawberry.field
    async def things(self, most: int = 4) -> list[Thing]:
        return [Thing(number) for number in range(most)]


@strawberry.type
class Mutation:
    @strawberry.mutation
    async def count(self, info: strawberry.Info, by: int = 1) -> Thing:
        seen: list[int] = info.context["counted"]
        before = len(seen)
        await asyncio.sleep(0)
        seen.extend([by] * by)
        if by == 3 or len(seen) != before + by:
            raise Unwell("miscounted")
        return Thing(len(seen))


class Execution(CompiledExecution):
    """Compiled, unless the context says otherwise."""

    def is_compiled(self) -> bool:
        """Whether it is."""
        compiled: bool = self.context_value["compiled"]
        return compiled

    def reading(self) -> Hashable:
        """In which direction numbers are read."""
        reading: str = self.context_value["reading"]
        return reading


SCHEMA = strawberry.Schema(Query, Mutation, types=[Other], execution_context_class=Execution)


class Documents:
    """Documents at random."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._schema: GraphQLSchema = SCHEMA._schema
        self._fragments: list[str] = []

    def document(self) -> str:
        """One operation, and its fragments."""
        verb = self._random.choice(["query", "query", "query", "mutation"])
        root: Any = self._schema.query_type if verb == "query" else self._schema.mutation_type
        chosen = self._selection(root, 4)
        variables = "($yes: Boolean! = true, $no: Boolean! = false, $many: Int = 3)"
        return "\n".join(
            [
                f"{verb} Some{variables} {{ {chosen} used: __typename @skip(if: $yes) @include(if: $no) }}",
                *self._fragments,
            ]
        )

    def _selection(self, kind: Any, depth: int) -> str:
        return " ".join(self._one(kind, depth) for _ in range(self._random.randint(1, 4)))

    def _one(self, kind: Any, depth: int) -> str:
        dice = self._random.random()
        if is_union_type(kind) or (isinstance(kind, GraphQLInterfaceType) and dice < 0.5):
            of = self._random.choice(list(self._schema.get_possible_types(kind)))
            return f"... on {of.name} {{ {self._selection(of, depth)} }}"
        if dice < 0.08:
            return f"{self._alias()}__typename"
        if dice < 0.16:
            name = f"F{len(self._fragments)}"
            self._fragments.append("")
            place = len(self._fragments) - 1
            self._fragments[place] = f"fragment {name} on {kind.name} {{ {self._selection(kind, depth)} }}"
            return f"...{name}{self._condition()}"
        if dice < 0.22:
            return f"... {self._condition()} {{ {self._selection(kind, depth)} }}"
        names = [name for name, field in kind.fields.items() if depth > 0 or is_leaf_type(get_named_type(field.type))]
        return self._field(kind, self._random.choice(names), depth) if names else "__typename"

    def _field(self, kind: GraphQLObjectType, name: str, depth: int) -> str:
        field = kind.fields[name]
        given = ", ".join(f"{argument}: {self._value()}" for argument in field.args if self._random.random() < 0.5)
        inner: Any = get_named_type(field.type)
        below = "" if is_leaf_type(inner) else f" {{ {self._selection(inner, depth - 1)} }}"
        return f"a{self._random.randrange(10_000)}: {name}{f'({given})' if given else ''}{self._condition()}{below}"

    def _value(self) -> str:
        return self._random.choice(["0", "1", "2", "3", "5", "$many"])

    def _alias(self) -> str:
        return f"a{self._random.randrange(10_000)}: "

    def _condition(self) -> str:
        return self._random.choice([""] * 6 + [" @skip(if: $no)", " @include(if: $yes)", " @include(if: $no)"])
