"""What deployments reported."""

from __future__ import annotations

from uuid import UUID

from tortoise import fields
from tortoise.contrib.postgres.fields import ArrayField

from app.db.models import Record


class UsageHour(Record):
    """The set of DataKits that reported in one hour of one deployment.

    ``data_kits`` is sorted and without repeats; ``revision`` grows with every change of any row, in commit order
    within an account, so that a closed day can tell whether something came later.
    """

    account_id: UUID = fields.UUIDField()
    deployment_id: UUID = fields.UUIDField()
    hour = fields.DatetimeField()
    data_kits: list[str] = ArrayField(element_type="text")
    data_kit_count = fields.IntField()
    revision = fields.BigIntField()

    class Meta:
        table = "usage_hour"
        unique_together = (("deployment_id", "hour"),)
        indexes = (("account_id", "hour"),)
