"""What a customer wants to be warned of."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from tortoise import fields
from tortoise.contrib.postgres.fields import ArrayField

from app.accounts.models import Account
from app.db.models import Row
from app.described import DescribedEnum


class BudgetPeriod(DescribedEnum):
    """What a budget is for."""

    DAY = "DAY", "A billing day."
    MONTH = "MONTH", "A calendar month."

    def of(self, day: date) -> str:
        """The period that a day is in, as it is told: `2026-03`, or `2026-03-10`."""
        return f"{day:%Y-%m}" if self == BudgetPeriod.MONTH else day.isoformat()


class Budget(Row):
    """What an account means to spend in a month or a day; ``thresholds`` are the percents to warn at.

    ``meter`` is the key of the meter whose days it is for; empty, it is for all charges. ``set_on`` is the day on which
    its amount was set: of periods before nobody is warned.
    """

    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField("app.Account", on_delete=fields.RESTRICT)
    account_id: UUID
    period = fields.CharEnumField(BudgetPeriod, max_length=10)
    meter = fields.CharField(max_length=40, default="")
    amount_minor = fields.BigIntField()
    currency = fields.CharField(max_length=3)
    thresholds: list[int] = ArrayField(element_type="int")
    set_on = fields.DateField()

    class Meta:
        table = "budget"
        unique_together = (("account", "period", "meter"),)


class UsageAlert(Row):
    """Warn when a billing day's quantity of a meter reaches one of ``thresholds``; of days before ``set_on`` nobody is
    warned."""

    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField("app.Account", on_delete=fields.RESTRICT)
    account_id: UUID
    meter = fields.CharField(max_length=40)
    thresholds: list[int] = ArrayField(element_type="bigint")
    set_on = fields.DateField()

    class Meta:
        table = "usage_alert"
        unique_together = (("account", "meter"),)


class BalanceAlert(Row):
    """Warn when the prepaid balance lasts fewer than ``days`` at the present rate of spending."""

    account: fields.OneToOneRelation[Account] = fields.OneToOneField("app.Account", on_delete=fields.RESTRICT)
    account_id: UUID
    days = fields.IntField()
    low = fields.BooleanField(default=False)

    class Meta:
        table = "balance_alert"


class Warned(Row):
    """That the account was warned of a threshold in a period, by what was spent or used, or by the forecast; once.

    ``about`` is what was watched: ``budget`` or ``usage``, the meter, and of a budget the amount.
    """

    account_id: UUID = fields.UUIDField()
    about = fields.CharField(max_length=100)
    period = fields.CharField(max_length=10)
    threshold = fields.BigIntField()
    forecast = fields.BooleanField()

    class Meta:
        table = "warned"
        unique_together = (("account_id", "about", "period", "threshold", "forecast"),)
