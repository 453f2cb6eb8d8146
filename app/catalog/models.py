"""The editions, their versioned price plans, and the meters that those price."""

from __future__ import annotations

from uuid import UUID

from tortoise import fields

from app.catalog.keys import EditionKey
from app.db.models import Row
from app.db.published import Published
from app.described import DescribedEnum

DATA_KITS = "datakit"


class Aggregation(DescribedEnum):
    """How a meter's hours make the quantity of a billing day. An hour's quantity is the sum over all deployments.

    The first two count ids that are reported as sets; the others take a number for each hour.
    """

    LARGEST_HOUR = "LARGEST_HOUR", "The largest hour's number of distinct ids."
    UNIQUE = "UNIQUE", "The distinct ids of the day."
    SUM = "SUM", "All hours together."
    MAX = "MAX", "The largest hour."
    LAST = "LAST", "The latest hour that has any."

    @property
    def counts_ids(self) -> bool:
        """Whether ids are reported, rather than a number."""
        return self in (Aggregation.LARGEST_HOUR, Aggregation.UNIQUE)


class Meter(Published):
    """Something that is measured hourly and may be priced by the day. ``name`` is ``{"zh": ..., "en": ...}``.

    ``unit`` is what one of it is called, in exports, too: ``DataKit``, ``GB``. Name and unit may change; ``changed_by``
    says who changed them last.
    """

    key = fields.CharField(max_length=40, unique=True)
    aggregation = fields.CharEnumField(Aggregation, max_length=20)
    name: dict[str, str] = fields.JSONField()
    unit = fields.CharField(max_length=40)
    changed_by = fields.CharField(max_length=254, null=True)

    class Meta:
        table = "meter"


class Edition(Published):
    """One version of an edition as the catalog shows it. Texts are ``{"zh": ..., "en": ...}``; ``included`` may say
    ``app.catalog.texts.PRICE`` and ``FREE_PERIOD``, which the price plan in force fills in.

    ``license_limit`` licenses of it an account may have at once, of which ``spare_license_limit`` not activated yet.
    A deployment may be offline for ``offline_days``, and for ``warning_days`` more with a warning.
    Contracts of it last ``least_term_months``, or ``term_step_months`` longer, and so on; 0: as agreed upon. One that
    is ``perpetual`` is for the use of a version without end; the term is that of the maintenance. A free license is for
    ``version_days`` from the release of the version on, if that is known (``Release``), else for ``license_days``.
    """

    key = fields.CharEnumField(EditionKey, max_length=20)
    version = fields.IntField()
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
    least_term_months = fields.IntField(default=0)
    term_step_months = fields.IntField(default=0)
    perpetual = fields.BooleanField(default=False)
    version_days: int | None = fields.IntField(null=True)

    class Meta:
        table = "edition"
        unique_together = (("key", "version"),)


class Release(Published):
    """A version of the product, released at ``valid_from``."""

    version = fields.CharField(max_length=40, unique=True)

    class Meta:
        table = "release"


class TierMode(DescribedEnum):
    """How tiers price a quantity."""

    GRADUATED = "GRADUATED", "Each unit has the price of the tier that it lies in."
    VOLUME = "VOLUME", "All units have the price of the tier that is reached."


class PriceGroup(Row):
    """Accounts for which prices were negotiated together. ``name`` is ``{"zh": ..., "en": ...}``."""

    key = fields.CharField(max_length=40, unique=True)
    name: dict[str, str] = fields.JSONField()

    class Meta:
        table = "price_group"


class PriceMembership(Row):
    """Whose prices an account has ``since`` an instant of its clock: those of a group, or, once it left, the
    catalog's, which is also what an account without a row has."""

    account_id: UUID = fields.UUIDField(unique=True)
    group: fields.ForeignKeyNullableRelation[PriceGroup] = fields.ForeignKeyField(
        "app.PriceGroup", null=True, on_delete=fields.RESTRICT
    )
    group_id: UUID | None
    since = fields.DatetimeField()

    class Meta:
        table = "price_membership"


class PricePlan(Published):
    """One version of an edition's price. Rows are never changed: a new price is a new version.

    A billing day's quantity of ``meter``, less ``free_quantity``, but ``minimum_quantity`` at the least, is priced by
    ``tiers``: objects with ``up_to`` (the last unit of the tier, ``null`` in the last one), ``unit_price_minor`` and
    ``flat_minor`` (for reaching the tier). Without tiers each unit costs ``unit_price_minor``. ``base_minor`` is added.
    ``time_zone`` is an IANA name of the form Area/Location, or UTC: PostgreSQL takes some of the short ones for fixed
    offsets. Prices are in minor units of ``currency`` for ``units_per_price`` units; ``price_day`` in the database
    computes what a day costs.
    Versions count for the catalog, for each ``group``, and for each ``account_id`` that a contract made a plan for.
    ``for_existing`` plans price the accounts that are upgraded already, too, once they were told.
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
    for_existing = fields.BooleanField(default=False)
    group: fields.ForeignKeyNullableRelation[PriceGroup] = fields.ForeignKeyField(
        "app.PriceGroup", null=True, on_delete=fields.RESTRICT
    )
    group_id: UUID | None
    account_id: UUID | None = fields.UUIDField(null=True)

    class Meta:
        table = "price_plan"
