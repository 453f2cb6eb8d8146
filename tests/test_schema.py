"""The API's contract: what is committed is what is served, nothing published breaks, everything is described."""

from __future__ import annotations

from pathlib import Path

from graphql import (
    BreakingChangeType,
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLScalarType,
    build_schema,
    find_breaking_changes,
    is_specified_scalar_type,
)

from app.api.schema import schema

COMMITTED = Path(__file__).parents[1] / "schema.graphql"
PUBLISHED = Path(__file__).parent / "published.graphql"


def test_committed_schema_is_the_served_one() -> None:
    assert COMMITTED.read_text() == schema.as_str().rstrip("\n") + "\n", "run: make schema"


def test_nothing_published_breaks_without_a_deprecation() -> None:
    published = build_schema(PUBLISHED.read_text())
    broken = find_breaking_changes(published, build_schema(schema.as_str()))
    deprecated = {
        f"{name}.{field}"
        for name, kind in published.type_map.items()
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType)
        for field, definition in kind.fields.items()
        if definition.deprecation_reason
    }
    assert [
        change.description
        for change in broken
        if not (
            change.type == BreakingChangeType.FIELD_REMOVED
            and any(change.description.startswith(f"{name} ") for name in deprecated)
        )
    ] == []


def test_everything_is_described() -> None:
    missing: list[str] = []
    for name, kind in build_schema(schema.as_str()).type_map.items():
        if name.startswith("__") or name in {
            "String",
            "Int",
            "Float",
            "Boolean",
            "ID",
        }:
            continue
        if not kind.description and name not in {"Query", "Mutation", "Subscription"}:
            missing.append(name)
        if isinstance(kind, GraphQLEnumType):
            missing += [f"{name}.{value}" for value, about in kind.values.items() if not about.description]
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType):
            for field, about in kind.fields.items():
                if not about.description:
                    missing.append(f"{name}.{field}")
                for argument, taken in getattr(about, "args", {}).items():
                    if not taken.description:
                        missing.append(f"{name}.{field}({argument})")
    assert missing == []


def test_every_scalar_of_its_own_says_where_it_is_specified() -> None:
    kinds = build_schema(schema.as_str()).type_map.values()
    scalars = {
        kind.name: kind for kind in kinds if isinstance(kind, GraphQLScalarType) and not is_specified_scalar_type(kind)
    }
    assert len(scalars) >= 6
    assert [name for name, kind in scalars.items() if not (kind.specified_by_url or "").startswith("https://")] == []


def test_a_removed_field_is_noticed() -> None:
    removed = schema.as_str().replace("byApplication: Boolean!", "gone: Boolean!")
    assert find_breaking_changes(build_schema(PUBLISHED.read_text()), build_schema(removed)) != []
