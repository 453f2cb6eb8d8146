"""The contracts that come of accepted offers, and their instalments."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from tortoise import fields

from app.accounts.models import Account
from app.catalog.keys import EditionKey
from app.catalog.models import PricePlan
from app.db.models import Row
from app.described import DescribedEnum


class ContractState(DescribedEnum):
    """Whether a contract is in force."""

    SCHEDULED = "SCHEDULED", "Its first day is to come.", "待生效"
    ACTIVE = "ACTIVE", "It is in force.", "生效中"
    ENDED = "ENDED", "It is over.", "已结束"


class Contract(Row):
    """An accepted offer. ``attention_at`` is when the worker has something to do with it next.

    One that is ``perpetual`` is for the use of ``product_version`` without end: what ends is the maintenance.
    """

    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField("app.Account", on_delete=fields.RESTRICT)
    account_id: UUID
    offer: fields.OneToOneRelation[Any] = fields.OneToOneField("app.Offer", on_delete=fields.RESTRICT)
    offer_id: UUID
    plan: fields.ForeignKeyRelation[PricePlan] = fields.ForeignKeyField("app.PricePlan", on_delete=fields.RESTRICT)
    plan_id: UUID
    edition = fields.CharEnumField(EditionKey, max_length=20)
    state = fields.CharEnumField(ContractState, max_length=10)
    dk_limit = fields.IntField()
    starts_on = fields.DateField()
    ends_on = fields.DateField()
    perpetual = fields.BooleanField(default=False)
    product_version = fields.CharField(max_length=40, null=True)
    accepted_at = fields.DatetimeField()
    ended_at = fields.DatetimeField(null=True)
    reminded_days: int | None = fields.IntField(null=True)
    attention_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "contract"


class Instalment(Row):
    """A part of a contract's price; it has its charge from its due day on."""

    contract: fields.ForeignKeyRelation[Contract] = fields.ForeignKeyField("app.Contract", on_delete=fields.RESTRICT)
    contract_id: UUID
    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField("app.Account", on_delete=fields.RESTRICT)
    account_id: UUID
    position = fields.SmallIntField()
    due_on = fields.DateField()
    amount_minor = fields.BigIntField()
    charge_id: UUID | None = fields.UUIDField(null=True, unique=True)

    class Meta:
        table = "instalment"
        unique_together = (("contract", "position"),)


LIVE = (ContractState.SCHEDULED, ContractState.ACTIVE)
