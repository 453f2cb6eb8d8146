"""How much of what may be tried has been tried, over all processes."""

from __future__ import annotations

from tortoise import fields

from app.db.models import Row


class Throttle(Row):
    """A bucket that what is tried fills, and that empties with time: ``level`` was in it at ``at`` (the world's clock).

    ``key`` is a keyed hash: neither addresses nor networks are kept.
    """

    key = fields.CharField(max_length=64, unique=True)
    level = fields.FloatField()
    at = fields.DatetimeField()

    class Meta:
        table = "throttle"
