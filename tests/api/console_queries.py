"""The console's queries, and what they are asked with."""

from __future__ import annotations

import json
from typing import Any

from graphql import (
    FieldNode,
    InlineFragmentNode,
    NamedTypeNode,
    NonNullTypeNode,
    OperationDefinitionNode,
    OperationType,
    parse,
    type_from_ast,
)

from app.api.console import STATIC
from app.api.schema import schema
from tests.api.operations import sample
from tests.api.publishing import PRICE
from tests.api.tenant import Tenant

DOCUMENTS = STATIC / "console" / "documents.json"
GIVEN: dict[str, Any] = {
    "month": "2026-03",
    "former": "2026-03",
    "present": "2026-04",
    "from": "2026-03-10",
    "to": "2026-04-09",
    "sandboxes": True,
    "terms": PRICE,
}


def queries() -> dict[str, tuple[str, OperationDefinitionNode]]:
    """The console's queries, by their names."""
    found = {}
    for text in json.loads(DOCUMENTS.read_text()).values():
        (operation,) = [one for one in parse(text).definitions if isinstance(one, OperationDefinitionNode)]
        if operation.operation is OperationType.QUERY and operation.name:
            found[operation.name.value] = text, operation
    return dict(sorted(found.items()))


def variables(operation: OperationDefinitionNode, customer: Tenant) -> dict[str, Any]:
    """What a query is asked with, as far as it must be."""
    (root, *_) = [one for one in operation.selection_set.selections if isinstance(one, FieldNode)]
    within = root.selection_set.selections if root.selection_set else ()
    kinds = [one.type_condition for one in within if isinstance(one, InlineFragmentNode)]
    of = kinds[0].name.value if kinds and isinstance(kinds[0], NamedTypeNode) else "Account"
    key = customer.account if of == "Account" else customer.ids[of][0]
    given = {}
    for one in operation.variable_definitions or ():
        name = one.variable.name.value
        if name in GIVEN:
            given[name] = GIVEN[name]
        elif isinstance(one.type, NonNullTypeNode):
            given[name] = key if name == "id" else sample(type_from_ast(schema._schema, one.type))
    return given
