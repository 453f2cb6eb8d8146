"""The wallet's tables: an append-only double-entry journal, and the top-ups."""

from __future__ import annotations

from uuid import UUID

from settlement_spec import TopUpState
from tortoise import fields
from tortoise.models import Model
from uuid_utils.compat import uuid7


class Wallet(Model):
    """An account's wallet; its row is locked while money moves. The balance is the sum of the cash entries."""

    account_id: UUID = fields.UUIDField(primary_key=True)
    opened_at = fields.DatetimeField()

    class Meta:
        table = "guance_wallet"
        app = "settlement_guance"


class WalletTransaction(Model):
    """One movement; ``(kind, reference)`` names what caused it, once."""

    id: UUID = fields.UUIDField(primary_key=True, default=uuid7)
    account_id: UUID = fields.UUIDField(db_index=True)
    kind = fields.CharField(max_length=20)
    reference: UUID = fields.UUIDField()
    at = fields.DatetimeField()

    class Meta:
        table = "guance_transaction"
        app = "settlement_guance"
        unique_together = (("kind", "reference"),)


class WalletEntry(Model):
    """One side of a movement, in minor units: what is added to the place is positive, what leaves it negative."""

    id: UUID = fields.UUIDField(primary_key=True, default=uuid7)
    transaction: fields.ForeignKeyRelation[WalletTransaction] = fields.ForeignKeyField(
        "settlement_guance.WalletTransaction", on_delete=fields.RESTRICT
    )
    transaction_id: UUID
    account_id: UUID = fields.UUIDField()
    place = fields.CharField(max_length=20)
    amount_minor = fields.BigIntField()
    currency = fields.CharField(max_length=3)

    class Meta:
        table = "guance_entry"
        app = "settlement_guance"
        indexes = (("account_id", "place"),)


class TopUpRow(Model):
    """A bank transfer, announced and then confirmed by staff."""

    id: UUID = fields.UUIDField(primary_key=True, default=uuid7)
    account_id: UUID = fields.UUIDField(db_index=True)
    amount_minor = fields.BigIntField()
    currency = fields.CharField(max_length=3)
    state = fields.CharEnumField(TopUpState, max_length=10)
    reference = fields.CharField(max_length=20, unique=True)
    bank_reference = fields.CharField(max_length=100, null=True, unique=True)
    received_minor = fields.BigIntField(null=True)
    requested_at = fields.DatetimeField()
    confirmed_by = fields.CharField(max_length=254, null=True)
    confirmed_at = fields.DatetimeField(null=True)

    class Meta:
        table = "guance_top_up"
        app = "settlement_guance"
