"""Objects that others point to: of a list's objects they are read together, before these are shown, if they are asked
for; of a single object, when it is."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from typing import Any

import strawberry
from graphql import FieldNode, FragmentDefinitionNode, FragmentSpreadNode, InlineFragmentNode, SelectionSetNode
from strawberry.types.base import StrawberryObjectDefinition
from strawberry.types.field import StrawberryField
from strawberry.utils.str_converters import to_camel_case

from app.api.context import Info
from app.api.fields import View, parameters_of, signed
from app.api.loaders import Loaders
from app.db.together import SharedLoader

Loading = Callable[[Loaders], SharedLoader[Any, Any]]
_by_resolver: dict[Callable[..., Any], Related] = {}


class Related:
    """What a row points to by ``key``, which ``loader`` reads and ``show`` makes an object of."""

    def __init__(self, loader: Loading, key: Callable[[Any], Any], show: Callable[[Any], Any]) -> None:
        self._loader, self._key, self._show = loader, key, show
        self._held = f"related {id(self)}"

    def field(self, kind: Any, description: str) -> Any:
        """The field of type ``kind`` that shows it."""

        def resolve(root: View, info: Info) -> Any:
            key = self._key(root.row)
            later = key is not None and self._held not in vars(root.row)
            return self._later(key, info) if later else self.shown(root)

        signed(resolve, parameters_of(resolve).values(), kind)
        _by_resolver[resolve] = self
        return strawberry.field(resolver=resolve, description=description)

    def shown(self, root: View) -> Any:
        """The object, where its row holds it.

        Raises:
            KeyError: it is not read yet.
        """
        return None if self._key(root.row) is None else self._show(vars(root.row)[self._held])

    async def read(self, rows: Sequence[Any], loaders: Loaders) -> None:
        """Read what these rows point to, and let them hold it."""
        keyed = [(row, key) for row in rows if (key := self._key(row)) is not None]
        found = await self._loader(loaders).load_all([key for _, key in keyed])
        for row, key in keyed:
            vars(row)[self._held] = found[key]

    async def _later(self, key: Any, info: Info) -> Any:
        return self._show(await self._loader(info.context.loaders).load(key))


def related_by(field: StrawberryField) -> Related | None:
    """What a field shows, if it is of this kind."""
    resolver: Any = field.base_resolver.wrapped_func if field.base_resolver else None
    return _by_resolver.get(resolver)


async def read_ahead(kind: Any, rows: Sequence[Any], info: Info) -> None:
    """Read what the rows of a page of ``kind`` point to, as far as it is asked for."""
    if len(rows) < 2 or not (known := _related_of(kind)):
        return
    wanted = known.keys() & set(_names_of_nodes(info))
    await asyncio.gather(*(known[name].read(rows, info.context.loaders) for name in wanted))


@cache
def _related_of(kind: Any) -> dict[str, Related]:
    """What objects of ``kind`` point to, by the names of the API's fields."""
    definition = getattr(kind, "__strawberry_definition__", None)
    fields = definition.fields if isinstance(definition, StrawberryObjectDefinition) else ()
    return {to_camel_case(field.python_name): related for field in fields if (related := related_by(field)) is not None}


def _names_of_nodes(info: Info) -> Iterator[str]:
    """What is asked of the nodes of the connection that is being read."""
    raw = info._raw_info
    found = list(_within((node.selection_set for node in raw.field_nodes), raw.fragments))
    edges = [one.selection_set for one in found if one.name.value == "edges"]
    nodes = [one.selection_set for one in found if one.name.value == "nodes"]
    nodes += [one.selection_set for one in _within(edges, raw.fragments) if one.name.value == "node"]
    for one in _within(nodes, raw.fragments):
        yield one.name.value


def _within(
    selected: Iterable[SelectionSetNode | None], fragments: dict[str, FragmentDefinitionNode]
) -> Iterator[FieldNode]:
    for one in selected:
        for selection in one.selections if one else ():
            if isinstance(selection, FieldNode):
                yield selection
            elif isinstance(selection, InlineFragmentNode):
                yield from _within([selection.selection_set], fragments)
            elif isinstance(selection, FragmentSpreadNode):
                yield from _within([fragments[selection.name.value].selection_set], fragments)
