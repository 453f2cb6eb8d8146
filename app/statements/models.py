"""Statements that were issued, and which charges stand on each."""

from __future__ import annotations

from uuid import UUID

from tortoise import fields

from app.accounts.models import Account
from app.billing.models import Charge
from app.db.models import Row


class Statement(Row):
    """An account's statement of a month, by the first day of that month; rows are never changed."""

    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField("app.Account", on_delete=fields.RESTRICT)
    account_id: UUID
    month = fields.DateField()
    number = fields.CharField(max_length=30, unique=True)
    account_name = fields.CharField(max_length=200)
    time_zone = fields.CharField(max_length=64)
    issued_at = fields.DatetimeField()

    class Meta:
        table = "statement"
        unique_together = (("account", "month"),)


class StatementCharge(Row):
    """That a charge stands on a statement, on one and no other, and whether it was collected by then."""

    statement: fields.ForeignKeyRelation[Statement] = fields.ForeignKeyField("app.Statement", on_delete=fields.RESTRICT)
    statement_id: UUID
    charge: fields.OneToOneRelation[Charge] = fields.OneToOneField(
        "app.Charge", related_name="stated", on_delete=fields.RESTRICT
    )
    charge_id: UUID
    settled = fields.BooleanField()

    class Meta:
        table = "statement_charge"
        indexes = (("statement_id",),)
