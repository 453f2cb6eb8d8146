"""What a customer wants to be warned of."""

from __future__ import annotations

from uuid import UUID

from tortoise import fields
from tortoise.contrib.postgres.fields import ArrayField

from app.accounts.models import Account
from app.db.models import Row


class Budget(Row):
    """What an account means to spend in a calendar month; ``thresholds`` are the percents to warn at.

    ``set_on`` is the day on which it was first set: of months before nobody is warned.
    """

    account: fields.OneToOneRelation[Account] = fields.OneToOneField("app.Account", on_delete=fields.RESTRICT)
    account_id: UUID
    amount_minor = fields.BigIntField()
    currency = fields.CharField(max_length=3)
    thresholds: list[int] = ArrayField(element_type="int")
    set_on = fields.DateField()

    class Meta:
        table = "budget"


class BalanceAlert(Row):
    """Warn when the prepaid balance lasts fewer than ``days`` at the present rate of spending."""

    account: fields.OneToOneRelation[Account] = fields.OneToOneField("app.Account", on_delete=fields.RESTRICT)
    account_id: UUID
    days = fields.IntField()
    low = fields.BooleanField(default=False)

    class Meta:
        table = "balance_alert"


class Warned(Row):
    """That the account was warned of a threshold of a month's budget, by what was spent or by the forecast; once."""

    account_id: UUID = fields.UUIDField()
    month = fields.CharField(max_length=7)
    threshold = fields.IntField()
    forecast = fields.BooleanField()

    class Meta:
        table = "warned"
        unique_together = (("account_id", "month", "threshold", "forecast"),)
