"""The edition catalog, its versioned price plans, and each account's upgrades."""

from __future__ import annotations

from enum import StrEnum
from uuid import UUID

from tortoise import fields

from app.accounts.models import Account
from app.db.models import Record
from app.editions.keys import EditionKey, UpgradeState


class Edition(Record):
    """An edition as the catalog shows it. Texts are ``{"zh": ..., "en": ...}``.

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


class PricePlan(Record):
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


class Upgrade(Record):
    """An account's way to a commercial edition, from the choice of the edition to its end.

    ``billed_through`` is the last billing day for which a charge was raised, ``last_billed_day`` the last one that may
    be: a contract begins with the next.
    """

    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField("app.Account", on_delete=fields.RESTRICT)
    account_id: UUID
    edition = fields.CharEnumField(EditionKey, max_length=20)
    plan: fields.ForeignKeyRelation[PricePlan] = fields.ForeignKeyField("app.PricePlan", on_delete=fields.RESTRICT)
    plan_id: UUID
    state = fields.CharEnumField(UpgradeState, max_length=20)
    acceptance_id: UUID | None = fields.UUIDField(null=True)
    chosen_at = fields.DatetimeField()
    upgraded_at = fields.DatetimeField(null=True)
    free_period_ends_at = fields.DatetimeField(null=True)
    activated_at = fields.DatetimeField(null=True)
    first_billed_day = fields.DateField(null=True)
    billed_through = fields.DateField(null=True)
    last_billed_day = fields.DateField(null=True)
    ended_at = fields.DatetimeField(null=True)

    class Meta:
        table = "upgrade"
