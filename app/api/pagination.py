"""Relay connections, by key: a page costs the same wherever it is."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import partial
from operator import attrgetter
from typing import Annotated, Any, Generic, NamedTuple, Protocol, TypeVar
from uuid import UUID

import strawberry
from settlement_spec import Window
from strawberry.relay import PageInfo
from strawberry.types.field import StrawberryField
from tortoise.queryset import QuerySet

from app.accounts.models import StaffRole
from app.api.audience import for_staff
from app.api.context import Info
from app.api.fields import View, argument, derived, parameters_of, signed
from app.api.node import Node, encode_id, split_id
from app.api.owned import LazyAccount, shown_account
from app.compiled.fields import resolved_for_all
from app.db.sql import Statement
from app.db.together import together
from app.errors import InvalidInput

T = TypeVar("T")
MOST = 100
First = Annotated[int | None, argument("How many from the start, 1 to 100; 20 by default.")]
After = Annotated[str | None, argument("The cursor after which the page begins.")]
Last = Annotated[int | None, argument("How many from the end, 1 to 100.")]
Before = Annotated[str | None, argument("The cursor before which the page ends.")]


@strawberry.enum(description="In which order a list is shown.")
class ListOrder(Enum):
    """The order of creation, or its reverse."""

    OLDEST_FIRST = strawberry.enum_value("oldest first", description="In the order of creation.")
    NEWEST_FIRST = strawberry.enum_value("newest first", description="The reverse.")


Order = Annotated[ListOrder, argument("Which end of the list is its start.")]


@strawberry.type(description="One object of a page, and its cursor.")
class Edge(Generic[T]):
    """An edge of a connection."""

    node: T = strawberry.field(description="The object.")
    key: strawberry.Private[UUID]

    cursor: str = derived("Marks this place, for `after` and `before`.", lambda edge: _cursor(edge.key))


class Listing(Protocol):
    """What a connection pages through. Its objects have an ``id``, and lie in the order of these."""

    async def part(self, window: Window) -> Sequence[Any]:
        """Those in the window."""

    async def count(self) -> int:
        """How many there are."""


@dataclass(frozen=True)
class Rows:
    """The rows of a query."""

    query: QuerySet[Any]

    async def part(self, window: Window) -> Sequence[Any]:
        """Those in the window."""
        found = filtered(self.query, id__gt=window.after, id__lt=window.before)
        return await found.order_by("id" if window.oldest_first else "-id").limit(window.limit)

    async def count(self) -> int:
        """How many there are."""
        return await self.query.count()


class OfEach:
    """The first rows of each of several owners, by a statement of the owners ($1), how many rows of each ($2), and
    whether the newest come first ($3)."""

    def __init__(self, statement: Statement, kind: type[Node], by: str) -> None:
        self._statement, self._kind, self._by = statement, kind, attrgetter(by)
        self.first = together(self._read)

    async def _read(self, asked: Sequence[tuple[UUID, int, bool]]) -> dict[tuple[UUID, int, bool], list[Any]]:
        found: dict[tuple[UUID, int, bool], list[Any]] = {one: [] for one in asked}
        for limit, newest in {(limit, newest) for _, limit, newest in asked}:
            owners = [owner for owner, *how in asked if how == [limit, newest]]
            for row in await self._statement.objects(self._kind.table, owners, limit, newest):
                found[self._by(row), limit, newest].append(row)
        for (_, _, newest), rows in found.items():
            rows.sort(key=attrgetter("id"), reverse=newest)
        return found


@dataclass(frozen=True)
class OfOwner:
    """The rows of one owner, of which ``parts_of`` reads the first with those of others."""

    each: OfEach
    owner: UUID
    query: Callable[[], Any]

    async def part(self, window: Window) -> Sequence[Any]:
        """Those in the window."""
        return await Rows(self.query()).part(window)

    async def count(self) -> int:
        """How many there are."""
        return await Rows(self.query()).count()


async def parts_of(listings: Sequence[Listing], window: Window) -> Sequence[Sequence[Any]]:
    """What each of several listings has in the window; the first rows of several owners are read together."""
    if not window.after and not window.before and all(isinstance(one, OfOwner) for one in listings):
        owners: Any = listings
        (each,) = {one.each for one in owners}
        asked = [(one.owner, window.limit, not window.oldest_first) for one in owners]
        found = await each.first.many(asked)
        return [found.get(one, ()) for one in asked]
    return await asyncio.gather(*(one.part(window) for one in listings))


class Computed:
    """The lines of a report, in its own order."""

    def __init__(self, make: Callable[[], Awaitable[Sequence[Any]]]) -> None:
        self._make = make
        self._lines: list[Line] | None = None

    async def part(self, window: Window) -> Sequence[Line]:
        """Those in the window."""
        lines = await self._all()
        first = window.after.int if window.after else 0
        last = window.before.int if window.before else len(lines) + 1
        kept = lines[first : max(first, last - 1)]
        return (kept if window.oldest_first else kept[::-1])[: window.limit]

    async def count(self) -> int:
        """How many there are."""
        return len(await self._all())

    async def _all(self) -> list[Line]:
        if self._lines is None:
            self._lines = [Line(UUID(int=place), row) for place, row in enumerate(await self._make(), 1)]
        return self._lines


class Line(NamedTuple):
    """A line of a report, and its place there."""

    id: UUID
    row: Any


@strawberry.type(description="A page of objects.")
class Connection(Generic[T]):
    """A page of a listing."""

    objects: strawberry.Private[list[Any]]
    keys: strawberry.Private[list[UUID]]
    listing: strawberry.Private[Listing]
    has_next: strawberry.Private[bool]
    has_previous: strawberry.Private[bool]

    edges: list[Edge[T]] = derived(
        "The objects of the page with their cursors.",
        lambda page: [Edge(node=one, key=key) for one, key in zip(page.objects, page.keys, strict=True)],
    )
    page_info: PageInfo = derived(
        "Whether there is more.",
        lambda page: PageInfo(
            has_next_page=page.has_next,
            has_previous_page=page.has_previous,
            start_cursor=_cursor(page.keys[0]) if page.keys else None,
            end_cursor=_cursor(page.keys[-1]) if page.keys else None,
        ),
    )
    nodes: list[T] = derived("The objects of the page.", attrgetter("objects"))

    @strawberry.field(description="How many there are on all pages.")
    async def total_count(self) -> int:
        return await self.listing.count()


class Paging:
    """Which page is asked for, of as many listings as there are.

    Raises:
        InvalidInput: a size outside 1 to 100, both sizes at once, or a cursor that is none.
    """

    def __init__(
        self,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
        order: ListOrder = ListOrder.OLDEST_FIRST,
    ) -> None:
        if first is not None and last is not None:
            raise InvalidInput(
                reason_en="give first or last, not both", reason_zh="first 与 last 只能填写其一", path=("last",)
            )
        for name, size in (("first", first), ("last", last)):
            if size is not None and not 1 <= size <= MOST:
                raise InvalidInput(
                    reason_en=f"{name} must be 1 to {MOST}", reason_zh=f"{name} 须在 1 到 {MOST} 之间", path=(name,)
                )
        self._size, self._last = first or last or 20, bool(last)
        self._after, self._before = after is not None, before is not None
        newest_first = order is ListOrder.NEWEST_FIRST
        begin, end = _key(after, "after"), _key(before, "before")
        older, newer = (end, begin) if newest_first else (begin, end)
        self.window = Window(self._size + 1, older, newer, oldest_first=self._last is newest_first)

    def page(self, listing: Listing, rows: Sequence[Any], of: Callable[[Any], T]) -> Connection[T]:
        """The page of a listing of which the rows in the ``window`` are known."""
        more, rows = len(rows) > self._size, rows[: self._size]
        if self._last:
            rows = rows[::-1]
        return Connection(
            objects=[of(row.row if isinstance(row, Line) else row) for row in rows],
            keys=[row.id for row in rows],
            listing=listing,
            has_next=self._before if self._last else more,
            has_previous=more if self._last else self._after,
        )


def _cursor(key: UUID) -> str:
    return str(encode_id("cursor", key))


def _key(cursor: str | None, name: str) -> UUID | None:
    return None if cursor is None else split_id(cursor, (name,))[1]


def connection(
    kind: Any,
    description: str,
    *,
    staff: tuple[StaffRole, ...] = (),
    administrators: bool = False,
    order: ListOrder | None = ListOrder.OLDEST_FIRST,
    of_each: OfEach | None = None,
) -> Callable[[Callable[..., QuerySet[Any] | Listing]], StrawberryField]:
    """Make a connection of ``kind``, a view or ``LazyAccount``, of a method that answers with the query of its rows, or
    another listing.

    The method's arguments come before those of the page; it may take ``info``. ``staff``: only staff with one of these
    roles may read it; ``administrators``: only owners and administrators of the account that it is a field of.
    ``order``: what comes first by default; without one, the listing's own order is the only one. ``of_each`` reads the
    first rows of the objects of a list together, where nothing else is asked for.
    """
    by_default = order or ListOrder.OLDEST_FIRST
    of = shown_account if kind is LazyAccount else kind.of

    def decorate(query: Callable[..., QuerySet[Any] | Listing]) -> StrawberryField:
        async def run(
            self: Any,
            info: Info,
            first: First = None,
            after: After = None,
            last: Last = None,
            before: Before = None,
            order: Order = by_default,
            **arguments: Any,
        ) -> Any:
            (shown,) = await for_all([self], info, first, after, last, before, order, **arguments)
            return shown

        async def for_all(
            owners: Sequence[Any],
            info: Info,
            first: int | None = None,
            after: str | None = None,
            last: int | None = None,
            before: str | None = None,
            order: ListOrder = by_default,
            **arguments: Any,
        ) -> Sequence[Any]:
            for owner in owners:
                await allowed(owner, info)
            paging = Paging(first, after, last, before, order)
            listings = [listing_of(owner, info, arguments) for owner in owners]
            parts = await parts_of(listings, paging.window)
            return [paging.page(listing, rows, of) for listing, rows in zip(listings, parts, strict=True)]

        async def allowed(owner: Any, info: Info) -> None:
            if staff:
                await info.context.reads_as_staff(*staff)
            if administrators:
                await info.context.administers(owner.row.id)

        def listing_of(owner: Any, info: Info, arguments: dict[str, Any]) -> Listing:
            if of_each is not None and all(value is None for value in arguments.values()):
                return OfOwner(of_each, owner.row.id, partial(query, owner))
            found = query(owner, info, **arguments) if takes_info else query(owner, **arguments)
            return Rows(found) if isinstance(found, QuerySet) else found

        owner, *own = parameters_of(query).values()
        takes_info = bool(own) and own[0].name == "info"
        _, info, *paging, _ = parameters_of(run).values()
        if order is None:
            del paging[-1]
        generic: Any = Connection
        signed(run, [owner, info, *own[takes_info:], *paging], generic[kind])
        text = f"{description} For owners and administrators." if administrators else for_staff(description, staff)
        field: StrawberryField = strawberry.field(resolver=resolved_for_all(run, for_all), description=text)
        return field

    return decorate


def listed(
    kind: type[Node],
    description: str,
    query: Callable[[Any], QuerySet[Any]] | None = None,
    *,
    by: str = "account_id",
    staff: tuple[StaffRole, ...] = (),
    administrators: bool = False,
) -> Any:
    """A connection of those rows of ``kind`` whose column ``by`` is the key of this object, or of ``query`` of its row.

    Such as ``licenses = listed(License, "The licenses.")``. ``staff`` and ``administrators`` are as in ``connection``.
    """

    def rows(self: View) -> QuerySet[Any]:
        return query(self.row) if query else kind.rows().filter(**{by: self.row.id})

    return connection(kind, description, staff=staff, administrators=administrators)(rows)


def filtered(query: QuerySet[Any], **values: Any) -> QuerySet[Any]:
    """The rows of a query that have these values; ``None`` stands for any."""
    return query.filter(**{name: value for name, value in values.items() if value is not None})
