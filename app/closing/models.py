"""Billing days that were closed."""

from __future__ import annotations

from uuid import UUID

from tortoise import fields

from app.accounts.models import Account
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
