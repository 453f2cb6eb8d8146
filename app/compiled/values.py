"""From what fields hold to what is answered, for many values at a time.

There are two ways: ``at_once`` answers for values in which nothing is out of the ordinary, and raises whatever it likes
where something is; ``one_by_one`` says of each value what is wrong with it, as graphql-core does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from enum import Enum
from itertools import chain
from typing import Any, Protocol

from graphql import (
    GraphQLAbstractType,
    GraphQLBoolean,
    GraphQLError,
    GraphQLID,
    GraphQLInt,
    GraphQLLeafType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLString,
    Undefined,
    is_abstract_type,
    is_enum_type,
    is_leaf_type,
    is_list_type,
)
from graphql.execution import Executor
from graphql.execution.collect_fields import FieldDetailsList

from app.compiled.places import OfLists, Picked, Place
from app.compiled.runs import Failed, Field, Run

AS_IT_IS: Mapping[Any, type] = {GraphQLString: str, GraphQLID: str, GraphQLBoolean: bool, GraphQLInt: int}
"""What values of these types are as a rule, of which nothing has to be made."""
NOTHING = type(None)
INT = range(-(2**31), 2**31)


class Irregular(Exception):
    """A value is out of the ordinary."""


class Selected(Protocol):
    """What is asked of objects."""

    waits: bool

    def at_once(self, objects: Sequence[Any]) -> list[Any]:
        """What is answered of each object."""

    async def answered(self, run: Run, objects: Sequence[Any], place: Place) -> list[Any]:
        """What is answered of each object, or that it ``Failed``."""


Select = Callable[[Executor[Any], GraphQLObjectType, FieldDetailsList], Selected]
"""What is asked of objects of a type that a field holds."""


class Values:
    """What is made of the values of one type."""

    required = False
    waits = False
    """Whether something in them may have to be waited for, so that they are never answered at once."""

    def at_once(self, values: Sequence[Any]) -> list[Any]:
        """What is answered.

        Raises:
            Exception: something is out of the ordinary; what it is, is not said.
        """
        raise Irregular

    async def one_by_one(self, run: Run, values: Sequence[Any], place: Place) -> list[Any]:
        """What is answered for each value, or that it ``Failed``."""
        raise NotImplementedError

    async def answered(self, run: Run, values: Sequence[Any], place: Place) -> list[Any]:
        """What is answered for each value; where that may be null, what failed is told of, and is null."""
        if not self.waits and not run.failed:
            with suppress(Exception):
                return self.at_once(values)
        shown = await self.one_by_one(run, values, place)
        return run.without_failures(shown) if run.failed and not self.required else shown


class Leaves(Values):
    """Scalars and enums."""

    def __init__(self, field: Field, kind: GraphQLLeafType) -> None:
        self._field = field
        self._coerce = _remembering(kind.coerce_output_value) if is_enum_type(kind) else kind.coerce_output_value
        self._as_they_are = {AS_IT_IS[kind], NOTHING} if kind in AS_IT_IS else frozenset()
        self._is_int = kind is GraphQLInt

    def at_once(self, values: Sequence[Any]) -> list[Any]:
        """What is answered."""
        kinds = set(map(type, values))
        if kinds <= self._as_they_are and (not self._is_int or all(value is None or value in INT for value in values)):
            return values if isinstance(values, list) else list(values)
        if NOTHING in kinds:
            shown = [value if value is None else self._coerce(value) for value in values]
        else:
            shown = list(map(self._coerce, values))
        if shown.count(None) != values.count(None) or Undefined in shown:
            raise Irregular
        return shown

    async def one_by_one(self, run: Run, values: Sequence[Any], place: Place) -> list[Any]:
        """What is answered for each value."""
        return [self._one(run, value, place, index) for index, value in enumerate(values)]

    def _one(self, run: Run, value: Any, place: Place, index: int) -> Any:
        if value is None or isinstance(value, Failed):
            return value
        try:
            shown = self._coerce(value)
            if shown is None or shown is Undefined:
                raise TypeError(f"Expected a value of {self._field.described}, which {value!r} is not.")
        except Exception as error:
            return run.failure(error, self._field, place, index)
        return shown


class Present(Values):
    """Values that may not be null."""

    required = True

    def __init__(self, field: Field, inner: Values) -> None:
        self._field, self._inner = field, inner
        inner.required = True
        self.waits = inner.waits

    def at_once(self, values: Sequence[Any]) -> list[Any]:
        """What is answered."""
        shown = self._inner.at_once(values)
        if any(one is None for one in shown):
            raise Irregular
        return shown

    async def one_by_one(self, run: Run, values: Sequence[Any], place: Place) -> list[Any]:
        """What is answered for each value."""
        shown = await self._inner.answered(run, values, place)
        if not any(one is None for one in shown):
            return shown
        missing = f"Cannot return null for non-nullable field {self._field.described}."
        return [
            run.failure(TypeError(missing), self._field, place, index) if one is None else one
            for index, one in enumerate(shown)
        ]


class Lists(Values):
    """Lists."""

    def __init__(self, field: Field, items: Values) -> None:
        self._field, self._items = field, items
        self.waits = items.waits

    def at_once(self, values: Sequence[Any]) -> list[Any]:
        """What is answered."""
        if len(values) == 1 and type(values[0]) in (list, tuple):
            return [self._items.at_once(values[0])]
        lengths = [None if value is None else _length(value) for value in values]
        shown = iter(self._items.at_once(list(chain.from_iterable(value for value in values if value is not None))))
        return [None if length is None else [next(shown) for _ in range(length)] for length in lengths]

    async def one_by_one(self, run: Run, values: Sequence[Any], place: Place) -> list[Any]:
        """What is answered for each value."""
        found = [self._items_of(run, value, place, index) for index, value in enumerate(values)]
        lengths = [len(one) if isinstance(one, list) else 0 for one in found]
        items = list(chain.from_iterable(one for one in found if isinstance(one, list)))
        shown = iter(await self._items.answered(run, items, OfLists(place, lengths)) if items else ())
        return [self._put_together(one, shown) for one in found]

    def _items_of(self, run: Run, value: Any, place: Place, index: int) -> Any:
        if value is None or isinstance(value, Failed):
            return value
        if isinstance(value, str | bytes | Mapping) or not isinstance(value, Iterable):
            said = f"Expected Iterable, but did not find one for field '{self._field.described}'."
            return run.failure(GraphQLError(said), self._field, place, index)
        return list(value)

    def _put_together(self, found: Any, shown: Any) -> Any:
        if not isinstance(found, list):
            return found
        items = [next(shown) for _ in found]
        return next((one for one in items if isinstance(one, Failed)), items)


class Objects(Values):
    """Objects of one type."""

    def __init__(self, field: Field, kind: GraphQLObjectType, selection: Selected) -> None:
        self._field, self._kind, self._selection = field, kind, selection
        self.waits = selection.waits
        declared = kind.extensions.get("strawberry-definition")
        self._origin: type | None = declared.origin if kind.is_type_of and declared is not None else None

    def at_once(self, values: Sequence[Any]) -> list[Any]:
        """What is answered."""
        there = {id(value): value for value in values if value is not None}
        objects = list(there.values())
        if self._kind.is_type_of and not (self._origin and all(isinstance(one, self._origin) for one in objects)):
            raise Irregular
        shown = self._selection.at_once(objects)
        if len(objects) == len(values):
            return shown
        by_object = dict(zip(there, shown, strict=True))
        return [None if value is None else by_object[id(value)] for value in values]

    async def one_by_one(self, run: Run, values: Sequence[Any], place: Place) -> list[Any]:
        """What is answered for each value."""
        shown = [self._checked(run, value, place, index) for index, value in enumerate(values)]
        there = [index for index, one in enumerate(shown) if one is not None and not isinstance(one, Failed)]
        if there:
            where = place if len(there) == len(values) else Picked(place, there)
            answers = await self._selection.answered(run, [shown[index] for index in there], where)
            for index, answer in zip(there, answers, strict=True):
                shown[index] = answer
        return shown

    def _checked(self, run: Run, value: Any, place: Place, index: int) -> Any:
        if value is None or isinstance(value, Failed):
            return value
        if self._origin is not None and isinstance(value, self._origin):
            return value
        if self._kind.is_type_of and not self._kind.is_type_of(value, run.info(self._field)):
            said = f"Expected value of type '{self._kind.name}' but got: {value!r}."
            return run.failure(GraphQLError(said), self._field, place, index)
        return value


class Abstract(Values):
    """Objects of an interface or a union: those of each type together."""

    waits = True

    def __init__(self, field: Field, kind: GraphQLAbstractType, select: Select) -> None:
        self._field, self._kind, self._select = field, kind, select
        self._of: dict[str, Objects] = {}

    async def one_by_one(self, run: Run, values: Sequence[Any], place: Place) -> list[Any]:
        """What is answered for each value."""
        shown: list[Any] = list(values)
        kinds: dict[str, list[int]] = {}
        for index, value in enumerate(shown):
            if value is None or isinstance(value, Failed):
                continue
            try:
                kinds.setdefault(await self._named(run, value), []).append(index)
            except Exception as error:
                shown[index] = run.failure(error, self._field, place, index)
        for name, indexes in kinds.items():
            of_kind = [values[index] for index in indexes]
            answers = await self._objects(run, name).one_by_one(run, of_kind, Picked(place, indexes))
            for index, answer in zip(indexes, answers, strict=True):
                shown[index] = answer
        return shown

    async def _named(self, run: Run, value: Any) -> str:
        info = run.info(self._field)
        named: Any = (self._kind.resolve_type or run.executor.type_resolver)(value, info, self._kind)
        if run.executor.is_awaitable(named):
            named = await named
        kind = run.executor.ensure_valid_runtime_type(named, self._kind, self._field.details, info, value)
        return kind.name

    def _objects(self, run: Run, name: str) -> Objects:
        if name not in self._of:
            kind: Any = run.executor.schema.get_type(name)
            self._of[name] = Objects(self._field, kind, self._select(run.executor, kind, self._field.details))
        return self._of[name]


def values_of(field: Field, kind: GraphQLOutputType, executor: Executor[Any], select: Select) -> Values:
    """What is made of the values of a type that a field holds."""
    if isinstance(kind, GraphQLNonNull):
        return Present(field, values_of(field, kind.of_type, executor, select))
    if is_list_type(kind):
        return Lists(field, values_of(field, kind.of_type, executor, select))
    if is_leaf_type(kind):
        return Leaves(field, kind)
    if is_abstract_type(kind):
        return Abstract(field, kind, select)
    found: Any = kind
    return Objects(field, found, select(executor, found, field.details))


def _length(value: Any) -> int:
    if type(value) not in (list, tuple):
        raise Irregular
    return len(value)


def _remembering(coerce: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """The same, that looks each name of an enum's value up once."""
    known: dict[tuple[type, Any], Any] = {}

    def look_up(value: Any) -> Any:
        if not isinstance(value, Enum | str):
            return coerce(value)
        key = type(value), value
        if key not in known:
            known[key] = coerce(value)
        return known[key]

    return look_up
