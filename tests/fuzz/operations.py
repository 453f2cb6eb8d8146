"""Operations to send: some that hypothesis-graphql draws from the schema, some that go deep with values that fit."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import replace
from random import Random
from typing import Any, NamedTuple

from graphql import (
    ArgumentNode,
    DocumentNode,
    FieldNode,
    GraphQLObjectType,
    InlineFragmentNode,
    NamedTypeNode,
    NameNode,
    OperationDefinitionNode,
    OperationType,
    SelectionNode,
    SelectionSetNode,
    TypeInfo,
    TypeInfoVisitor,
    VariableDefinitionNode,
    VariableNode,
    Visitor,
    get_named_type,
    is_abstract_type,
    is_leaf_type,
    is_required_argument,
    parse,
    parse_type,
    print_ast,
    value_from_ast_untyped,
    visit,
)
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import NonInteractiveExampleWarning
from hypothesis_graphql import mutations, nodes, queries

from app.api.schema import schema
from tests.fuzz.recipes import RECIPES
from tests.fuzz.values import STRANGE, Values, as_literal

ROOTS = {"Query": OperationType.QUERY, "Mutation": OperationType.MUTATION, "Subscription": OperationType.SUBSCRIPTION}
MOST_FIELDS = 60
DEPTH = 4
MOST_PATH = 5
"""How long the way to a root field is at the most, in the tree of a document."""
SCALARS = ("BigInt", "DataKitIds", "Date", "DateTime", "Decimal", "JSON")


class Request(NamedTuple):
    """An operation, and its variables."""

    document: str
    variables: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.document}\n{self.variables or ''}"


def roots() -> list[tuple[str, str]]:
    """Every operation of the schema, as its root and its name."""
    return [(root, name) for root in ROOTS for name in _type(root).fields]


def deep(values: Values, root: str, name: str) -> Request:
    """An operation with values that fit, and a selection of what it may answer with; the former are in the document, or
    in variables."""
    field, variables = Walk(values, name).field(_type(root), name, DEPTH), {}
    declared: tuple[VariableDefinitionNode, ...] = ()
    if values.random.random() < 0.3:
        types = {key: about.type for key, about in _type(root).fields[name].args.items()}
        variables = {one.name.value: value_from_ast_untyped(one.value) for one in field.arguments or ()}
        declared = tuple(
            VariableDefinitionNode(variable=_variable(key), type=parse_type(str(types[key]))) for key in variables
        )
        named = tuple(ArgumentNode(name=NameNode(value=key), value=_variable(key)) for key in variables)
        field = replace(field, arguments=named)
    operation = OperationDefinitionNode(
        operation=ROOTS[root], variable_definitions=declared, selection_set=SelectionSetNode(selections=(field,))
    )
    return Request(print_ast(DocumentNode(definitions=(operation,))), variables)


def _variable(name: str) -> VariableNode:
    return VariableNode(name=NameNode(value=name))


class Walk:
    """A way through the schema, from one operation on, of ``MOST_FIELDS`` fields at the most."""

    def __init__(self, values: Values, operation: str) -> None:
        self._values = values
        self._random = values.random
        self._operation = operation
        self._left = MOST_FIELDS

    def field(self, parent: Any, name: str, depth: int) -> FieldNode:
        """A field with arguments and what is selected of it."""
        about = parent.fields[name]
        paged = {"first", "last"} & set(about.args)
        given = {
            key: self._values.value(self._operation if parent.name in ROOTS else "", key, one.type)
            for key, one in about.args.items()
            if is_required_argument(one) or self._random.random() < (0.05 if paged else 0.35)
        }
        if parent.name == "Mutation" and name in RECIPES and self._random.random() < 0.8:
            given |= RECIPES[name](self._values)
            given = {key: value for key, value in given.items() if value is not None}
        if paged and not paged & set(given):
            given["first"] = self._random.choice((1, 2, 3))
        return FieldNode(
            name=NameNode(value=name),
            arguments=tuple(ArgumentNode(name=NameNode(value=k), value=as_literal(v)) for k, v in given.items()),
            selection_set=self._selected(get_named_type(about.type), depth),
        )

    def _selected(self, kind: Any, depth: int) -> SelectionSetNode | None:
        if is_leaf_type(kind):
            return None
        chosen: list[SelectionNode] = [FieldNode(name=NameNode(value="__typename"))]
        if is_abstract_type(kind):
            members = list(schema._schema.get_possible_types(kind))
            wanted = [one for one in members if one.name.endswith("Success") or self._random.random() < 0.2]
            for one in wanted or members[:1]:
                inside: Any = self._selected(one, depth)
                on = NamedTypeNode(name=NameNode(value=one.name))
                chosen.append(InlineFragmentNode(type_condition=on, selection_set=inside))
            on = NamedTypeNode(name=NameNode(value="Error"))
            told = tuple(FieldNode(name=NameNode(value=one)) for one in ("code", "message", "path"))
            if kind.name.endswith("Payload"):
                chosen.append(InlineFragmentNode(type_condition=on, selection_set=SelectionSetNode(selections=told)))
            return SelectionSetNode(selections=tuple(chosen))
        return SelectionSetNode(selections=(*chosen, *self._fields(kind, depth)))

    def _fields(self, kind: GraphQLObjectType, depth: int) -> Iterator[FieldNode]:
        names = list(kind.fields)
        self._random.shuffle(names)
        for name in names:
            leaf = is_leaf_type(get_named_type(kind.fields[name].type))
            wanted = name == "id" or self._random.random() < (0.6 if leaf else 0.4)
            if self._left > 0 and wanted and (leaf or depth > 0):
                self._left -= 1
                yield self.field(kind, name, depth - 1)


def drawn(root: str, name: str, many: int, random: Random) -> list[str]:
    """Operations that hypothesis-graphql draws: valid by the types, with no regard to what there is."""
    found: list[str] = []
    strategy = {"Query": queries, "Mutation": mutations}[root]
    scalars: dict[str, Any] = {kind: st.sampled_from(STRANGE).map(nodes.String) for kind in SCALARS}

    @seed(random.getrandbits(32))
    @settings(
        max_examples=many,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy(schema._schema, fields=[name], custom_scalars=scalars))
    def draw(document: str) -> None:
        found.append(document)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NonInteractiveExampleWarning)
        draw()
    return found


def grafted(document: str, values: Values, name: str) -> Request:
    """The operation with some of its arguments replaced by values that fit, so that it gets beyond the first check."""
    types = TypeInfo(schema._schema)

    class Graft(Visitor):
        def enter_argument(self, node: ArgumentNode, *_: Any) -> ArgumentNode | None:
            about = types.get_argument()
            if about is None or values.random.random() < 0.4:
                return None
            drawn_anew = as_literal(values.value(name, node.name.value, about.type))
            return ArgumentNode(name=node.name, value=drawn_anew)

        def leave_field(self, node: FieldNode, key: Any, parent: Any, path: Any, *_: Any) -> FieldNode | None:
            if len(path) > MOST_PATH or node.selection_set is None:
                return None
            named = FieldNode(name=NameNode(value="__typename"))
            inside = SelectionSetNode(selections=(named, *node.selection_set.selections))
            return replace(node, selection_set=inside)

    return Request(print_ast(visit(parse(document), TypeInfoVisitor(types, Graft()))), {})


def _type(name: str) -> Any:
    return schema._schema.type_map[name]
