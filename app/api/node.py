"""Relay's Node: opaque global ids, and finding an object by one."""

from __future__ import annotations

import base64
import binascii
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from operator import attrgetter
from types import MappingProxyType
from typing import Any, ClassVar, Self
from uuid import UUID

import strawberry
from tortoise.models import Model
from tortoise.queryset import QuerySet

from app.api.context import Context
from app.api.fields import View, derived
from app.api.related import Related
from app.errors import InvalidInput
from app.global_ids import global_id


def encode_id(kind: str, key: UUID) -> strawberry.ID:
    """The opaque global id of a row."""
    return strawberry.ID(global_id(kind, key))


def split_id(given: str, path: tuple[str, ...] = ("id",)) -> tuple[str, UUID]:
    """The type and key in a global id.

    Raises:
        InvalidInput: it is not a global id of this API.
    """
    try:
        padded = given + "=" * (-len(given) % 4)
        kind, _, key = base64.b64decode(padded, altchars=b"-_", validate=True).decode().partition(":")
        return kind, UUID(key)
    except (ValueError, binascii.Error, UnicodeDecodeError):
        raise InvalidInput(
            reason_en=f"{path[-1]} must be an id as this API gives it",
            reason_zh=f"{path[-1]} 必须是本 API 给出的 ID",
            path=path,
        ) from None


def decode_id(given: str, kind: str, name: str) -> UUID:
    """The key in a global id that must be of type ``kind``; ``name`` is the argument's.

    The key itself does as well: statements and exports name their account and charges by it.

    Raises:
        InvalidInput: it is not a global id, or one of another type.
    """
    with suppress(ValueError):
        return UUID(given)
    found, key = split_id(given, (name,))
    if found != kind:
        raise InvalidInput(
            reason_en=f"{name} must be the id of a {kind}, not of a {found}",
            reason_zh=f"{name} 必须是 {kind} 的 ID，而不是 {found} 的",
            path=(name,),
        )
    return key


def key_in(text: str, kind: str) -> UUID | None:
    """The key that a global id of type ``kind``, or a UUID, stands for; ``None`` where ``text`` is neither."""
    with suppress(InvalidInput):
        return decode_id(text, kind, "id")
    return None


@strawberry.interface(description="An object with a global id, which the query `node` finds it by (Relay).")
class Node(View):
    """A view of a row of ``table``, read with what is ``related`` to it; ``only`` rows of these values are of the kind.

    Such as ``class Session(Node, table=AccessToken, only={"kind": TokenKind.SESSION})``. A kind that channels keep
    has no table, and a ``load`` of its own.
    """

    kinds: ClassVar[dict[str, type[Node]]] = {}
    table: ClassVar[type[Model]]
    related: ClassVar[tuple[str, ...]]
    only: ClassVar[Mapping[str, Any]]

    id: strawberry.ID = derived(
        "The object's global id. Opaque: do not take it apart.",
        lambda node: encode_id(type(node).__name__, node.row.id),
    )

    @classmethod
    def rows(cls) -> QuerySet[Any]:
        """All rows of the kind."""
        return cls.table.filter(**cls.only).select_related(*cls.related)

    @classmethod
    async def load(cls, context: Context, key: UUID) -> Self | None:
        """The object with that key, whoever asks."""
        row = await cls.rows().get_or_none(id=key)
        return cls.of(row) if row else None

    @classmethod
    async def load_many(cls, context: Context, keys: Collection[UUID]) -> dict[UUID, Node]:
        """The objects with those keys; one query reads the rows of a table. What belongs to an account is read for who
        may see it alone, so that it takes as long to learn nothing of a stranger's as of what there is not."""
        if cls.load.__func__ is not Node.load.__func__:  # type: ignore[attr-defined]
            found = {key: await cls.load(context, key) for key in keys}
            return {key: node for key, node in found.items() if node is not None}
        rows = cls.rows().filter(id__in=list(keys))
        viewer = await context.viewer()
        if cls.visible is Node.visible and not (viewer and viewer.staff_roles):
            rows = rows.filter(account_id__in=list(viewer.memberships) if viewer else [])
        return {row.id: cls.of(row) for row in await rows}

    async def visible(self, context: Context) -> bool:
        """Whether the viewer may see it: by default, what belongs to an account is for its members and staff."""
        return await context.may_see(self.row.account_id)

    def __init_subclass__(
        cls, table: type[Model] = Model, related: tuple[str, ...] = (), only: Mapping[str, Any] = MappingProxyType({})
    ) -> None:
        super().__init_subclass__()
        cls.table, cls.related, cls.only = table, related, only
        Node.kinds[cls.__name__] = cls


async def find_node(context: Context, given: str) -> Node | None:
    """The object with a global id, if it exists and the viewer may see it.

    Raises:
        InvalidInput: it is not a global id.
    """
    return (await find_nodes(context, [given]))[0]


async def find_nodes(context: Context, given: Iterable[str]) -> list[Node | None]:
    """The object with each of these global ids, if it exists and the viewer may see it.

    Raises:
        InvalidInput: one is not a global id.
    """
    await context.viewer()
    wanted = [split_id(one) for one in given]
    keys: defaultdict[str, set[UUID]] = defaultdict(set)
    for kind, key in wanted:
        if kind not in Node.kinds:
            raise InvalidInput(
                reason_en="id must be an id as this API gives it", reason_zh="id 必须是本 API 给出的 ID", path=("id",)
            )
        keys[kind].add(key)
    found = {kind: await Node.kinds[kind].load_many(context, of_kind) for kind, of_kind in keys.items()}
    nodes = [found[kind].get(key) for kind, key in wanted]
    return [node if node is not None and await node.visible(context) else None for node in nodes]


def reference(kind: type[Node], description: str, by: str, nullable: bool = False) -> Any:
    """A field of the object whose key is in the row's column ``by``; one query reads those of a whole answer."""

    found = Related(lambda loaders: loaders.of(kind.table), attrgetter(by), kind.of)
    return found.field(kind | None if nullable else kind, description)
