"""Closing billing days: one charge for each, and adjustments for usage that came late."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from tortoise.connection import get_connection
from tortoise.functions import Sum
from tortoise.transactions import in_transaction

from app import clock
from app.accounts.models import Account
from app.accounts.service import lock_account
from app.billing import ledger
from app.billing.models import BillingDay, Charge, ChargeKind
from app.billing.rating import rate_day
from app.editions.keys import UpgradeState
from app.editions.models import PricePlan, Upgrade
from app.editions.service import current_upgrade, lapse_if_due
from app.events.service import SYSTEM, record
from app.settlement.outbox import enqueue
from app.usage.service import day_count

log = logging.getLogger(__name__)
DUE_SQL = """
SELECT a.id FROM account a JOIN upgrade u ON u.account_id = a.id JOIN price_plan p ON p.id = u.plan_id
CROSS JOIN LATERAL (SELECT $1::timestamptz + make_interval(secs => a.clock_offset_seconds) AS now) c
WHERE (u.state = 'FREE_PERIOD' AND u.free_period_ends_at <= c.now)
   OR (u.state = 'ACTIVE' AND coalesce(u.billed_through + 1, u.first_billed_day)
       < ((c.now - make_interval(secs => CASE WHEN a.sandbox THEN 0 ELSE $2::int END)) AT TIME ZONE p.time_zone)::date)
UNION
SELECT d.account_id FROM billing_day d JOIN upgrade u ON u.account_id = d.account_id AND u.state = 'ACTIVE'
JOIN price_plan p ON p.id = u.plan_id
JOIN usage_hour h ON h.account_id = d.account_id AND h.revision > d.usage_revision
    AND h.hour >= d.day::timestamp AT TIME ZONE p.time_zone
    AND h.hour < (d.day + 1)::timestamp AT TIME ZONE p.time_zone
"""

LATE_SQL = """
SELECT d.day FROM billing_day d
WHERE d.account_id = $1 AND EXISTS (
    SELECT FROM usage_hour h WHERE h.account_id = d.account_id AND h.revision > d.usage_revision
    AND h.hour >= d.day::timestamp AT TIME ZONE $2 AND h.hour < (d.day + 1)::timestamp AT TIME ZONE $2)
ORDER BY d.day
"""


@dataclass(frozen=True)
class CloseSummary:
    """What one run of the day close did; ``failed`` accounts are as they were, and the log says why."""

    accounts: int
    charges: int
    failed: int = 0


async def close_due(until: date | None = None, delay_seconds: int = 0) -> CloseSummary:
    """Bring every account up to date, each in a transaction of its own, so that a crash loses at most the account
    in hand, which the next run takes up again.

    ``until`` (inclusive) limits the days that are closed; ``delay_seconds`` leaves production accounts that long after
    midnight for the last hour's reports.
    """
    due = await get_connection("default").execute_query_dict(DUE_SQL, [clock.now(), delay_seconds])
    raised = 0
    failed = 0
    for row in due:
        try:
            async with in_transaction():
                account = await lock_account(row["id"])
                wait = timedelta(0) if account.sandbox else timedelta(seconds=delay_seconds)
                charges = await catch_up(account, account.now() - wait, until)
        except Exception:
            log.exception("account %s could not be brought up to date; the others go on", row["id"])
            failed += 1
        else:
            raised += len(charges)
    return CloseSummary(accounts=len(due), charges=raised, failed=failed)


async def catch_up(account: Account, now: datetime, until: date | None = None) -> list[Charge]:
    """Do what is due for a locked account at ``now``: end a free period, close days that ended, adjust late ones."""
    await lapse_if_due(account, now)
    upgrade = await current_upgrade(account.id)
    if upgrade is None or upgrade.state != UpgradeState.ACTIVE or upgrade.first_billed_day is None:
        return []
    zone = upgrade.plan.time_zone
    raised = [charge for day in await _late_days(account.id, zone) if (charge := await _adjust(account, day, zone))]
    day = upgrade.billed_through + timedelta(days=1) if upgrade.billed_through else upgrade.first_billed_day
    last = clock.local_day(now, zone) - timedelta(days=1)
    while day <= (min(last, until) if until else last):
        raised.append(await _close(account, upgrade, day))
        day += timedelta(days=1)
    return raised


async def _close(account: Account, upgrade: Upgrade, day: date) -> Charge:
    plan = upgrade.plan
    quantity, revision = await day_count(account.id, day, plan.time_zone)
    await BillingDay.create(
        account_id=account.id, day=day, quantity=quantity, usage_revision=revision, closed_at=account.now()
    )
    upgrade.billed_through = day
    await upgrade.save(update_fields=["billed_through"])
    rated = rate_day(quantity, plan.unit_price_minor, plan.minimum_quantity)
    billed = rated.billed_quantity
    return await _raise(account, plan, ChargeKind.DAILY, day, 0, quantity, billed, billed, rated.amount_minor)


async def _adjust(account: Account, day: date, zone: str) -> Charge | None:
    closed = await BillingDay.get(account_id=account.id, day=day)
    quantity, revision = await day_count(account.id, day, zone)
    closed.quantity, closed.usage_revision = quantity, revision
    await closed.save(update_fields=["quantity", "usage_revision"])
    first = await Charge.get(account_id=account.id, day=day, sequence=0).select_related("plan")
    rated = rate_day(quantity, first.plan.unit_price_minor, first.plan.minimum_quantity)
    earlier = Charge.filter(account_id=account.id, day=day)
    sums = earlier.annotate(amount_sum=Sum("amount_minor"), units_sum=Sum("units"))
    ((charged, units),) = await sums.values_list("amount_sum", "units_sum")
    difference = rated.amount_minor - int(charged)
    if difference == 0:
        return None
    return await _raise(
        account,
        first.plan,
        ChargeKind.ADJUSTMENT,
        day,
        await earlier.count(),
        quantity,
        rated.billed_quantity,
        rated.billed_quantity - int(units),
        difference,
    )


async def _raise(
    account: Account,
    plan: PricePlan,
    kind: ChargeKind,
    day: date,
    sequence: int,
    quantity: int,
    billed_quantity: int,
    units: int,
    amount_minor: int,
) -> Charge:
    charge = await Charge.create(
        account_id=account.id,
        plan=plan,
        kind=kind,
        day=day,
        sequence=sequence,
        quantity=quantity,
        billed_quantity=billed_quantity,
        units=units,
        amount_minor=amount_minor,
        currency=plan.currency,
        raised_at=account.now(),
    )
    await ledger.charge_raised(charge)
    await enqueue(charge)
    await record(
        account,
        "charge.raised",
        SYSTEM,
        after={
            "charge": str(charge.id),
            "day": day.isoformat(),
            "amountMinor": amount_minor,
            "currency": plan.currency,
        },
    )
    return charge


async def _late_days(account_id: UUID, zone: str) -> list[date]:
    rows = await get_connection("default").execute_query_dict(LATE_SQL, [account_id, zone])
    return [row["day"] for row in rows]
