"""Each account's upgrades, and how far they have come."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from tortoise import fields

from app.accounts.models import Account
from app.catalog.keys import EditionKey
from app.catalog.models import PricePlan
from app.db.models import Row
from app.described import DescribedEnum


class UpgradeState(DescribedEnum):
    """How far an upgrade has come."""

    AGREEMENT_PENDING = "AGREEMENT_PENDING", "The edition is chosen; the agreement is to be accepted.", "待同意协议"
    CHANNEL_PENDING = (
        "CHANNEL_PENDING",
        "The agreement is accepted; a settlement channel is to be chosen and bound.",
        "待选择结算方式",
    )
    FREE_PERIOD = (
        "FREE_PERIOD",
        "The account is upgraded; the free period runs, and a license is to be activated in it.",
        "免费期",
    )
    ACTIVE = "ACTIVE", "A license was activated; days are billed from firstBilledDay on.", "已激活"
    LAPSED = (
        "LAPSED",
        "The free period ended without an activation, or was had before; activating a license upgrades the "
        "account, billed from that day on.",
        "已失效",
    )
    REPLACED = "REPLACED", "Another edition was chosen before this upgrade took effect.", "已被替换"
    ENDED = (
        "ENDED",
        "A contract took its place, or staff ended the service, because the account was in arrears.",
        "已结束",
    )


PENDING = (UpgradeState.AGREEMENT_PENDING, UpgradeState.CHANNEL_PENDING)
IN_FORCE = (UpgradeState.FREE_PERIOD, UpgradeState.ACTIVE)
FOLLOWED = (*IN_FORCE, UpgradeState.LAPSED)
"""Where licenses are made of the upgrade, until a contract begins."""
BILLED = (*IN_FORCE, UpgradeState.ENDED)
"""Where days may be left to be closed, or adjusted."""


class Upgrade(Row):
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
    free_period_ends_at: datetime | None = fields.DatetimeField(null=True)
    activated_at = fields.DatetimeField(null=True)
    first_billed_day = fields.DateField(null=True)
    billed_through = fields.DateField(null=True)
    last_billed_day = fields.DateField(null=True)
    ended_at = fields.DatetimeField(null=True)

    class Meta:
        table = "upgrade"

    @property
    def agreement_outdated(self) -> bool:
        """Whether its channel is bound, and another version of the agreement came into force before that."""
        return self.state == UpgradeState.AGREEMENT_PENDING and self.acceptance_id is not None

    def has_lapsed(self, now: datetime) -> bool:
        """Whether the free period ended, by an instant on the account's clock, without an activation."""
        end = self.free_period_ends_at
        return self.state == UpgradeState.FREE_PERIOD and end is not None and end <= now


class PriceChange(Row):
    """That an upgrade is priced by another plan from a billing day on, which the account was told before.

    ``withdrawn_at`` is when it was told that the plan was withdrawn.
    """

    account_id: UUID = fields.UUIDField()
    upgrade: fields.ForeignKeyRelation[Upgrade] = fields.ForeignKeyField("app.Upgrade", on_delete=fields.RESTRICT)
    upgrade_id: UUID
    plan: fields.ForeignKeyRelation[PricePlan] = fields.ForeignKeyField("app.PricePlan", on_delete=fields.RESTRICT)
    plan_id: UUID
    from_day = fields.DateField()
    announced_at = fields.DatetimeField()
    withdrawn_at = fields.DatetimeField(null=True)

    class Meta:
        table = "price_change"
