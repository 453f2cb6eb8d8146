"""Executing operations: a field that only shows what its object has, a scalar or an enum's value, is read at once.

graphql-core makes ready for every field what a resolver may ask about, and looks at every value for what it may have to
wait for; of most fields of an answer nobody asks. Whatever is out of the ordinary, an error above all, goes its way.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from operator import attrgetter
from typing import Any

from graphql import GraphQLNonNull, GraphQLObjectType, GraphQLSchema, Undefined, is_leaf_type
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext
from strawberry.types.field import StrawberryField

from app.api.fields import Read

Leaf = tuple[Callable[[Any], Any], Callable[[Any], Any], bool]
"""How a field is read off its object, how its value is shown, and whether there may be none."""
Leaves = Mapping[GraphQLObjectType, Mapping[str, Leaf]]


class Execution(StrawberryGraphQLCoreExecutionContext):
    """The execution of one operation."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        around = self.middleware_manager
        self._leaves = {} if around and around.middlewares else leaves(self.schema)

    def execute_field(
        self, parent_type: GraphQLObjectType, source: Any, field_details_list: Any, path: Any, position_context: Any
    ) -> Any:
        """The value of a field, as it is shown."""
        leaf = self._leaves.get(parent_type, {}).get(field_details_list[0].node.name.value)
        shown = _shown(leaf, source) if leaf else Undefined
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
        """The fields of an object, as they are shown; at once, if each of them is read at once."""
        found = self._leaves.get(parent_type, {})
        names = [details[0].node.name.value for details in grouped_field_set.values()]
        if found.keys() >= set(names):
            shown = [_shown(found[name], source_value) for name in names]
            if Undefined not in shown:
                return dict(zip(grouped_field_set, shown, strict=True))
        return super().execute_fields(parent_type, source_value, path, grouped_field_set, position_context)


def _shown(leaf: Leaf, source: Any) -> Any:
    """What is shown of a field; ``Undefined`` where that is not so plain, such as an error, which is said by whoever
    reads it again."""
    read, show, nullable = leaf
    try:
        value = read(source)
        shown = None if value is None else show(value)
    except Exception:
        return Undefined
    if shown is None:
        return None if nullable and value is None else Undefined
    return shown


@cache
def leaves(schema: GraphQLSchema) -> Leaves:
    """The fields of a schema that are read off their objects, by type and name."""
    return {
        kind: found for kind in schema.type_map.values() if isinstance(kind, GraphQLObjectType) and (found := _of(kind))
    }


def _of(kind: GraphQLObjectType) -> dict[str, Leaf]:
    found: dict[str, Leaf] = {"__typename": (lambda _: kind.name, str, False)}
    for name, field in kind.fields.items():
        inner: Any = field.type.of_type if isinstance(field.type, GraphQLNonNull) else field.type
        declared = (field.extensions or {}).get("strawberry-definition")
        if is_leaf_type(inner) and isinstance(declared, StrawberryField) and not declared.extensions:
            read = _reading(declared)
            if read is not None:
                found[name] = read, inner.coerce_output_value, inner is field.type
    return found


def _reading(declared: StrawberryField) -> Callable[[Any], Any] | None:
    if isinstance(declared, Read):
        getter: Callable[[Any], Any] = declared.default.fget
        return getter
    return attrgetter(declared.python_name) if declared.is_basic_field else None
