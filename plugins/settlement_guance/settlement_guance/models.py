"""The wallet's tables: an append-only double-entry journal, vouchers and cards, and the top-ups."""

from __future__ import annotations

from uuid import UUID

from settlement_spec import MovementKind, Source, TopUpState
from tortoise import fields
from tortoise.models import Model
from uuid_utils.compat import uuid7

from settlement_guance.kinds import Place


class Wallet(Model):
    """An account's wallet; its row is locked while money moves.

    The database itself keeps ``cash_minor`` the sum of the cash entries, and ``owing_since`` the time of the movement
    that made it negative.
    """

    account_id: UUID = fields.UUIDField(primary_key=True)
    opened_at = fields.DatetimeField()
    cash_minor = fields.BigIntField(default=0)
    owing_since = fields.DatetimeField(null=True)

    class Meta:
        table = "guance_wallet"
        app = "settlement_guance"


class FundRow(Model):
    """A voucher or card; the database itself keeps ``left_minor`` the sum of its entries, never below zero."""

    id: UUID = fields.UUIDField(primary_key=True, default=uuid7)
    account_id: UUID = fields.UUIDField(db_index=True)
    source = fields.CharEnumField(Source, max_length=20)
    amount_minor = fields.BigIntField()
    left_minor = fields.BigIntField(default=0)
    issued_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    issued_by = fields.CharField(max_length=254)
    note = fields.CharField(max_length=500)
    voided_at = fields.DatetimeField(null=True)
    void_reason = fields.CharField(max_length=500, null=True)

    class Meta:
        table = "guance_fund"
        app = "settlement_guance"


class WalletTransaction(Model):
    """One movement; ``(kind, reference)`` names what caused it, once.

    ``at`` is on the account's clock. A charge has its ``units``, the charge that it ``corrects``, and ``collected_at``
    on the world's clock; ``for_account_id`` is whose it is, where the wallet is another's.
    """

    id: UUID = fields.UUIDField(primary_key=True, default=uuid7)
    account_id: UUID = fields.UUIDField()
    kind = fields.CharEnumField(MovementKind, max_length=20)
    reference: UUID = fields.UUIDField()
    at = fields.DatetimeField()
    units = fields.BigIntField(default=0)
    corrects: UUID | None = fields.UUIDField(null=True, db_index=True)
    collected_at = fields.DatetimeField(null=True)
    for_account_id: UUID | None = fields.UUIDField(null=True)

    class Meta:
        table = "guance_transaction"
        app = "settlement_guance"
        unique_together = (("kind", "reference"),)
        indexes = (("account_id", "id"),)


class WalletEntry(Model):
    """One side of a movement, in minor units: what is added to the place is positive, what leaves it negative."""

    id: UUID = fields.UUIDField(primary_key=True, default=uuid7)
    transaction: fields.ForeignKeyRelation[WalletTransaction] = fields.ForeignKeyField(
        "settlement_guance.WalletTransaction", on_delete=fields.RESTRICT
    )
    transaction_id: UUID
    account_id: UUID = fields.UUIDField()
    place = fields.CharEnumField(Place, max_length=20)
    fund: fields.ForeignKeyNullableRelation[FundRow] = fields.ForeignKeyField(
        "settlement_guance.FundRow", on_delete=fields.RESTRICT, null=True
    )
    fund_id: UUID | None
    amount_minor = fields.BigIntField()
    currency = fields.CharField(max_length=3)

    class Meta:
        table = "guance_entry"
        app = "settlement_guance"
        indexes = (("account_id", "place"), ("transaction_id",))


class TopUpRow(Model):
    """A bank transfer, announced and then confirmed by staff; or an online payment, which has a ``pay_url``."""

    id: UUID = fields.UUIDField(primary_key=True, default=uuid7)
    account_id: UUID = fields.UUIDField(db_index=True)
    sandbox = fields.BooleanField(default=False)
    amount_minor = fields.BigIntField()
    currency = fields.CharField(max_length=3)
    state = fields.CharEnumField(TopUpState, max_length=10)
    reference = fields.CharField(max_length=20, unique=True)
    bank_reference = fields.CharField(max_length=100, null=True, unique=True)
    received_minor = fields.BigIntField(null=True)
    requested_at = fields.DatetimeField()
    confirmed_by = fields.CharField(max_length=254, null=True)
    confirmed_at = fields.DatetimeField(null=True)
    pay_url = fields.TextField(null=True)
    refunded_minor = fields.BigIntField(default=0)

    class Meta:
        table = "guance_top_up"
        app = "settlement_guance"
        indexes = (("state", "id"),)


class RefundRow(Model):
    """What went back of a top-up to the payer: by a refund, or a dispute that was lost."""

    id: UUID = fields.UUIDField(primary_key=True, default=uuid7)
    top_up: fields.ForeignKeyRelation[TopUpRow] = fields.ForeignKeyField(
        "settlement_guance.TopUpRow", on_delete=fields.RESTRICT
    )
    top_up_id: UUID
    amount_minor = fields.BigIntField()
    reference = fields.CharField(max_length=100, unique=True)
    noted_by = fields.CharField(max_length=254)
    noted_at = fields.DatetimeField()

    class Meta:
        table = "guance_refund"
        app = "settlement_guance"


class PaymentRow(Model):
    """The online payment of a top-up: the provider's session, and the payment that was made in it, credited or not.

    ``ask_at``: when to ask the provider next, which was asked ``asked`` times. ``None``: when nothing else is due; a
    sandbox's clock says nothing of the world's. ``given_up_at``: the provider did not know the session, whose page was
    closed by then; it is not asked again.
    """

    id: UUID = fields.UUIDField(primary_key=True, default=uuid7)
    top_up: fields.OneToOneRelation[TopUpRow] = fields.OneToOneField(
        "settlement_guance.TopUpRow", on_delete=fields.RESTRICT
    )
    top_up_id: UUID
    session_id = fields.CharField(max_length=255, unique=True)
    reference = fields.CharField(max_length=100, null=True)
    received_minor = fields.BigIntField(null=True)
    asked = fields.IntField(default=0)
    ask_at = fields.DatetimeField(null=True)
    given_up_at = fields.DatetimeField(null=True)

    class Meta:
        table = "guance_payment"
        app = "settlement_guance"
