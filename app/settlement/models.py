"""Which channel pays for an account, and how far each charge's settlement has come."""

from __future__ import annotations

from enum import StrEnum
from typing import Any
from uuid import UUID

from tortoise import fields

from app.accounts.models import Account
from app.billing.models import Charge
from app.db.models import Record


class BindingState(StrEnum):
    """Whether the channel has confirmed that it pays for the account."""

    PENDING = "PENDING"
    BOUND = "BOUND"
    UNBOUND = "UNBOUND"


class ChannelBinding(Record):
    """That an account chose a settlement channel; ``external_reference`` is the channel's own name for the account."""

    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField("app.Account", on_delete=fields.RESTRICT)
    account_id: UUID
    channel = fields.CharField(max_length=40)
    state = fields.CharEnumField(BindingState, max_length=10)
    configuration: dict[str, Any] = fields.JSONField()
    external_reference = fields.CharField(max_length=200, null=True)
    continue_url = fields.CharField(max_length=2000, null=True)
    created_at = fields.DatetimeField()
    bound_at = fields.DatetimeField(null=True)
    unbound_at = fields.DatetimeField(null=True)

    class Meta:
        table = "channel_binding"


class SettlementState(StrEnum):
    """How far the collecting of a charge has come."""

    PENDING = "PENDING"
    ACCEPTED = "ACCEPTED"
    SETTLED = "SETTLED"
    NEEDS_ATTENTION = "NEEDS_ATTENTION"


class Settlement(Record):
    """The collecting of one charge through the channel that it was raised for."""

    charge: fields.OneToOneRelation[Charge] = fields.OneToOneField("app.Charge", on_delete=fields.RESTRICT)
    charge_id: UUID
    account_id: UUID = fields.UUIDField(db_index=True)
    binding: fields.ForeignKeyRelation[ChannelBinding] = fields.ForeignKeyField(
        "app.ChannelBinding", on_delete=fields.RESTRICT
    )
    binding_id: UUID
    channel = fields.CharField(max_length=40)
    state = fields.CharEnumField(SettlementState, max_length=20)
    attempts = fields.IntField(default=0)
    next_attempt_at = fields.DatetimeField()
    provider_reference = fields.CharField(max_length=200, null=True)
    reason = fields.CharField(max_length=1000, null=True)
    settled_at = fields.DatetimeField(null=True)

    class Meta:
        table = "settlement"
