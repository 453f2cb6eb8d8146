"""What deployments reported, and the meters that say what such a report means."""

from __future__ import annotations

from uuid import UUID

from tortoise import fields
from tortoise.contrib.postgres.fields import ArrayField

from app.db.models import Row


class UsageHour(Row):
    """What one deployment's meter came to in one hour.

    ``ids`` is sorted and without repeats; it is ``NULL`` for a meter of numbers, and after the detail was pruned.
    ``quantity`` is how many ids there were, or the number: it only ever grows, so reports may come in any order.
    """

    account_id: UUID = fields.UUIDField()
    deployment_id: UUID = fields.UUIDField()
    meter = fields.CharField(max_length=40)
    hour = fields.DatetimeField()
    ids: list[str] | None = ArrayField(element_type="text", null=True)
    quantity = fields.BigIntField()

    class Meta:
        table = "usage_hour"
        unique_together = (("deployment_id", "meter", "hour"),)
        indexes = (("account_id", "meter", "hour"),)
