"""Usage by hour and by day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from app import clock
from app.catalog.models import DATA_KITS, Meter
from app.db.sql import statement

DAILY_COUNTS = statement(__file__, "daily_counts")
HOURLY_COUNTS = statement(__file__, "hourly_counts")
NEWEST_HOUR = statement(__file__, "newest_hour")
LARGEST_ABOVE = statement(__file__, "largest_above")
HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class HourlyCount:
    """What is known of the hour that begins at ``hour``: how many distinct ids reported in it, or the number."""

    hour: datetime
    count: int


async def hourly_counts(account_id: UUID, since: datetime, until: datetime) -> list[HourlyCount]:
    """The account's quantity of DataKits in each hour of ``[since, until)`` that has any, over all its deployments."""
    rows = await HOURLY_COUNTS.rows(account_id, since, until, DATA_KITS)
    return [HourlyCount(row["hour"], row["count"]) for row in rows]


async def newest_hour(deployment_id: UUID, meter: str, since: datetime) -> HourlyCount | None:
    """The newest hour after ``since`` that a deployment reported of a meter, and its quantity."""
    rows = await NEWEST_HOUR.rows(deployment_id, meter, since)
    return HourlyCount(rows[0]["hour"], rows[0]["quantity"]) if rows else None


@dataclass(frozen=True)
class DayUsage:
    """What a calendar day came to, as its meter aggregates, and its hours."""

    day: date
    count: int
    hours: list[HourlyCount]


async def daily_usage(account_id: UUID, first: date, last: date, zone: str) -> list[DayUsage]:
    """Every day from ``first`` to ``last`` (inclusive) in ``zone``, days without usage included."""
    hours: dict[date, list[HourlyCount]] = {}
    for hour in await hourly_counts(account_id, clock.day_start(first, zone), clock.day_end(last, zone)):
        hours.setdefault(clock.local_day(hour.hour, zone), []).append(hour)
    counts = await day_quantities(account_id, DATA_KITS, first, last, zone)
    return [DayUsage(day, quantity, hours.get(day, [])) for day, quantity in counts.items()]


async def day_quantity(account_id: UUID, meter: str, day: date, zone: str) -> int:
    """What a day in ``zone`` has come to of a meter, as that aggregates."""
    return (await day_quantities(account_id, meter, day, day, zone))[day]


async def day_quantities(account_id: UUID, meter: str, first: date, last: date, zone: str) -> dict[date, int]:
    """What every day from ``first`` to ``last`` (inclusive) in ``zone`` has come to of a meter, as that aggregates."""
    aggregation = (await Meter.get(key=meter)).aggregation
    rows = await DAILY_COUNTS.rows(account_id, first, last, zone, meter, aggregation)
    return {row["day"]: row["quantity"] for row in rows}


@dataclass(frozen=True)
class Limit:
    """How many DataKits a deployment may have in an hour, from an instant on."""

    deployment_id: UUID
    since: datetime
    most: int


async def largest_above(limits: Sequence[Limit]) -> dict[UUID, int]:
    """The largest count of an hour by deployment, of the deployments that are above their limit."""
    rows = await LARGEST_ABOVE.rows(
        [limit.deployment_id for limit in limits],
        [limit.since for limit in limits],
        [limit.most for limit in limits],
        DATA_KITS,
    )
    return {row["deployment_id"]: row["quantity"] for row in rows}
