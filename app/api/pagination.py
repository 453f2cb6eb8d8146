"""Relay connections over tables, by key: a page costs the same wherever it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Generic, TypeVar

import strawberry
from strawberry.relay import PageInfo
from tortoise.models import Model
from tortoise.queryset import QuerySet

from app.api.node import encode_id, split_id
from app.errors import InvalidInput

T = TypeVar("T")
MOST = 100
First = Annotated[int | None, strawberry.argument(description="How many from the start, 1 to 100; 20 by default.")]
After = Annotated[str | None, strawberry.argument(description="The cursor after which the page begins.")]
Last = Annotated[int | None, strawberry.argument(description="How many from the end, 1 to 100.")]
Before = Annotated[str | None, strawberry.argument(description="The cursor before which the page ends.")]


@strawberry.type(description="One object of a page, and its cursor.")
class Edge(Generic[T]):
    """An edge of a connection."""

    node: T = strawberry.field(description="The object.")
    cursor: str = strawberry.field(description="Marks this place, for `after` and `before`.")


@strawberry.type(description="A page of objects, oldest first.")
class Connection(Generic[T]):
    """A page over a query."""

    edges: list[Edge[T]] = strawberry.field(description="The objects of the page with their cursors.")
    page_info: PageInfo = strawberry.field(description="Whether there is more.")
    query: strawberry.Private[QuerySet[Any]]

    @strawberry.field(description="The objects of the page.")
    def nodes(self) -> list[T]:
        return [edge.node for edge in self.edges]

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
) -> Connection[T]:
    """One page of ``query``, in order of creation.

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
    if after is not None:
        window = window.filter(id__gt=split_id(after, ("after",))[1])
    if before is not None:
        window = window.filter(id__lt=split_id(before, ("before",))[1])
    rows: list[Model] = await window.order_by("-id" if last else "id").limit(size + 1)
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
