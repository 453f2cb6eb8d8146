"""All that an account shows, by a query made from the schema, without what differs from one account to the next."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from typing import Any

import pytest
from graphql import (
    GraphQLArgument,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLUnionType,
    get_named_type,
    is_required_argument,
)

from app.api.schema import schema
from app.settings import get_settings
from tests.api.driver import Api
from tests.api.operations import STAFF_ONLY

DEPTH = 5
OTHERS = {"Account", "User", "Viewer", "PriceTier"}
"""Types that are not gone into: other snapshots, and what is everybody's."""
RANDOM = {
    "ak",
    "bankReference",
    "dataGatewayUrl",
    "email",
    "fingerprint",
    "number",
    "providerReference",
    "reference",
    "text",
    "version",
}
"""Fields whose values are drawn, or counted over all accounts."""
GIVEN = {"from": '"2026-03-02"', "to": '"2026-04-30"', "month": '"2026-03"'}
"""Values for the arguments that must be given."""
ID = re.compile(r"[A-Za-z0-9+/_=-]{40,}|[0-9a-f]{12}@\S+|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


async def snapshot(client: Api, account: str) -> Any:
    """What an account shows; ids are numbered in the order in which they are met."""
    kind = schema._schema.type_map["Account"]
    assert isinstance(kind, GraphQLObjectType)
    names: dict[str, str] = {}
    shown: dict[str, Any] = {}
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(get_settings(), "cost_per_request", 10_000_000)
        for field in _fields(kind, DEPTH):
            shown |= await client.account(account, field)
    return _plain(shown, names)


def _fields(kind: GraphQLObjectType | GraphQLInterfaceType, depth: int) -> list[str]:
    fields = []
    for name, field in kind.fields.items():
        of = get_named_type(field.type)
        given = _arguments(field.args, 60 if depth == DEPTH else 2)
        of_staff = any(one in str(field.description) for one in STAFF_ONLY)
        if name in {"edges", "pageInfo", "cursor"} | RANDOM or of.name in OTHERS or given is None or of_staff:
            continue
        if not isinstance(of, GraphQLObjectType | GraphQLInterfaceType | GraphQLUnionType):
            fields.append(f"{name}{given}")
        elif depth and not isinstance(of, GraphQLUnionType):
            inner = " ".join(_fields(of, depth - 1))
            fields += [f"{name}{given} {{ {inner} }}"] if inner else []
    return fields


def _arguments(arguments: Mapping[str, GraphQLArgument], page: int) -> str | None:
    """Values for a field's arguments; ``None``: one is not known here."""
    needed = [name for name, argument in arguments.items() if is_required_argument(argument)]
    if not set(needed) <= GIVEN.keys():
        return None
    values = [f"{name}: {GIVEN[name]}" for name in needed]
    if {"first", "last"} <= arguments.keys():
        values.append(f"first: {page}")
    return f"({', '.join(values)})" if values else ""


def _plain(value: Any, names: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {name: _plain(part, names) for name, part in value.items() if name not in RANDOM}
    if isinstance(value, list):
        return [_plain(part, names) for part in value]
    if isinstance(value, str):
        return ID.sub(lambda found: names.setdefault(found.group(), f"{_kind(found.group())} {len(names)}"), value)
    return value


def _kind(text: str) -> str:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_").decode().partition(":")[0]
    except ValueError:
        return "id"
