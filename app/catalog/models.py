"""The editions, their versioned price plans, and the meters that those price."""

from __future__ import annotations

from enum import StrEnum
from uuid import UUID

from tortoise import fields

from app.catalog.keys import EditionKey
from app.db.models import Row

DATA_KITS = "datakit"
FREE_DAYS = "{free_days}"
"""In the texts of what an edition includes, the days of the free period of the price plan in force."""


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


class Meter(Row):
    """Something that is measured hourly and may be priced by the day. ``name`` is ``{"zh": ..., "en": ...}``."""

    key = fields.CharField(max_length=40, unique=True)
    aggregation = fields.CharEnumField(Aggregation, max_length=20)
    name: dict[str, str] = fields.JSONField()

    class Meta:
        table = "meter"


class Edition(Row):
    """An edition as the catalog shows it. Texts are ``{"zh": ..., "en": ...}``; ``included`` may say ``FREE_DAYS``.

    ``license_limit`` licenses of it an account may have at once, of which ``spare_license_limit`` not activated yet.
    A deployment may be offline for ``offline_days``, and for ``warning_days`` more with a warning.
    """

    key = fields.CharEnumField(EditionKey, max_length=20, unique=True)
    position = fields.SmallIntField()
    by_application = fields.BooleanField()
    name: dict[str, str] = fields.JSONField()
    description: dict[str, str] = fields.JSONField()
    included: dict[str, list[str]] = fields.JSONField()
    license_days = fields.IntField()
    license_limit = fields.IntField(default=100)
    spare_license_limit = fields.IntField(default=1)
    rotation_grace_days = fields.IntField(default=7)
    offline_days = fields.IntField(default=14)
    warning_days = fields.IntField(default=14)
    features: list[str] = fields.JSONField(default=list)

    class Meta:
        table = "edition"


class TierMode(StrEnum):
    """GRADUATED: each unit has the price of the tier that it lies in. VOLUME: all have that of the tier reached."""

    GRADUATED = "GRADUATED"
    VOLUME = "VOLUME"


class PricePlan(Row):
    """One version of an edition's price. Rows are never changed: a new price is a new version.

    A billing day's quantity of ``meter``, less ``free_quantity``, but ``minimum_quantity`` at the least, is priced by
    ``tiers``: objects with ``up_to`` (the last unit of the tier, ``null`` in the last one), ``unit_price_minor`` and
    ``flat_minor`` (for reaching the tier). Without tiers each unit costs ``unit_price_minor``. ``base_minor`` is added.
    ``time_zone`` is an IANA name of the form Area/Location, or UTC: PostgreSQL takes some of the short ones for fixed
    offsets. Prices are in minor units of ``currency`` for ``units_per_price`` units; ``price_day`` in the database
    computes what a day costs.
    ``account_id`` marks a plan that was negotiated with one account; the catalog knows nothing of it.
    """

    edition = fields.CharEnumField(EditionKey, max_length=20)
    version = fields.IntField()
    meter = fields.CharField(max_length=40)
    unit_price_minor = fields.BigIntField()
    units_per_price = fields.IntField(default=1)
    base_minor = fields.BigIntField(default=0)
    free_quantity = fields.BigIntField(default=0)
    tier_mode = fields.CharEnumField(TierMode, max_length=10, default=TierMode.GRADUATED)
    tiers: list[dict[str, int | None]] = fields.JSONField(default=list)
    currency = fields.CharField(max_length=3)
    minimum_quantity = fields.IntField()
    free_period_seconds = fields.IntField()
    time_zone = fields.CharField(max_length=64)
    valid_from = fields.DatetimeField()
    account_id: UUID | None = fields.UUIDField(null=True)

    class Meta:
        table = "price_plan"
        unique_together = (("edition", "version"),)
