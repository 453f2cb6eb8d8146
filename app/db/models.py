"""What every table shares: a time-ordered UUIDv7 primary key."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from tortoise import Tortoise, fields
from tortoise.models import Model
from uuid_utils.compat import uuid7

from app.db.objects import made, recipe


class Row(Model):
    """A row with a UUIDv7 primary key, so that key order is order of creation."""

    id: UUID = fields.UUIDField(primary_key=True, default=uuid7)

    class Meta:
        abstract = True

    @classmethod
    def _init_from_db(cls, **values: Any) -> Self:
        how = recipe(cls, tuple(values))
        return super()._init_from_db(**values) if how is None else made(cls, how, values.values())


def key_at(at: datetime) -> UUID:
    """The least key that a row could have that was made at an instant: a UUIDv7 begins with its milliseconds."""
    return UUID(int=int(at.timestamp() * 1000) << 80)


def every_table() -> Iterator[type[Model]]:
    """All tables, those of plugins as well."""
    for models in Tortoise.apps.values():
        yield from models.values()
