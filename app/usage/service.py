"""Taking in what deployments report, and counting it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from tortoise.connection import get_connection

from app import clock
from app.accounts.models import Account
from app.db.connection import driver
from app.errors import InvalidInput, LimitExceeded
from app.licenses.models import Deployment
from app.usage.counting import DATA_KITS
from app.usage.models import Aggregation, Meter

MOST_DATA_KITS = 5_000
LONGEST_ID = 128
MOST_VALUE = 10**12
OLDEST = timedelta(days=93)
HOUR = timedelta(hours=1)

MERGE = """
ON CONFLICT (deployment_id, meter, hour) DO UPDATE SET (ids, quantity) = (
    SELECT array_agg(m.id ORDER BY m.id), greatest(kept.quantity, excluded.quantity, count(*))
    FROM (SELECT DISTINCT id FROM unnest(kept.ids || excluded.ids) AS d(id)) AS m
)
"""
"""How an hour that is known already takes in more: sets are united, and of two numbers the larger one stays."""

REPORT_SQL = f"""
WITH late AS (
    UPDATE billing_day d SET late = true
    FROM (SELECT DISTINCT hour FROM unnest($3::timestamptz[]) AS r(hour)) AS r
    WHERE d.account_id = $1 AND NOT d.late AND d.begins_at <= r.hour AND d.ends_at > r.hour
      AND d.day BETWEEN r.hour::date - 1 AND r.hour::date + 1
)
INSERT INTO usage_hour AS kept (id, account_id, deployment_id, meter, hour, ids, quantity)
SELECT uuid7(), $1, $2, r.meter, r.hour, reported.ids, coalesce(r.value, cardinality(reported.ids))
FROM unnest($3::timestamptz[], $4::text[], $5::int[], $6::int[], $8::bigint[])
    AS r(hour, meter, begin, count, value)
CROSS JOIN LATERAL (
    SELECT array_agg(id ORDER BY id COLLATE "C") AS ids
    FROM unnest(($7::text[])[r.begin : r.begin + r.count - 1]) AS d(id)) AS reported
ORDER BY r.meter, r.hour
{MERGE}
RETURNING meter, hour, quantity
"""  # noqa: S608


@dataclass(frozen=True)
class HourlyReport:
    """What a deployment's meter came to in the hour that begins at ``hour``: ids, or for a meter of numbers a value."""

    hour: datetime
    data_kits: Sequence[str] = ()
    meter: str = DATA_KITS
    value: int | None = None


@dataclass(frozen=True)
class HourlyCount:
    """What is known of the hour that begins at ``hour``: how many distinct ids reported in it, or the number."""

    hour: datetime
    count: int


async def report_usage(account: Account, deployment: Deployment, reports: Sequence[HourlyReport]) -> list[HourlyCount]:
    """Add hourly usage; what was reported before is kept, so order and repetition do not matter.

    ``account`` is to be held (``hold_account``) by the caller, so that no day closes while its usage arrives. A day
    that closed before is marked late here, which adjusts it.

    Raises:
        LimitExceeded: over 5,000 ids and numbers in one call.
        InvalidInput: an hour that is not a whole one, lies in the future, is older than 93 days or named twice;
            an id that is empty, too long, has control characters, or is named twice in its hour; an unknown meter.
    """
    await check_reports(reports, account.now())
    connection = get_connection("default")
    known = await driver().fetch(REPORT_SQL, account.id, deployment.id, *report_arguments(reports))
    await connection.execute_query(
        "UPDATE deployment SET last_seen_at = $1 "
        "WHERE id = $2 AND last_seen_at < $1::timestamptz - interval '1 minute'",
        [account.now(), deployment.id],
    )
    return sorted((HourlyCount(row["hour"], row["quantity"]) for row in known), key=lambda count: count.hour)


def report_arguments(reports: Sequence[HourlyReport]) -> tuple[list[Any], ...]:
    """The parameters of ``REPORT_SQL`` from the third on: the ids one after another, and where each report's begin."""
    ids: list[str] = []
    begins = []
    for report in reports:
        begins.append(len(ids) + 1)
        ids += report.data_kits
    return (
        [report.hour for report in reports],
        [report.meter for report in reports],
        begins,
        [len(report.data_kits) for report in reports],
        ids,
        [report.value for report in reports],
    )


async def check_reports(reports: Sequence[HourlyReport], now: datetime) -> None:
    """Refuse what cannot be held; see ``report_usage`` for what is raised."""
    total = sum(len(report.data_kits) if report.value is None else 1 for report in reports)
    if total > MOST_DATA_KITS:
        raise LimitExceeded(limit=MOST_DATA_KITS, actual=total, path=("reports",))
    if total == 0:
        raise InvalidInput(reason="report at least one DataKit", path=("reports",))
    meters = await aggregations(report.meter for report in reports)
    seen: set[tuple[str, datetime]] = set()
    for index, report in enumerate(reports):
        where = ("reports", str(index))
        check_hour(report.hour, now, (*where, "hour"))
        if (report.meter, report.hour) in seen:
            raise InvalidInput(reason="each hour may be named once in a call", path=(*where, "hour"))
        seen.add((report.meter, report.hour))
        check_meter(meters, report.meter, report.value, bool(report.data_kits), where)
        if len(set(report.data_kits)) != len(report.data_kits):
            raise InvalidInput(
                reason="each DataKit id may be named once in an hour: remove the duplicates", path=(*where, "dataKits")
            )
        for position, data_kit in enumerate(report.data_kits):
            if not is_id(data_kit):
                check_id(data_kit, (*where, "dataKits", str(position)))


async def aggregations(keys: Iterable[str]) -> dict[str, Aggregation]:
    """How each of these meters, as far as they exist, makes a day of its hours."""
    wanted = set(keys)
    if wanted <= {DATA_KITS}:
        return {DATA_KITS: Aggregation.LARGEST_HOUR}
    return {meter.key: Aggregation(meter.aggregation) for meter in await Meter.filter(key__in=wanted)}


def check_hour(hour: datetime, now: datetime, path: tuple[str, ...]) -> None:
    """Refuse an hour that is not whole, lies in the future, or is older than 93 days.

    Raises:
        InvalidInput: it is one of these.
    """
    if hour.tzinfo is None or hour.timestamp() % 3600:
        raise InvalidInput(
            reason="hour must be the start of a whole hour with its offset, such as 2026-01-31T09:00:00+08:00",
            path=path,
        )
    if hour > now:
        raise InvalidInput(reason="hour must not lie in the future", path=path)
    if hour < now - OLDEST:
        raise InvalidInput(reason=f"hour must not be older than {OLDEST.days} days", path=path)


def check_meter(
    meters: dict[str, Aggregation], meter: str, value: int | None, has_ids: bool, path: tuple[str, ...]
) -> None:
    """Refuse an unknown meter, ids for a meter of numbers, and a number for a meter of ids.

    Raises:
        InvalidInput: it is one of these, or the number is negative or above 10^12.
    """
    if meter not in meters:
        raise InvalidInput(reason=f"there is no meter {meter[:40]!r}", path=(*path, "meter"))
    if meters[meter].counts_ids == (value is not None):
        takes = "ids in dataKits, not a value" if meters[meter].counts_ids else "a value, not ids"
        raise InvalidInput(reason=f"the meter {meter} takes {takes}", path=(*path, "value"))
    if value is not None and (has_ids or not 0 <= value <= MOST_VALUE):
        raise InvalidInput(reason=f"value must be 0 to {MOST_VALUE}, without dataKits", path=(*path, "value"))


def is_id(data_kit: str) -> bool:
    """Whether it has 1 to 128 characters, none of them a control character."""
    return 0 < len(data_kit) <= LONGEST_ID and data_kit.isprintable()


def check_id(data_kit: str, path: tuple[str, ...]) -> None:
    """Refuse an id that cannot be one.

    Raises:
        InvalidInput: it is empty, longer than 128 characters, or has control characters.
    """
    if not is_id(data_kit):
        raise InvalidInput(
            reason=f"a DataKit id must have 1 to {LONGEST_ID} characters, none of them a control character", path=path
        )


async def hourly_counts(account_id: UUID, since: datetime, until: datetime) -> list[HourlyCount]:
    """The account's distinct DataKits in each hour of ``[since, until)`` that has any, over all its deployments."""
    rows = await get_connection("default").execute_query_dict(
        "SELECT hour, sum(quantity)::bigint AS count FROM usage_hour "
        "WHERE account_id = $1 AND meter = $4 AND hour >= $2 AND hour < $3 GROUP BY hour ORDER BY hour",
        [account_id, since, until, DATA_KITS],
    )
    return [HourlyCount(row["hour"], row["count"]) for row in rows]


async def newest_hour(deployment_id: UUID, meter: str, since: datetime) -> HourlyCount | None:
    """The newest hour after ``since`` that a deployment reported of a meter, and its quantity."""
    rows = await get_connection("default").execute_query_dict(
        "SELECT hour, quantity FROM usage_hour WHERE deployment_id = $1 AND meter = $2 AND hour > $3 "
        "ORDER BY hour DESC LIMIT 1",
        [deployment_id, meter, since],
    )
    return HourlyCount(rows[0]["hour"], rows[0]["quantity"]) if rows else None


@dataclass(frozen=True)
class DayUsage:
    """A calendar day's count, the largest of its hours, and those hours."""

    day: date
    count: int
    hours: list[HourlyCount]


async def daily_usage(account_id: UUID, first: date, last: date, zone: str) -> list[DayUsage]:
    """Every day from ``first`` to ``last`` (inclusive) in ``zone``, days without usage included."""
    hours = await hourly_counts(account_id, clock.day_start(first, zone), clock.day_end(last, zone))
    by_day: dict[date, list[HourlyCount]] = {first + timedelta(days=n): [] for n in range((last - first).days + 1)}
    for hour in hours:
        by_day[clock.local_day(hour.hour, zone)].append(hour)
    return [DayUsage(day, max((h.count for h in found), default=0), found) for day, found in by_day.items()]
