"""Forecasts, budgets, usage alerts and low-balance alerts."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

import strawberry

from app.accounts.models import ACCOUNTANTS
from app.accounts.models import Account as AccountRow
from app.alerts.forecast import Forecast as ForecastValue
from app.alerts.forecast import forecast
from app.alerts.models import BalanceAlert as BalanceAlertRow
from app.alerts.models import Budget as BudgetRow
from app.alerts.models import UsageAlert as UsageAlertRow
from app.alerts.setting import (
    BudgetTerms,
    remove_balance_alert,
    remove_budget,
    remove_usage_alert,
    set_balance_alert,
    set_budget,
    set_usage_alert,
)
from app.api.context import Info
from app.api.enums import BudgetPeriod
from app.api.fields import View, argument, column
from app.api.money import Money, from_minor
from app.api.mutation import mutation
from app.api.owned import LazyAccount, OfAccount
from app.api.scalars import BigInt
from app.catalog.models import DATA_KITS
from app.events.recording import Actor
from app.inputs import minor_units
from app.settlement.wallets import wallet

Period = Annotated[BudgetPeriod, argument("What it is for.")]
OfMeter = Annotated[str | None, argument("For the days of this meter alone, by its key; by default for all charges.")]


@strawberry.type(description="What the present month will have cost, at the rate of the last seven charged days.")
class Forecast(View):
    """A forecast for ``account``."""

    row: strawberry.Private[ForecastValue]
    account: strawberry.Private[AccountRow]

    month: str = column("The month, as YYYY-MM.")
    month_to_date: Money = column("What is charged for its days so far.", from_minor("month_to_date_minor"))
    expected: Money = column("What is expected for all of it.", from_minor("expected_minor"))
    daily: Money = column("What a day costs at present.", from_minor("daily_minor"))

    @strawberry.field(
        description="For how many whole days the prepaid balance lasts; null where it is not prepaid or costs nothing."
    )
    async def balance_lasts_days(self, info: Info) -> int | None:
        balance = await wallet(info.context.host, self.account, paying=True)
        return self.row.lasts_days(balance.available.minor) if balance else None


@strawberry.type(description="What an account means to spend in a calendar month, or in a billing day.")
class Budget(View):
    """A budget."""

    row: strawberry.Private[BudgetRow]

    period: BudgetPeriod = column("What it is for.", lambda row: BudgetPeriod(row.period))
    meter: str | None = column(
        "The key of the meter whose days it is for; null: for all charges.", lambda row: row.meter or None
    )
    amount: Money = column("The amount.", from_minor("amount_minor"))
    thresholds: list[int] = column("The percents of it that are told of, when charged and when forecast.")


@strawberry.type(description="A warning when a billing day's quantity of a meter reaches a number.")
class UsageAlert(View):
    """An alert."""

    row: strawberry.Private[UsageAlertRow]

    meter: str = column("The meter's key.")
    thresholds: list[BigInt] = column("The quantities that are told of, each once a day.")


@strawberry.type(description="A warning before the prepaid balance is used up.")
class BalanceAlert(View):
    """An alert."""

    row: strawberry.Private[BalanceAlertRow]

    days: int = column("Warn when the balance lasts fewer than this many days.")
    low: bool = column("Whether it is low now.")


@strawberry.type
class AlertsOfAccount(OfAccount):
    """What an account will cost, and what it is warned of."""

    @strawberry.field(description="What the present month will have cost; null before the first charge.")
    async def forecast(self) -> Forecast | None:
        found = await forecast(self.row)
        return Forecast(row=found, account=self.row) if found else None

    @strawberry.field(
        description="The monthly budget of all charges, if one is set.",
        deprecation_reason="There may be more: budgets.",
    )
    async def budget(self) -> Budget | None:
        of_months = BudgetRow.filter(account_id=self.row.id, period=BudgetPeriod.MONTH, meter="")
        return Budget.maybe(await of_months.first())

    @strawberry.field(description="The budgets that are set.")
    async def budgets(self) -> list[Budget]:
        return [Budget.of(row) for row in await BudgetRow.filter(account_id=self.row.id).order_by("id")]

    @strawberry.field(description="The usage alerts that are set.")
    async def usage_alerts(self) -> list[UsageAlert]:
        return [UsageAlert.of(row) for row in await UsageAlertRow.filter(account_id=self.row.id).order_by("id")]

    @strawberry.field(description="The low-balance alert, if one is set.")
    async def balance_alert(self) -> BalanceAlert | None:
        return BalanceAlert.maybe(await BalanceAlertRow.get_or_none(account_id=self.row.id))


@strawberry.type
class AlertMutations:
    """For administrators."""

    @mutation(
        description="Be told, by the event budget.threshold_reached, e-mail and webhook, when a month's charges "
        "or their forecast, or a billing day's charges, reach percents of an amount; each once a month or day. "
        "There is one budget for each period and meter: setting it again replaces it.",
        done="The budget is set.",
        answers={"budget": (Budget, "The budget.")},
        member=ACCOUNTANTS,
        rerun=True,
    )
    async def set_budget(
        self,
        account: AccountRow,
        actor: Actor,
        amount: Annotated[Decimal, argument("The budget, such as 3000.00.")],
        thresholds: Annotated[list[int], argument("Percents of it, such as [50, 80, 100].")],
        currency: Annotated[str, argument("One that the account may be charged in, ISO 4217.")] = "CNY",
        period: Period = BudgetPeriod.MONTH,
        meter: OfMeter = None,
    ) -> BudgetRow:
        minor = minor_units(amount, currency, "amount")
        return await set_budget(account, BudgetTerms(minor, currency, thresholds, period, meter or ""), actor)

    @mutation(
        description="Be told, by the event usage.threshold_reached, e-mail and webhook, when a billing day's quantity "
        "of a meter reaches numbers; each once a day. There is one alert for each meter: setting it again replaces it.",
        done="The alert is set.",
        answers={"usage_alert": (UsageAlert, "The alert.")},
        member=ACCOUNTANTS,
        rerun=True,
    )
    async def set_usage_alert(
        self,
        account: AccountRow,
        actor: Actor,
        thresholds: Annotated[list[BigInt], argument("Quantities of a day, such as [100, 150].")],
        meter: Annotated[str, argument("The meter's key.")] = DATA_KITS,
    ) -> UsageAlertRow:
        return await set_usage_alert(account, meter, thresholds, actor)

    @mutation(
        description="Be told, by the event balance.low, e-mail and webhook, when the prepaid balance will be used up "
        "within so many days at the present rate.",
        done="The alert is set.",
        answers={"balance_alert": (BalanceAlert, "The alert.")},
        member=ACCOUNTANTS,
        rerun=True,
    )
    async def set_balance_alert(
        self, account: AccountRow, actor: Actor, days: Annotated[int, argument("1 to 365.")]
    ) -> BalanceAlertRow:
        return await set_balance_alert(account, days, actor)

    @mutation(
        description="Remove a budget: be told of it no more.",
        done="There is no such budget any more.",
        answers={"account": (LazyAccount, "The account.")},
        member=ACCOUNTANTS,
        rerun=True,
    )
    async def remove_budget(
        self, account: AccountRow, actor: Actor, period: Period = BudgetPeriod.MONTH, meter: OfMeter = None
    ) -> AccountRow:
        await remove_budget(account, period, meter or "", actor)
        return account

    @mutation(
        description="Remove a usage alert.",
        done="There is no such alert any more.",
        answers={"account": (LazyAccount, "The account.")},
        member=ACCOUNTANTS,
        rerun=True,
    )
    async def remove_usage_alert(
        self, account: AccountRow, actor: Actor, meter: Annotated[str, argument("The meter's key.")] = DATA_KITS
    ) -> AccountRow:
        await remove_usage_alert(account, meter, actor)
        return account

    @mutation(
        description="Remove the low-balance alert.",
        done="There is no low-balance alert any more.",
        answers={"account": (LazyAccount, "The account.")},
        member=ACCOUNTANTS,
        rerun=True,
    )
    async def remove_balance_alert(self, account: AccountRow, actor: Actor) -> AccountRow:
        await remove_balance_alert(account, actor)
        return account
