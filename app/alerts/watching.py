"""Watching budgets and balances: the worker records when one came to a threshold."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from uuid_utils.compat import uuid7

from app.accounts.models import Account
from app.accounts.queries import lock_account
from app.alerts.forecast import forecast
from app.alerts.models import BalanceAlert, Budget
from app.billing.queries import spent_by_month
from app.constants import REPORTABLE
from app.db.locking import own_transaction
from app.db.sql import statement
from app.errors import ChannelUnavailable
from app.events.recording import SYSTEM, record
from app.jobs.scheduling import due
from app.settlement.host import ChannelHost
from app.settlement.wallets import wallet

WARN = statement(__file__, "warn")
EVERY = timedelta(minutes=1)


async def check_alerts(host: ChannelHost, sandboxes: bool | None = None) -> None:
    """Record the budgets and balances that came to a threshold, each once; once a minute, by one worker. Of sandbox
    accounts alone, or, if ``sandboxes`` is false, of the others."""
    if not await due(f"alerts, {sandboxes=}", EVERY):
        return
    lane = {} if sandboxes is None else {"account__sandbox": sandboxes}
    for budget in await Budget.filter(**lane):
        async with own_transaction(budget.account_id):
            await _check_budget(await lock_account(budget.account_id), budget)
    for alert in await BalanceAlert.filter(**lane):
        async with own_transaction(alert.account_id):
            await _check_balance(host, await lock_account(alert.account_id), alert)


async def _check_budget(account: Account, budget: Budget) -> None:
    """A month counts from the one in which the budget was set, and until the last usage that may come late for it."""
    found = await forecast(account, budget.currency)
    if found is None:
        return
    since = max(budget.set_on, (account.now() - REPORTABLE).date()).replace(day=1)
    charged = await spent_by_month(account.id, budget.currency, since)
    for month, spent, by_forecast in (
        *((month, minor, False) for month, minor in charged.items()),
        (found.month, found.expected_minor, True),
    ):
        for threshold in budget.thresholds:
            reached = spent * 100 >= budget.amount_minor * threshold
            if reached and await _first_time(account.id, month, threshold, by_forecast):
                await record(
                    account.id,
                    account.now(),
                    "budget.threshold_reached",
                    SYSTEM,
                    after={
                        "month": month,
                        "thresholdPercent": threshold,
                        "forecast": by_forecast,
                        "spentMinor": spent,
                        "budgetMinor": budget.amount_minor,
                        "currency": budget.currency,
                    },
                )


async def _first_time(account_id: UUID, month: str, threshold: int, by_forecast: bool) -> bool:
    values = [uuid7(), account_id, month, threshold, by_forecast]
    return bool(await WARN.rows(*values))


async def _check_balance(host: ChannelHost, account: Account, alert: BalanceAlert) -> None:
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
