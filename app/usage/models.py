"""What deployments reported, and the meters that say what such a report means."""

from __future__ import annotations

from enum import StrEnum
from uuid import UUID

from tortoise import fields
from tortoise.contrib.postgres.fields import ArrayField

from app.db.models import Record


class Aggregation(StrEnum):
    """How a meter's hours make the quantity of a billing day. An hour's quantity is the sum over all deployments.

    The first two count ids that are reported as sets; the others take a number for each hour.
    """

    LARGEST_HOUR = "LARGEST_HOUR"
    UNIQUE = "UNIQUE"
    SUM = "SUM"
    MAX = "MAX"
    LAST = "LAST"

    @property
    def counts_ids(self) -> bool:
        """Whether ids are reported, rather than a number."""
        return self in (Aggregation.LARGEST_HOUR, Aggregation.UNIQUE)


class Meter(Record):
    """Something that is measured hourly and may be priced by the day. ``name`` is ``{"zh": ..., "en": ...}``."""

    key = fields.CharField(max_length=40, unique=True)
    aggregation = fields.CharEnumField(Aggregation, max_length=20)
    name: dict[str, str] = fields.JSONField()

    class Meta:
        table = "meter"


class UsageHour(Record):
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
