"""Relay connections over tables, by key: a page costs the same wherever it is."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import Annotated, Any, Generic, TypeVar

import strawberry
from strawberry.relay import PageInfo
from strawberry.types.field import StrawberryField
from tortoise.models import Model
from tortoise.queryset import QuerySet

from app.accounts.models import StaffRole
from app.api.audience import for_staff
from app.api.context import Info
from app.api.fields import View, argument, derived, parameters_of, signed
from app.api.node import Node, encode_id, split_id
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
    cursor: str = strawberry.field(description="Marks this place, for `after` and `before`.")


@strawberry.type(description="A page of objects, oldest first unless asked otherwise.")
class Connection(Generic[T]):
    """A page over a query."""

    edges: list[Edge[T]] = strawberry.field(description="The objects of the page with their cursors.")
    page_info: PageInfo = strawberry.field(description="Whether there is more.")
    query: strawberry.Private[QuerySet[Any]]

    nodes: list[T] = derived("The objects of the page.", lambda page: [edge.node for edge in page.edges])

    @strawberry.field(description="How many there are on all pages.")
    async def total_count(self) -> int:
        return await self.query.count()


async def page(
    query: QuerySet[Any],
    of: Callable[[Any], T],
    first: int | None = None,
    after: str | None = None,
    last: int | None = None,
    before: str | None = None,
    order: ListOrder = ListOrder.OLDEST_FIRST,
) -> Connection[T]:
    """One page of ``query``, in order of creation or the reverse.

    Raises:
        InvalidInput: a size outside 1 to 100, both sizes at once, or a cursor that is none.
    """
    if first is not None and last is not None:
        raise InvalidInput(
            reason_en="give first or last, not both", reason_zh="first 与 last 只能填写其一", path=("last",)
        )
    for name, size in (("first", first), ("last", last)):
        if size is not None and not 1 <= size <= MOST:
            raise InvalidInput(
                reason_en=f"{name} must be 1 to {MOST}", reason_zh=f"{name} 须在 1 到 {MOST} 之间", path=(name,)
            )
    size = first or last or 20
    window = query
    later, earlier = ("id__lt", "id__gt") if order is ListOrder.NEWEST_FIRST else ("id__gt", "id__lt")
    if after is not None:
        window = window.filter(**{later: split_id(after, ("after",))[1]})
    if before is not None:
        window = window.filter(**{earlier: split_id(before, ("before",))[1]})
    descending = bool(last) is (order is ListOrder.OLDEST_FIRST)
    rows: list[Model] = await window.order_by("-id" if descending else "id").limit(size + 1)
    more, rows = len(rows) > size, rows[:size]
    if last:
        rows.reverse()
    edges = [Edge(node=of(row), cursor=str(encode_id("cursor", row.pk))) for row in rows]
    return Connection(
        edges=edges,
        page_info=PageInfo(
            has_next_page=before is not None if last else more,
            has_previous_page=more if last else after is not None,
            start_cursor=edges[0].cursor if edges else None,
            end_cursor=edges[-1].cursor if edges else None,
        ),
        query=query,
    )


def connection(
    kind: type[View], description: str, *, staff: tuple[StaffRole, ...] = (), administrators: bool = False
) -> Callable[[Callable[..., QuerySet[Any]]], StrawberryField]:
    """Make a connection of ``kind`` of a method that answers with the query of its rows.

    The method's arguments come before those of the page. ``staff``: only staff with one of these roles may read it;
    ``administrators``: only owners and administrators of the account that it is a field of.
    """

    def decorate(query: Callable[..., QuerySet[Any]]) -> StrawberryField:
        async def run(
            self: Any,
            info: Info,
            first: First = None,
            after: After = None,
            last: Last = None,
            before: Before = None,
            order: Order = ListOrder.OLDEST_FIRST,
            **arguments: Any,
        ) -> Any:
            if staff:
                await info.context.reads_as_staff(*staff)
            if administrators:
                await info.context.administers(self.row.id)
            return await page(query(self, **arguments), kind.of, first, after, last, before, order)

        owner, *own = parameters_of(query).values()
        _, info, *paging, _ = parameters_of(run).values()
        generic: Any = Connection
        signed(run, [owner, info, *own, *paging], generic[kind])
        text = f"{description} For owners and administrators." if administrators else for_staff(description, staff)
        field: StrawberryField = strawberry.field(resolver=run, description=text)
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
