"""Budgets and low-balance alerts are set and removed."""

from __future__ import annotations

from collections.abc import Sequence

from app import clock
from app.accounts.models import Account
from app.alerts.models import BalanceAlert, Budget
from app.catalog.queries import currencies
from app.errors import InvalidInput
from app.events.recording import Actor, record
from app.inputs import above_zero, between
from app.upgrades.queries import billing_zone

MOST_THRESHOLDS = 10


async def set_budget(
    account: Account, amount_minor: int, currency: str, thresholds: Sequence[int], actor: Actor
) -> Budget:
    """Warn when a month's charges, or their forecast, reach these percents of an amount.

    Raises:
        InvalidInput: the amount is not positive, nothing is charged in that currency, or not 1 to 10 different percents
            from 1 to 1000.
    """
    above_zero(amount_minor)
    charged_in = await currencies(account.id)
    if currency not in charged_in:
        raise InvalidInput(
            reason_en=f"currency must be one that the account may be charged in: {', '.join(charged_in)}",
            reason_zh=f"currency 必须是账户的计费币种:{', '.join(charged_in)}",
            path=("currency",),
        )
    chosen = sorted(set(thresholds))
    if not 0 < len(chosen) <= MOST_THRESHOLDS or not all(0 < percent <= 1000 for percent in chosen):
        raise InvalidInput(
            reason_en="thresholds must be 1 to 10 percents from 1 to 1000",
            reason_zh="thresholds 须为 1 到 10 个百分比,每个在 1 到 1000 之间",
            path=("thresholds",),
        )
    budget = await Budget.get_or_none(account_id=account.id) or Budget(
        account_id=account.id, set_on=clock.local_day(account.now(), await billing_zone(account.id))
    )
    budget.amount_minor, budget.currency, budget.thresholds = amount_minor, currency, chosen
    await budget.save()
    await record(
        account.id, account.now(), "budget.set", actor, after={"amountMinor": amount_minor, "thresholds": chosen}
    )
    return budget


async def remove_budget(account: Account, actor: Actor) -> None:
    """Warn of no budget any more; without one, nothing changes."""
    if await Budget.filter(account_id=account.id).delete():
        await record(account.id, account.now(), "budget.removed", actor)


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
