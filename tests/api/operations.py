"""The operations that the schema has, and values for their arguments."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    get_named_type,
    get_nullable_type,
    is_list_type,
    is_required_argument,
    is_required_input_field,
)

from app.api.node import encode_id
from app.api.schema import schema
from tests.api.driver import Enum

TABLE = Path(__file__).parent / "authorization.txt"
"""Who may call what, reviewed."""
STAFF_ONLY = ("For finance staff", "For account managers", "For operators", "For staff")
SCALARS = {
    "BigInt": 1,
    "Boolean": True,
    "DataKitIds": ["a"],
    "Date": "2026-03-02",
    "DateTime": "2026-03-02T10:00:00Z",
    "Decimal": "10.00",
    "Int": 1,
    "JSON": {},
    "String": "text",
}


def operations(root: str) -> dict[str, GraphQLField]:
    """The fields of ``Query`` or ``Mutation``."""
    kind: Any = schema._schema.type_map[root]
    return dict(kind.fields)


def for_staff(root: str) -> dict[str, GraphQLField]:
    """Those of them that are said to be for staff."""
    return {
        name: field
        for name, field in operations(root).items()
        if any(one in str(field.description) for one in STAFF_ONLY)
    }


def needed(arguments: Mapping[str, GraphQLArgument]) -> dict[str, Any]:
    """A value for each argument that must be given; an id is that of an account that there is not."""
    return {name: sample(about.type) for name, about in arguments.items() if is_required_argument(about)}


def sample(kind: Any) -> Any:
    """A value of a type."""
    if is_list_type(get_nullable_type(kind)):
        return [sample(get_nullable_type(kind).of_type)]
    named = get_named_type(kind)
    if isinstance(named, GraphQLEnumType):
        return Enum(next(iter(named.values)))
    if isinstance(named, GraphQLInputObjectType):
        return {name: sample(field.type) for name, field in named.fields.items() if is_required_input_field(field)}
    return str(encode_id("Account", uuid4())) if named.name == "ID" else SCALARS[named.name]
