"""What deployments reported, and the meters that say what such a report means."""

from __future__ import annotations

from uuid import UUID

from tortoise import fields
from tortoise.contrib.postgres.fields import ArrayField

from app.db.models import Row


class UsageHour(Row):
    """What one deployment's meter came to in one hour.

    ``ids`` is sorted and without repeats; it is ``NULL`` for a meter of numbers, and after the detail was pruned.
    ``quantity`` is how many ids there were, or the number: with reports it only ever grows, so they may come in any
    order. An hour that was ``corrected`` is changed by corrections alone.
    """

    account_id: UUID = fields.UUIDField()
    deployment_id: UUID = fields.UUIDField()
    meter = fields.CharField(max_length=40)
    hour = fields.DatetimeField()
    ids: list[str] | None = ArrayField(element_type="text", null=True)
    quantity = fields.BigIntField()
    corrected = fields.BooleanField(default=False, db_default=False)

    class Meta:
        table = "usage_hour"
        unique_together = (("deployment_id", "meter", "hour"),)
        indexes = (("account_id", "meter", "hour"),)


class UsageCorrection(Row):
    """That an hour's usage was replaced, by whom and why; rows are never changed."""

    account_id: UUID = fields.UUIDField(db_index=True)
    deployment_id: UUID = fields.UUIDField()
    meter = fields.CharField(max_length=40)
    hour = fields.DatetimeField()
    quantity_before = fields.BigIntField()
    quantity_after = fields.BigIntField()
    reason = fields.CharField(max_length=500)
    corrected_by = fields.CharField(max_length=254)
    corrected_at = fields.DatetimeField()

    class Meta:
        table = "usage_correction"
