"""What a month will have cost, and how long a balance lasts, at the rate of the last days."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from app import clock
from app.accounts.models import Account
from app.billing.models import Charge
from app.billing.queries import newest_charge, spent
from app.catalog.queries import plan_with_key
from app.upgrades.queries import billing_zone

RATE_DAYS = 7


@dataclass(frozen=True)
class Forecast:
    """A month in minor units of ``currency``: charged so far, expected by its end, and the mean of the last days."""

    month: str
    currency: str
    month_to_date_minor: int
    expected_minor: int
    daily_minor: int

    def lasts_days(self, balance_minor: int) -> int | None:
        """For how many whole days a balance lasts; ``None`` where nothing is spent."""
        return lasts_days(balance_minor, self.daily_minor)


def lasts_days(balance_minor: int, daily_minor: int) -> int | None:
    """For how many whole days a balance lasts that pays so much a day; ``None`` where nothing is spent."""
    return max(balance_minor, 0) // daily_minor if daily_minor > 0 else None


def expected(spent_minor: int, daily_minor: int, last_charged: date | None, month: date) -> int:
    """What the month of ``month`` will have cost: what is charged, and the daily mean for each day not charged yet."""
    length = monthrange(month.year, month.month)[1]
    charged = last_charged.day if last_charged and last_charged >= month.replace(day=1) else 0
    return spent_minor + daily_minor * (length - charged)


async def forecast(
    account: Account, currency: str | None = None, plans: Sequence[UUID] | None = None
) -> Forecast | None:
    """The forecast of the account's present month in a currency, by default that of the newest charge, for all that it
    is charged, or for what was used by these price plans alone; ``None`` before the first charge. Days of an edition
    that the account has no more say nothing of those to come."""
    last = await newest_charge(account.id, currency, plans)
    if last is None:
        return None
    today = clock.local_day(account.now(), await billing_zone(account.id))
    begin = today.replace(day=1)
    found = await spent(account.id, last.currency, begin, clock.next_month(today), last.day, RATE_DAYS, plans)
    live = last.day >= today - timedelta(days=RATE_DAYS) and await _has_edition_of(account, last)
    daily = -(-found.recent_minor // found.days) if found.days and live else 0
    by_end = expected(found.month_minor, daily, last.day, today)
    return Forecast(f"{today:%Y-%m}", last.currency, found.month_minor, by_end, daily)


async def _has_edition_of(account: Account, charge: Charge) -> bool:
    plan = await plan_with_key(charge.plan_id)
    return plan is not None and plan.edition == account.edition
