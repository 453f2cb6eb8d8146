"""Executing operations: what objects have already is shown at once, whole subtrees of it.

graphql-core makes ready for every field what a resolver may ask about, and looks at every value for what it may have to
wait for; of most fields of an answer nobody asks, and nothing is waited for. So what is asked of such fields is made a
function, once for an operation, which is called for each object. Whatever is out of the ordinary, an error above all,
goes graphql-core's way, which says what is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from operator import attrgetter
from typing import Any, NamedTuple

from graphql import (
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    GraphQLString,
    Undefined,
    is_leaf_type,
    is_list_type,
    is_object_type,
)
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext
from strawberry.types.field import StrawberryField

from app.api.context import Context
from app.api.fields import Localized, Read
from app.api.related import related_by

Shape = Callable[[Any], Any]
"""Makes of an object, or of a field's value, what is shown of it."""


class Irregular(Exception):
    """A value that graphql-core is to look at."""


class Plain(NamedTuple):
    """A field whose value its object has: how it is read, by whom, and of which type it is."""

    reader: Callable[[Any], Shape]
    type: GraphQLOutputType


class Execution(StrawberryGraphQLCoreExecutionContext):
    """The execution of one operation."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        around = self.middleware_manager
        self._plain = {} if around and around.middlewares else plain_fields(self.schema)
        self._shapes: dict[tuple[Any, int], tuple[Any, Shape | None]] = {}

    def execute_field(
        self, parent_type: GraphQLObjectType, source: Any, field_details_list: Any, path: Any, position_context: Any
    ) -> Any:
        """The value of a field, as it is shown."""
        shown = self._at_once(self._shape_of_field, parent_type, field_details_list, source)
        if shown is Undefined:
            return super().execute_field(parent_type, source, field_details_list, path, position_context)
        return shown

    def execute_fields(
        self,
        parent_type: GraphQLObjectType,
        source_value: Any,
        path: Any,
        grouped_field_set: Any,
        position_context: Any,
    ) -> Any:
        """The fields of an object, as they are shown; at once, if the object has all that is asked."""
        shown = self._at_once(self._shape_of_object, parent_type, grouped_field_set, source_value)
        if shown is Undefined:
            return super().execute_fields(parent_type, source_value, path, grouped_field_set, position_context)
        return shown

    def complete_iterable_value(
        self, item_type: Any, field_details_list: Any, info: Any, path: Any, items: Any, position_context: Any
    ) -> Any:
        """The items of a list, as they are shown; at once, if they have all that is asked."""
        shown = self._at_once(self._shape_of_list, item_type, field_details_list, items)
        if shown is Undefined:
            return super().complete_iterable_value(item_type, field_details_list, info, path, items, position_context)
        return shown

    def _at_once(self, make: Callable[[Any, Any], Shape | None], kind: Any, asked: Any, value: Any) -> Any:
        """What is shown of a value; ``Undefined`` where that is not so plain, such as an error, which is said by
        whoever looks again."""
        shape = self._remembered(make, kind, asked)
        if shape is None:
            return Undefined
        try:
            return shape(value)
        except Exception:
            return Undefined

    def _remembered(self, make: Callable[[Any, Any], Shape | None], kind: Any, asked: Any) -> Shape | None:
        key = (kind, id(asked))
        if key not in self._shapes:
            self._shapes[key] = asked, make(kind, asked)
        return self._shapes[key][1]

    def _shape_of_object(self, kind: GraphQLObjectType, asked: Mapping[str, Any]) -> Shape | None:
        parts: list[tuple[str, Shape]] = []
        for name, details in asked.items():
            shape = self._remembered(self._shape_of_field, kind, details)
            if shape is None:
                return None
            parts.append((name, shape))
        return lambda source: {name: shape(source) for name, shape in parts}

    def _shape_of_field(self, kind: GraphQLObjectType, details: Any) -> Shape | None:
        plain = self._plain.get(kind, {}).get(details[0].node.name.value)
        complete = plain and self._completing(plain.type, details)
        if plain is None or complete is None:
            return None
        read = plain.reader(self.context_value)
        return lambda source: complete(read(source))

    def _shape_of_list(self, kind: Any, details: Any) -> Shape | None:
        inner = self._completing(kind, details)
        return inner and _each(inner)

    def _completing(self, kind: Any, details: Any) -> Shape | None:
        """What makes of a value of a type what is shown of it."""
        if isinstance(kind, GraphQLNonNull):
            if is_leaf_type(kind.of_type):
                return _leaf(kind.of_type.coerce_output_value)
            inner = self._completing(kind.of_type, details)
            return inner and _there(inner)
        if is_leaf_type(kind):
            return _maybe(_leaf(kind.coerce_output_value))
        if is_list_type(kind):
            return self._shape_of_list(kind.of_type, details)
        return self._completing_object(kind, details) if is_object_type(kind) else None

    def _completing_object(self, kind: GraphQLObjectType, details: Any) -> Shape | None:
        asked, deferred, _ = self.collect_subfields(kind, details)
        shape = None if deferred else self._remembered(self._shape_of_object, kind, asked)
        origin = kind.extensions["strawberry-definition"].origin if kind.is_type_of else object
        return shape and _object(shape, origin)


def _there(inner: Shape) -> Shape:
    def show(value: Any) -> Any:
        shown = inner(value)
        if shown is None:
            raise Irregular
        return shown

    return show


def _maybe(inner: Shape) -> Shape:
    return lambda value: None if value is None else inner(value)


def _leaf(coerce: Callable[[Any], Any]) -> Shape:
    def show(value: Any) -> Any:
        shown = None if value is None else coerce(value)
        if shown is None or shown is Undefined:
            raise Irregular
        return shown

    return show


def _each(inner: Shape) -> Shape:
    def show(values: Any) -> Any:
        if values is None:
            return None
        if type(values) not in (list, tuple):
            raise Irregular
        return [inner(value) for value in values]

    return show


def _object(shape: Shape, origin: type) -> Shape:
    def show(value: Any) -> Any:
        if value is None:
            return None
        if not isinstance(value, origin):
            raise Irregular
        return shape(value)

    return show


@cache
def plain_fields(schema: GraphQLSchema) -> Mapping[GraphQLObjectType, Mapping[str, Plain]]:
    """The fields of a schema whose values their objects have, by type and name."""
    return {kind: _of(kind) for kind in schema.type_map.values() if isinstance(kind, GraphQLObjectType)}


def _of(kind: GraphQLObjectType) -> dict[str, Plain]:
    found = {"__typename": Plain(lambda _: lambda _: kind.name, GraphQLNonNull(GraphQLString))}
    for name, field in kind.fields.items():
        declared = (field.extensions or {}).get("strawberry-definition")
        reader = _reader(declared) if isinstance(declared, StrawberryField) and not declared.extensions else None
        if reader is not None:
            found[name] = Plain(reader, field.type)
    return found


def _reader(declared: StrawberryField) -> Callable[[Context], Shape] | None:
    if isinstance(declared, Localized):
        return declared.reader
    if isinstance(declared, Read):
        getter: Shape = declared.default.fget
        return lambda _: getter
    if declared.is_basic_field:
        attribute = attrgetter(declared.python_name)
        return lambda _: attribute
    related = related_by(declared)
    return None if related is None else lambda _: related.shown
