"""What an execution knows: of the fields that are asked for, and of what could not be had."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from graphql import GraphQLError, GraphQLField, GraphQLObjectType, GraphQLResolveInfo, located_error
from graphql.execution import Executor
from graphql.execution.collect_fields import FieldDetailsList
from graphql.pyutils import Path

from app.compiled.places import Place


class Field:
    """A field that a document asks of objects of one type, and where it does."""

    def __init__(
        self, parent: GraphQLObjectType, name: str, details: FieldDetailsList, definition: GraphQLField
    ) -> None:
        self.parent, self.name, self.details, self.definition = parent, name, details, definition
        self.nodes = [one.node for one in details]
        self.described = f"{parent.name}.{self.nodes[0].name.value}"


class Failed:
    """Stands where a value should be; ``error`` is told once it is known what becomes null of it."""

    def __init__(self, error: GraphQLError) -> None:
        self.error = error


class Run:
    """One execution of a plan."""

    def __init__(self, executor: Executor[Any]) -> None:
        self.executor = executor
        self.errors: list[GraphQLError] = []
        self.failed = False
        """Whether anything failed; from then on values are looked at one by one."""
        self._infos: dict[Field, GraphQLResolveInfo[Any]] = {}

    def info(self, field: Field) -> GraphQLResolveInfo[Any]:
        """What resolvers of a field may ask about. Its path is that of no object in particular."""
        if field not in self._infos:
            path = Path(None, field.name, field.parent.name)
            self._infos[field] = self.executor.build_resolve_info(field.definition, field.nodes, field.parent, path)
        return self._infos[field]

    def failure(self, error: Exception, field: Field, place: Place, index: int) -> Failed:
        """What stands for a value that could not be had."""
        self.failed = True
        return Failed(located_error(error, field.nodes, place.path(index)))

    def without_failures(self, values: Sequence[Any]) -> list[Any]:
        """The values, null where one failed, which is told of."""
        if not self.failed:
            return list(values)
        self.errors += [one.error for one in values if isinstance(one, Failed)]
        return [None if isinstance(one, Failed) else one for one in values]
