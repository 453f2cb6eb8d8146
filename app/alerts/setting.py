"""Budgets, usage alerts and low-balance alerts are set and removed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app import clock
from app.accounts.models import Account
from app.alerts.models import BalanceAlert, Budget, BudgetPeriod, UsageAlert
from app.catalog.queries import aggregations, currencies
from app.errors import InvalidInput
from app.events.recording import Actor, record
from app.inputs import above_zero, between
from app.upgrades.queries import billing_zone
from app.usage.checks import MOST_VALUE, known_meter

MOST_THRESHOLDS = 10


@dataclass(frozen=True)
class BudgetTerms:
    """What an account means to spend; the words are those of ``Budget``."""

    amount_minor: int
    currency: str
    thresholds: Sequence[int]
    period: BudgetPeriod = BudgetPeriod.MONTH
    meter: str = ""


async def set_budget(account: Account, terms: BudgetTerms, actor: Actor) -> Budget:
    """Warn when what a period costs, or a month's forecast, reaches these percents of an amount.

    Of another amount than before it warns from the present period on, also where it warned of that one.

    Raises:
        InvalidInput: the amount is not positive, nothing is charged in that currency, there is no such meter, or not 1
            to 10 different percents from 1 to 1000.
    """
    above_zero(terms.amount_minor)
    charged_in = await currencies(account.id)
    if terms.currency not in charged_in:
        raise InvalidInput(
            reason_en=f"currency must be one that the account may be charged in: {', '.join(charged_in)}",
            reason_zh=f"currency 必须是账户的计费币种：{', '.join(charged_in)}",
            path=("currency",),
        )
    if terms.meter:
        known_meter(await aggregations([terms.meter]), terms.meter)
    chosen = _thresholds(terms.thresholds, 1000)
    budget = await Budget.get_or_none(account_id=account.id, period=terms.period, meter=terms.meter) or Budget(
        account_id=account.id, period=terms.period, meter=terms.meter
    )
    if (budget.amount_minor, budget.currency) != (terms.amount_minor, terms.currency):
        budget.set_on = clock.local_day(account.now(), await billing_zone(account.id))
    budget.amount_minor, budget.currency, budget.thresholds = terms.amount_minor, terms.currency, chosen
    await budget.save()
    after = {"amountMinor": terms.amount_minor, "thresholds": chosen, **_about(terms.period, terms.meter)}
    await record(account.id, account.now(), "budget.set", actor, after=after)
    return budget


async def remove_budget(account: Account, period: BudgetPeriod, meter: str, actor: Actor) -> None:
    """Warn of this budget no more; without one, nothing changes."""
    if await Budget.filter(account_id=account.id, period=period, meter=meter).delete():
        await record(account.id, account.now(), "budget.removed", actor, after=_about(period, meter))


async def set_usage_alert(account: Account, meter: str, thresholds: Sequence[int], actor: Actor) -> UsageAlert:
    """Warn when a billing day's quantity of a meter reaches one of these numbers.

    Raises:
        InvalidInput: there is no such meter, or not 1 to 10 different numbers from 1 to 10^12.
    """
    known_meter(await aggregations([meter]), meter)
    chosen = _thresholds(thresholds, MOST_VALUE)
    today = clock.local_day(account.now(), await billing_zone(account.id))
    alert = await UsageAlert.get_or_none(account_id=account.id, meter=meter) or UsageAlert(
        account_id=account.id, meter=meter, set_on=today
    )
    alert.thresholds = chosen
    await alert.save()
    after = {"meter": meter, "thresholds": chosen}
    await record(account.id, account.now(), "usage_alert.set", actor, after=after)
    return alert


async def remove_usage_alert(account: Account, meter: str, actor: Actor) -> None:
    """Warn of a meter's days no more; without an alert, nothing changes."""
    if await UsageAlert.filter(account_id=account.id, meter=meter).delete():
        await record(account.id, account.now(), "usage_alert.removed", actor, after={"meter": meter})


def _thresholds(given: Sequence[int], most: int) -> list[int]:
    chosen = sorted(set(given))
    if not 0 < len(chosen) <= MOST_THRESHOLDS or not all(0 < one <= most for one in chosen):
        raise InvalidInput(
            reason_en=f"thresholds must be 1 to {MOST_THRESHOLDS} whole numbers from 1 to {most}",
            reason_zh=f"thresholds 须为 1 到 {MOST_THRESHOLDS} 个整数，每个在 1 到 {most} 之间",
            path=("thresholds",),
        )
    return chosen


def _about(period: BudgetPeriod, meter: str) -> dict[str, str | None]:
    return {"budgetPeriod": period, "meter": meter or None}


async def remove_balance_alert(account: Account, actor: Actor) -> None:
    """Warn of no low balance any more; without an alert, nothing changes."""
    if await BalanceAlert.filter(account_id=account.id).delete():
        await record(account.id, account.now(), "balance_alert.removed", actor)


async def set_balance_alert(account: Account, days: int, actor: Actor) -> BalanceAlert:
    """Warn when the prepaid balance lasts fewer than this many days.

    Raises:
        InvalidInput: not 1 to 365 days.
    """
    between(days, 1, 365, "days")
    alert, _ = await BalanceAlert.update_or_create(defaults={"days": days}, account_id=account.id)
    await record(account.id, account.now(), "balance_alert.set", actor, after={"days": days})
    return alert
