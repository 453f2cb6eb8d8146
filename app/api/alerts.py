"""Forecasts, budgets and low-balance alerts."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

import strawberry

from app.accounts.models import ADMINISTRATORS
from app.accounts.models import Account as AccountRow
from app.alerts.forecast import Forecast as ForecastValue
from app.alerts.forecast import forecast
from app.alerts.models import BalanceAlert as BalanceAlertRow
from app.alerts.models import Budget as BudgetRow
from app.alerts.setting import remove_balance_alert, remove_budget, set_balance_alert, set_budget
from app.api.context import Info
from app.api.fields import View, argument, column
from app.api.money import Money, from_minor
from app.api.mutation import mutation
from app.api.owned import LazyAccount, OfAccount
from app.events.recording import Actor
from app.inputs import minor_units
from app.settlement.wallets import wallet


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


@strawberry.type(description="What an account means to spend in a calendar month.")
class Budget(View):
    """A budget."""

    row: strawberry.Private[BudgetRow]

    amount: Money = column("The amount.", from_minor("amount_minor"))
    thresholds: list[int] = column("The percents of it that are told of, when charged and when forecast.")


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

    @strawberry.field(description="The monthly budget, if one is set.")
    async def budget(self) -> Budget | None:
        return Budget.maybe(await BudgetRow.get_or_none(account_id=self.row.id))

    @strawberry.field(description="The low-balance alert, if one is set.")
    async def balance_alert(self) -> BalanceAlert | None:
        return BalanceAlert.maybe(await BalanceAlertRow.get_or_none(account_id=self.row.id))


@strawberry.type
class AlertMutations:
    """For administrators."""

    @mutation(
        description="Be told, by the event budget.threshold_reached, e-mail and webhook, when a month's charges "
        "or their forecast reach percents of an amount; each once a month.",
        done="The budget is set.",
        answers={"budget": (Budget, "The budget.")},
        member=ADMINISTRATORS,
        rerun=True,
    )
    async def set_budget(
        self,
        account: AccountRow,
        actor: Actor,
        amount: Annotated[Decimal, argument("The month's budget, such as 3000.00.")],
        thresholds: Annotated[list[int], argument("Percents of it, such as [50, 80, 100].")],
        currency: Annotated[str, argument("One that the account may be charged in, ISO 4217.")] = "CNY",
    ) -> BudgetRow:
        return await set_budget(account, minor_units(amount, currency, "amount"), currency, thresholds, actor)

    @mutation(
        description="Be told, by the event balance.low, e-mail and webhook, when the prepaid balance will be used up "
        "within so many days at the present rate.",
        done="The alert is set.",
        answers={"balance_alert": (BalanceAlert, "The alert.")},
        member=ADMINISTRATORS,
        rerun=True,
    )
    async def set_balance_alert(
        self, account: AccountRow, actor: Actor, days: Annotated[int, argument("1 to 365.")]
    ) -> BalanceAlertRow:
        return await set_balance_alert(account, days, actor)

    @mutation(
        description="Remove the budget: be told of it no more.",
        done="There is no budget any more.",
        answers={"account": (LazyAccount, "The account.")},
        member=ADMINISTRATORS,
        rerun=True,
    )
    async def remove_budget(self, account: AccountRow, actor: Actor) -> AccountRow:
        await remove_budget(account, actor)
        return account

    @mutation(
        description="Remove the low-balance alert.",
        done="There is no low-balance alert any more.",
        answers={"account": (LazyAccount, "The account.")},
        member=ADMINISTRATORS,
        rerun=True,
    )
    async def remove_balance_alert(self, account: AccountRow, actor: Actor) -> AccountRow:
        await remove_balance_alert(account, actor)
        return account
