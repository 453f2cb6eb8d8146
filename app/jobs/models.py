"""Work that recurs."""

from __future__ import annotations

from tortoise import fields

from app.db.models import Row


class Job(Row):
    """When a piece of recurring work is due again, on the world's clock."""

    name = fields.CharField(max_length=80, unique=True)
    due_at = fields.DatetimeField()

    class Meta:
        table = "job"


class Worker(Row):
    """A worker process that is there, or was until lately; it says so every few seconds."""

    host = fields.CharField(max_length=200)
    started_at = fields.DatetimeField()
    seen_at = fields.DatetimeField()

    class Meta:
        table = "worker"
