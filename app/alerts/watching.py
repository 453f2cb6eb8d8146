"""Watching budgets, usage and balances: the worker records when one came to a threshold."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from uuid_utils.compat import uuid7

from app import clock
from app.accounts.models import Account
from app.accounts.queries import lock_account
from app.alerts.forecast import forecast, lasts_days
from app.alerts.models import BalanceAlert, Budget, BudgetPeriod, UsageAlert
from app.billing.queries import spent_by_day
from app.catalog.queries import plans_of_meter
from app.constants import REPORTABLE
from app.db.locking import own_transaction
from app.db.sql import statement
from app.errors import ChannelUnavailable
from app.events.recording import SYSTEM, record
from app.jobs.scheduling import due
from app.settlement.host import ChannelHost
from app.settlement.sharing import members_of, payers
from app.settlement.wallets import wallet
from app.upgrades.queries import billing_zone
from app.usage.queries import day_quantities

WARN = statement(__file__, "warn")
EVERY = timedelta(minutes=1)


async def check_alerts(host: ChannelHost, sandboxes: bool | None = None) -> None:
    """Record the budgets, days of usage and balances that came to a threshold, each once; once a minute, by one worker.
    Of sandbox accounts alone, or, if ``sandboxes`` is false, of the others."""
    if not await due(f"alerts, {sandboxes=}", EVERY):
        return
    lane = {} if sandboxes is None else {"account__sandbox": sandboxes}
    for budget in await Budget.filter(**lane):
        async with own_transaction(budget.account_id):
            await _check_budget(await lock_account(budget.account_id), budget)
    for watched in await UsageAlert.filter(**lane):
        async with own_transaction(watched.account_id):
            await _check_usage(await lock_account(watched.account_id), watched)
    for alert in await BalanceAlert.filter(**lane):
        async with own_transaction(alert.account_id):
            await _check_balance(host, await lock_account(alert.account_id), alert)


async def _check_budget(account: Account, budget: Budget) -> None:
    """A period counts from the one in which the budget was set, and until the last usage that may come late for it."""
    plans = await plans_of_meter(budget.meter, account.id) if budget.meter else None
    found = await forecast(account, budget.currency, plans)
    if found is None:
        return
    first = clock.local_day(account.now() - REPORTABLE, await billing_zone(account.id))
    since = max(budget.set_on, first)
    since = since.replace(day=1) if budget.period == BudgetPeriod.MONTH else since
    charged: Counter[str] = Counter()
    for day, minor in (await spent_by_day(account.id, budget.currency, since, plans)).items():
        charged[budget.period.of(day)] += minor
    about = f"budget {budget.meter} of {budget.amount_minor} {budget.currency}"
    reckoned = [(period, minor, False) for period, minor in charged.items()]
    if budget.period == BudgetPeriod.MONTH:
        reckoned.append((found.month, found.expected_minor, True))
    for period, spent, by_forecast in reckoned:
        for threshold in budget.thresholds:
            reached = spent * 100 >= budget.amount_minor * threshold
            if reached and await _first_time(account, about, period, threshold, by_forecast):
                await record(
                    account.id,
                    account.now(),
                    "budget.threshold_reached",
                    SYSTEM,
                    after={
                        "period": period,
                        "meter": budget.meter or None,
                        "thresholdPercent": threshold,
                        "forecast": by_forecast,
                        "spentMinor": spent,
                        "budgetMinor": budget.amount_minor,
                        "currency": budget.currency,
                    },
                )


async def _check_usage(account: Account, alert: UsageAlert) -> None:
    """The billing day that runs, and the one before, of which the last hours are reported after its end."""
    zone = await billing_zone(account.id)
    today = clock.local_day(account.now(), zone)
    first = max(today - timedelta(days=1), alert.set_on)
    for day, quantity in (await day_quantities(account.id, alert.meter, first, today, zone)).items():
        for threshold in alert.thresholds:
            if quantity >= threshold and await _first_time(account, f"usage {alert.meter}", f"{day}", threshold):
                after = {"meter": alert.meter, "day": f"{day}", "quantity": quantity, "threshold": threshold}
                await record(account.id, account.now(), "usage.threshold_reached", SYSTEM, after=after)


async def _first_time(account: Account, about: str, period: str, threshold: int, by_forecast: bool = False) -> bool:
    return bool(await WARN.rows(uuid7(), account.id, about, period, threshold, by_forecast))


async def _check_balance(host: ChannelHost, account: Account, alert: BalanceAlert) -> None:
    """An account that another's balance pays for has none that could become low; one that pays for others pays for all
    of them."""
    if await payers(account.id):
        return
    try:
        balance = await wallet(host, account, paying=True)
    except ChannelUnavailable:
        return
    paid_for = [account.id, *await members_of(account.id)]
    rates = [await forecast(one) for one in await Account.filter(id__in=paid_for)]
    spending = [rate for rate in rates if rate and balance and rate.currency == balance.available.currency]
    lasts = lasts_days(balance.available.minor, sum(one.daily_minor for one in spending)) if balance else None
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
