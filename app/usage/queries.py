"""Usage by hour and by day."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from operator import attrgetter
from typing import Any, NamedTuple
from uuid import UUID

from app import clock
from app.catalog.models import DATA_KITS, Meter
from app.catalog.queries import aggregations, all_meters
from app.constants import DEFAULT_ZONE
from app.db.sql import statement
from app.db.together import grouped
from app.usage.checks import known_meter

DAILY_COUNTS = statement(__file__, "daily_counts")
HOURLY_COUNTS = statement(__file__, "hourly_counts")
NEWEST_HOUR = statement(__file__, "newest_hour")
LARGEST_ABOVE = statement(__file__, "largest_above")
USED_METERS = statement(__file__, "used_meters")
HOUR = timedelta(hours=1)


class HourlyCount(NamedTuple):
    """What is known of the hour that begins at ``hour``: how many distinct ids reported in it, or the number; and the
    ``day`` that it lies on, where it was read for that."""

    hour: datetime
    quantity: int
    day: date | None = None


async def hourly_counts(
    account_id: UUID,
    since: datetime,
    until: datetime,
    meter: str = DATA_KITS,
    deployment_id: UUID | None = None,
    zone: str = DEFAULT_ZONE,
) -> list[HourlyCount]:
    """The account's quantity of a meter in each hour of ``[since, until)`` that has any, over all its deployments, or
    one of them; their days are those in ``zone``."""
    rows: Any = await HOURLY_COUNTS.records(account_id, since, until, meter, deployment_id, zone)
    return list(map(HourlyCount._make, rows))


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


@dataclass(frozen=True)
class MeterDays:
    """What every day came to of a meter."""

    meter: Meter
    days: list[DayUsage]


async def used_meters(
    account_id: UUID,
    first: date,
    last: date,
    zone: str,
    keys: Iterable[str] | None = None,
    deployment_id: UUID | None = None,
) -> list[MeterDays]:
    """The days from ``first`` to ``last`` (inclusive) in ``zone`` of these meters, or of those that were used in them,
    by key: of an account, or of one of its deployments.

    Raises:
        InvalidInput: there is no such meter.
    """
    meters = {meter.key: meter for meter in await all_meters()}
    if keys is None:
        since, until = clock.day_start(first, zone), clock.day_end(last, zone)
        keys = [row["meter"] for row in await USED_METERS.rows(account_id, since, until, deployment_id)]
    found = []
    for key in dict.fromkeys(keys):
        known_meter(meters, key, ("meters",))
        found.append(MeterDays(meters[key], await daily_usage(account_id, first, last, zone, key, deployment_id)))
    return found


async def daily_usage(
    account_id: UUID,
    first: date,
    last: date,
    zone: str,
    meter: str = DATA_KITS,
    deployment_id: UUID | None = None,
) -> list[DayUsage]:
    """Every day from ``first`` to ``last`` (inclusive) in ``zone``, days without usage included."""
    since, until = clock.day_start(first, zone), clock.day_end(last, zone)
    hours = grouped(await hourly_counts(account_id, since, until, meter, deployment_id, zone), attrgetter("day"))
    counts = await day_quantities(account_id, meter, first, last, zone, deployment_id)
    return [DayUsage(day, quantity, hours.get(day, [])) for day, quantity in counts.items()]


async def day_quantity(account_id: UUID, meter: str, day: date, zone: str) -> int:
    """What a day in ``zone`` has come to of a meter, as that aggregates."""
    return (await day_quantities(account_id, meter, day, day, zone))[day]


async def day_quantities(
    account_id: UUID, meter: str, first: date, last: date, zone: str, deployment_id: UUID | None = None
) -> dict[date, int]:
    """What every day from ``first`` to ``last`` (inclusive) in ``zone`` has come to of a meter, as that aggregates."""
    aggregation = (await aggregations([meter])).get(meter) or (await Meter.get(key=meter)).aggregation
    rows = await DAILY_COUNTS.rows(account_id, first, last, zone, meter, aggregation, deployment_id)
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
