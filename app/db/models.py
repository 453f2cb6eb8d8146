"""What every table shares: a time-ordered UUIDv7 primary key."""

from __future__ import annotations

from uuid import UUID

from tortoise import fields
from tortoise.models import Model
from uuid_utils.compat import uuid7


class Row(Model):
    """A row with a UUIDv7 primary key, so that key order is order of creation."""

    id: UUID = fields.UUIDField(primary_key=True, default=uuid7)

    class Meta:
        abstract = True
