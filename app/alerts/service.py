"""Budgets and low balances: set by customers, watched by the worker, told of as events."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from tortoise.connection import get_connection
from uuid_utils.compat import uuid7

from app.accounts.models import Account
from app.accounts.queries import lock_account
from app.alerts.forecast import Forecast, forecast
from app.alerts.models import BalanceAlert, Budget
from app.db.locking import own_transaction
from app.editions.service import currencies
from app.errors import ChannelUnavailable, InvalidInput
from app.events.recording import SYSTEM, Actor, record
from app.jobs.service import due
from app.settlement.host import ChannelHost
from app.settlement.wallets import wallet

EVERY = timedelta(minutes=1)
MOST_THRESHOLDS = 10
WARN_SQL = """
INSERT INTO warned (id, account_id, month, threshold, forecast) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT DO NOTHING RETURNING id
"""


async def set_budget(
    account: Account, amount_minor: int, currency: str, thresholds: Sequence[int], actor: Actor
) -> Budget:
    """Warn when a month's charges, or their forecast, reach these percents of an amount.

    Raises:
        InvalidInput: the amount is not positive, nothing is charged in that currency, or not 1 to 10 different percents
            from 1 to 1000.
    """
    if amount_minor <= 0:
        raise InvalidInput(reason_en="amount must be greater than 0", reason_zh="amount 必须大于 0", path=("amount",))
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
    values = {"amount_minor": amount_minor, "currency": currency, "thresholds": chosen}
    budget, _ = await Budget.update_or_create(defaults=values, account_id=account.id)
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
    if not 1 <= days <= 365:
        raise InvalidInput(reason_en="days must be 1 to 365", reason_zh="days 须在 1 到 365 之间", path=("days",))
    alert, _ = await BalanceAlert.update_or_create(defaults={"days": days}, account_id=account.id)
    await record(account.id, account.now(), "balance_alert.set", actor, after={"days": days})
    return alert


async def review_alerts(host: ChannelHost) -> None:
    """Tell of the budgets and balances that came to a threshold, each once; a minute own_transaction, by one worker."""
    if not await due("alerts", EVERY):
        return
    for budget in await Budget.all():
        async with own_transaction(budget.account_id):
            account = await lock_account(budget.account_id)
            found = await forecast(account)
            if found is not None and found.currency == budget.currency:
                await _review_budget(account, budget, found)
    for alert in await BalanceAlert.all():
        async with own_transaction(alert.account_id):
            await _review_balance(host, await lock_account(alert.account_id), alert)


async def _review_budget(account: Account, budget: Budget, found: Forecast) -> None:
    for spent, by_forecast in ((found.month_to_date_minor, False), (found.expected_minor, True)):
        for threshold in budget.thresholds:
            reached = spent * 100 >= budget.amount_minor * threshold
            if reached and await _first_time(account.id, found.month, threshold, by_forecast):
                await record(
                    account.id,
                    account.now(),
                    "budget.threshold_reached",
                    SYSTEM,
                    after={
                        "month": found.month,
                        "thresholdPercent": threshold,
                        "forecast": by_forecast,
                        "spentMinor": spent,
                        "budgetMinor": budget.amount_minor,
                        "currency": budget.currency,
                    },
                )


async def _first_time(account_id: UUID, month: str, threshold: int, by_forecast: bool) -> bool:
    values = [uuid7(), account_id, month, threshold, by_forecast]
    return bool(await get_connection("default").execute_query_dict(WARN_SQL, values))


async def _review_balance(host: ChannelHost, account: Account, alert: BalanceAlert) -> None:
    try:
        balance = await wallet(host, account, paying=True)
    except ChannelUnavailable:
        return
    found = await forecast(account)
    lasts = found.lasts_days(balance.available.minor) if found and balance else None
    low = lasts is not None and lasts < alert.days
    if low != alert.low:
        alert.low = low
        await alert.save(update_fields=["low"])
        if low and balance:
            after = {
                "lastsDays": lasts,
                "balanceMinor": balance.available.minor,
                "currency": balance.available.currency,
            }
            await record(account.id, account.now(), "balance.low", SYSTEM, after=after)
