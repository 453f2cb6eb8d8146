"""Looking for a row by a text that somebody sent."""

from __future__ import annotations

from typing import Any, TypeVar

from tortoise.models import Model

Row = TypeVar("Row", bound=Model)


async def find(model: type[Row], text: dict[str, str], **others: Any) -> Row | None:
    """The one row with these texts; ``None`` if there is none, as for a text that is longer than its column.

    Tortoise raises for such a text, as if it were to be written.
    """
    fields = model._meta.fields_map
    if any(len(value) > getattr(fields[name], "max_length", len(value)) for name, value in text.items()):
        return None
    return await model.filter(**text, **others).get_or_none()
