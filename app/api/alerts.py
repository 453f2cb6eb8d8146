"""Forecasts, budgets and low-balance alerts."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

import strawberry

from app.accounts.models import Account as AccountRow
from app.alerts.forecast import Forecast as ForecastValue
from app.alerts.models import BalanceAlert as BalanceAlertRow
from app.alerts.models import Budget as BudgetRow
from app.alerts.setting import remove_balance_alert, remove_budget, set_balance_alert, set_budget
from app.api.money import Money, minor_units, money
from app.api.mutation import mutation
from app.api.node import AccountID, Info, decode_id
from app.api.owned import LazyAccount, shown_account
from app.settlement.wallets import wallet


@strawberry.type(description="What the present month will have cost, at the rate of the last seven charged days.")
class Forecast:
    """A forecast."""

    value: strawberry.Private[ForecastValue]
    account: strawberry.Private[AccountRow]

    @strawberry.field(description="The month, as YYYY-MM.")
    def month(self) -> str:
        return self.value.month

    @strawberry.field(description="What is charged for its days so far.")
    def month_to_date(self) -> Money:
        return money(self.value.month_to_date_minor, self.value.currency)

    @strawberry.field(description="What is expected for all of it.")
    def expected(self) -> Money:
        return money(self.value.expected_minor, self.value.currency)

    @strawberry.field(description="What a day costs at present.")
    def daily(self) -> Money:
        return money(self.value.daily_minor, self.value.currency)

    @strawberry.field(
        description="For how many whole days the prepaid balance lasts; null where it is not prepaid or costs nothing."
    )
    async def balance_lasts_days(self, info: Info) -> int | None:
        balance = await wallet(info.context.host, self.account, paying=True)
        return self.value.lasts_days(balance.available.minor) if balance else None


@strawberry.type(description="What an account means to spend in a calendar month.")
class Budget:
    """A budget."""

    record: strawberry.Private[BudgetRow]

    @strawberry.field(description="The amount.")
    def amount(self) -> Money:
        return money(self.record.amount_minor, self.record.currency)

    @strawberry.field(description="The percents of it that are told of, when charged and when forecast.")
    def thresholds(self) -> list[int]:
        return self.record.thresholds


@strawberry.type(description="A warning before the prepaid balance is used up.")
class BalanceAlert:
    """An alert."""

    record: strawberry.Private[BalanceAlertRow]

    @strawberry.field(description="Warn when the balance lasts fewer than this many days.")
    def days(self) -> int:
        return self.record.days

    @strawberry.field(description="Whether it is low now.")
    def low(self) -> bool:
        return self.record.low


@strawberry.type(description="The budget is set.")
class SetBudgetSuccess:
    """Success."""

    budget: Budget = strawberry.field(description="The budget.")


@strawberry.type(description="The alert is set.")
class SetBalanceAlertSuccess:
    """Success."""

    balance_alert: BalanceAlert = strawberry.field(description="The alert.")


@strawberry.type(description="There is no budget any more.")
class RemoveBudgetSuccess:
    """Success."""

    account: LazyAccount = strawberry.field(description="The account.")


@strawberry.type(description="There is no low-balance alert any more.")
class RemoveBalanceAlertSuccess:
    """Success."""

    account: LazyAccount = strawberry.field(description="The account.")


@strawberry.type
class AlertMutations:
    """Budgets and alerts."""

    @mutation(
        description="Be told, by the event budget.threshold_reached, e-mail and webhook, when a month's charges "
        "or their forecast reach percents of an amount; each once a month.",
        rerun=True,
    )
    async def set_budget(
        self,
        info: Info,
        account_id: AccountID,
        amount: Annotated[Decimal, strawberry.argument(description="The month's budget, such as 3000.00.")],
        thresholds: Annotated[list[int], strawberry.argument(description="Percents of it, such as [50, 80, 100].")],
        currency: Annotated[
            str, strawberry.argument(description="One that the account may be charged in, ISO 4217.")
        ] = "CNY",
    ) -> SetBudgetSuccess:
        account, actor = await info.context.member(decode_id(account_id, "Account", "accountId"))
        minor = minor_units(amount, "amount")
        return SetBudgetSuccess(budget=Budget(record=await set_budget(account, minor, currency, thresholds, actor)))

    @mutation(
        description="Be told, by the event balance.low, e-mail and webhook, when the prepaid balance will be used up "
        "within so many days at the present rate.",
        rerun=True,
    )
    async def set_balance_alert(
        self,
        info: Info,
        account_id: AccountID,
        days: Annotated[int, strawberry.argument(description="1 to 365.")],
    ) -> SetBalanceAlertSuccess:
        account, actor = await info.context.member(decode_id(account_id, "Account", "accountId"))
        alert = await set_balance_alert(account, days, actor)
        return SetBalanceAlertSuccess(balance_alert=BalanceAlert(record=alert))

    @mutation(description="Remove the budget: be told of it no more.", rerun=True)
    async def remove_budget(self, info: Info, account_id: AccountID) -> RemoveBudgetSuccess:
        account, actor = await info.context.member(decode_id(account_id, "Account", "accountId"))
        await remove_budget(account, actor)
        return RemoveBudgetSuccess(account=shown_account(account))

    @mutation(description="Remove the low-balance alert.", rerun=True)
    async def remove_balance_alert(self, info: Info, account_id: AccountID) -> RemoveBalanceAlertSuccess:
        account, actor = await info.context.member(decode_id(account_id, "Account", "accountId"))
        await remove_balance_alert(account, actor)
        return RemoveBalanceAlertSuccess(account=shown_account(account))
