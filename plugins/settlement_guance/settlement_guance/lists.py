"""A part of a table: what was asked for of it, in a window."""

from __future__ import annotations

from typing import Any, TypeVar

from settlement_spec import Window
from tortoise.models import Model
from tortoise.queryset import QuerySet

M = TypeVar("M", bound=Model)


def given(query: QuerySet[M], **values: Any) -> QuerySet[M]:
    """The rows of a query that have these values; ``None`` stands for any."""
    return query.filter(**{name: value for name, value in values.items() if value is not None})


async def listed(query: QuerySet[M], window: Window) -> list[M]:
    """The rows of a query that are in the window."""
    found = given(query, id__gt=window.after, id__lt=window.before)
    return await found.order_by("id" if window.oldest_first else "-id").limit(window.limit)
