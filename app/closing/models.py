"""Billing days that were closed, and days of contracts whose revenue was recognized."""

from __future__ import annotations

from uuid import UUID

from tortoise import fields

from app.accounts.models import Account
from app.contracts.models import Contract
from app.db.models import Row


class BillingDay(Row):
    """That an account's day was closed, and what it came to.

    ``begins_at`` and ``ends_at`` are the day's bounds when it was closed. ``late`` says that usage was reported for the
    day since then: whoever reports it says so (take_usage), whoever closes days looks into it.
    """

    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField("app.Account", on_delete=fields.RESTRICT)
    account_id: UUID
    day = fields.DateField()
    begins_at = fields.DatetimeField()
    ends_at = fields.DatetimeField()
    quantity: int = fields.BigIntField()
    late = fields.BooleanField(default=False)
    closed_at = fields.DatetimeField()

    class Meta:
        table = "billing_day"
        unique_together = (("account", "day"),)


class RevenueRecognition(Row):
    """What a contract's day earned of what its instalments charged: 0 too, and below 0 where one was given back.

    ``recognized_minor`` is the sum up to the day; amounts are in minor units of ``currency``.
    """

    contract: fields.ForeignKeyRelation[Contract] = fields.ForeignKeyField("app.Contract", on_delete=fields.RESTRICT)
    contract_id: UUID
    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField("app.Account", on_delete=fields.RESTRICT)
    account_id: UUID
    day = fields.DateField()
    amount_minor = fields.BigIntField()
    recognized_minor = fields.BigIntField()
    currency = fields.CharField(max_length=3)

    class Meta:
        table = "revenue_recognition"
        unique_together = (("contract", "day"),)
