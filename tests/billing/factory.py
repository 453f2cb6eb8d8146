"""Accounts that are billed already, made straight in the database where a test needs many."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from tortoise.connection import get_connection

from app import clock
from app.accounts.models import Account
from app.catalog.keys import EditionKey
from app.catalog.models import Aggregation, Edition, Meter, PricePlan
from app.catalog.publishing import publish_edition
from app.catalog.queries import edition_at
from app.catalog.terms import EDITION, EDITION_OPTIONS
from app.deployments.models import Deployment
from app.settlement.models import BindingState, ChannelBinding
from app.upgrades.models import Upgrade, UpgradeState
from app.usage.checks import HourlyReport
from app.usage.reporting import report_usage

LONG_AGO = datetime(2021, 1, 1, tzinfo=UTC)


async def plan_of(version: int, aggregation: Aggregation = Aggregation.LARGEST_HOUR, **price: Any) -> PricePlan:
    """A price plan, of a meter of its own where the aggregation is not that of DataKits."""
    key = "datakit" if aggregation == Aggregation.LARGEST_HOUR else f"test_{aggregation.lower()}"
    await meter_of(key, aggregation)
    unit_price = 0 if price.get("tiers") else 500
    values = {
        "unit_price_minor": unit_price,
        "currency": "CNY",
        "minimum_quantity": 0,
        "time_zone": "Asia/Shanghai",
        **price,
    }
    return await PricePlan.create(
        edition=EditionKey.PAY_AS_YOU_GO,
        version=version,
        meter=key,
        free_period_seconds=7 * 86_400,
        valid_from=LONG_AGO,
        **values,
    )


async def meter_of(key: str, aggregation: Aggregation) -> Meter:
    """A meter that is known for long."""
    values = {"aggregation": aggregation, "name": {"zh": key, "en": key}, "unit": "unit", "valid_from": LONG_AGO}
    meter, _ = await Meter.get_or_create(key=key, defaults=values)
    return meter


async def edition_with(key: EditionKey, **changed: Any) -> Edition:
    """Another version of an edition, in force from now on."""
    newest = await edition_at(key, clock.now())
    return await publish_edition(
        key, {name: getattr(newest, name) for name in EDITION | EDITION_OPTIONS} | changed, by="tests"
    )


async def billed_account(first_day: date, plan: PricePlan | None = None, sandbox: bool = False) -> Deployment:
    """The deployment of a new account that is billed from ``first_day`` on, paid by the enterprise account."""
    plan = plan or await PricePlan.get(version=1)
    now = clock.now()
    account = await Account.create(name="Acme", edition=EditionKey.PAY_AS_YOU_GO, sandbox=sandbox, created_at=now)
    await Upgrade.create(
        account=account,
        edition=EditionKey.PAY_AS_YOU_GO,
        plan=plan,
        state=UpgradeState.ACTIVE,
        chosen_at=now,
        upgraded_at=now,
        first_billed_day=first_day,
    )
    await ChannelBinding.create(
        account=account,
        channel="guance",
        state=BindingState.BOUND,
        configuration={},
        created_at=now,
        bound_at=now,
    )
    return await Deployment.create(
        account=account,
        fingerprint=f"deployment-{account.id}",
        data_gateway_url="https://gateway.example.com?token={}",
        created_at=now,
        last_seen_at=now,
    )


async def report(deployment: Deployment, hour: datetime, count: int, prefix: str = "dk") -> None:
    """``count`` DataKits reported in an hour."""
    await report_hours(deployment, HourlyReport(hour, [f"{prefix}-{n}" for n in range(count)]))


async def report_hours(deployment: Deployment, *reports: HourlyReport) -> None:
    """A deployment reported these hours."""
    await report_usage(await Account.get(id=deployment.account_id), deployment, reports)


async def figures(account_id: UUID) -> list[tuple[Any, ...]]:
    """An account's charges: day, sequence, quantity, billed, units, amount, and how many entries, orders and events."""
    rows = await get_connection("default").execute_query_dict(
        "SELECT c.day, c.sequence, c.quantity, c.billed_quantity, c.units, c.amount_minor, "
        "(SELECT count(*) FROM journal_transaction t JOIN journal_entry e ON e.transaction_id = t.id "
        " WHERE t.reference = c.id AND abs(e.amount_minor) = abs(c.amount_minor)) AS entries, "
        "(SELECT count(*) FROM settlement s WHERE s.charge_id = c.id AND s.state = 'PENDING') AS orders, "
        "(SELECT count(*) FROM event v WHERE v.account_id = c.account_id AND v.type = 'charge.raised' "
        " AND v.after ->> 'charge' = c.id::text) AS events "
        "FROM charge c WHERE c.account_id = $1 ORDER BY c.day, c.sequence",
        [account_id],
    )
    return [tuple(row.values()) for row in rows]


def hour_of(day: date, hour: int) -> datetime:
    """An hour of a day in Shanghai."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(hours=hour - 8)
