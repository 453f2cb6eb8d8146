"""Taking in what deployments report, and counting it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from tortoise.connection import get_connection

from app import clock
from app.accounts.models import Account
from app.errors import InvalidInput, LimitExceeded
from app.licenses.models import Deployment

MOST_DATA_KITS = 5_000
LONGEST_ID = 128
OLDEST = timedelta(days=93)
HOUR = timedelta(hours=1)

REPORT_SQL = """
INSERT INTO usage_hour AS kept (id, account_id, deployment_id, hour, data_kits, data_kit_count, revision)
SELECT gen_random_uuid(), $1, $2, r.hour, array_agg(r.id ORDER BY r.id), count(*), nextval('usage_revision')
FROM unnest($3::timestamptz[], $4::text[] COLLATE "C") AS r(hour, id)
GROUP BY r.hour ORDER BY r.hour
ON CONFLICT (deployment_id, hour) DO UPDATE SET (data_kits, data_kit_count, revision) = (
    SELECT array_agg(m.id ORDER BY m.id), count(*),
           CASE WHEN count(*) > kept.data_kit_count THEN excluded.revision ELSE kept.revision END
    FROM (SELECT DISTINCT id FROM unnest(kept.data_kits || excluded.data_kits) AS d(id)) AS m
)
RETURNING hour, data_kit_count
"""


@dataclass(frozen=True)
class HourlyReport:
    """The DataKits that reported to a deployment in the hour that begins at ``hour``."""

    hour: datetime
    data_kits: Sequence[str]


@dataclass(frozen=True)
class HourlyCount:
    """How many distinct DataKits are known to have reported in the hour that begins at ``hour``."""

    hour: datetime
    count: int


async def report_usage(account: Account, deployment: Deployment, reports: Sequence[HourlyReport]) -> list[HourlyCount]:
    """Add hourly sets of DataKits; what was reported before is kept, so order and repetition do not matter.

    ``account`` is to be locked in share mode by the caller, so that no day closes while its usage arrives.

    Raises:
        LimitExceeded: over 5,000 DataKit ids in one call.
        InvalidInput: an hour that is not a whole one, lies in the future, is older than 93 days or named twice;
            an id that is empty, too long, has control characters, or is named twice in its hour.
    """
    check_reports(reports, account.now())
    hours = [report.hour for report in reports for _ in report.data_kits]
    ids = [data_kit for report in reports for data_kit in report.data_kits]
    connection = get_connection("default")
    rows = await connection.execute_query_dict(REPORT_SQL, [account.id, deployment.id, hours, ids])
    await connection.execute_query(
        "UPDATE deployment SET last_seen_at = $1 WHERE id = $2", [account.now(), deployment.id]
    )
    return sorted((HourlyCount(row["hour"], row["data_kit_count"]) for row in rows), key=lambda count: count.hour)


def check_reports(reports: Sequence[HourlyReport], now: datetime) -> None:
    """Refuse what cannot be held; see ``report_usage`` for what is raised."""
    total = sum(len(report.data_kits) for report in reports)
    if total > MOST_DATA_KITS:
        raise LimitExceeded(limit=MOST_DATA_KITS, actual=total, path=("reports",))
    if total == 0:
        raise InvalidInput(reason="report at least one DataKit", path=("reports",))
    seen: set[datetime] = set()
    for index, report in enumerate(reports):
        where = ("reports", str(index))
        if report.hour.tzinfo is None or report.hour.timestamp() % 3600:
            raise InvalidInput(
                reason="hour must be the start of a whole hour with its offset, such as 2026-01-31T09:00:00+08:00",
                path=(*where, "hour"),
            )
        if report.hour > now:
            raise InvalidInput(reason="hour must not lie in the future", path=(*where, "hour"))
        if report.hour < now - OLDEST:
            raise InvalidInput(reason=f"hour must not be older than {OLDEST.days} days", path=(*where, "hour"))
        if report.hour in seen:
            raise InvalidInput(reason="each hour may be named once in a call", path=(*where, "hour"))
        seen.add(report.hour)
        if len(set(report.data_kits)) != len(report.data_kits):
            raise InvalidInput(
                reason="each DataKit id may be named once in an hour: remove the duplicates", path=(*where, "dataKits")
            )
        for position, data_kit in enumerate(report.data_kits):
            if not 0 < len(data_kit) <= LONGEST_ID or not data_kit.isprintable():
                raise InvalidInput(
                    reason=f"a DataKit id must have 1 to {LONGEST_ID} characters, none of them a control character",
                    path=(*where, "dataKits", str(position)),
                )


async def hourly_counts(account_id: UUID, since: datetime, until: datetime) -> list[HourlyCount]:
    """The account's distinct DataKits in each hour of ``[since, until)`` that has any, over all its deployments."""
    rows = await get_connection("default").execute_query_dict(
        "SELECT hour, sum(data_kit_count)::bigint AS count FROM usage_hour "
        "WHERE account_id = $1 AND hour >= $2 AND hour < $3 GROUP BY hour ORDER BY hour",
        [account_id, since, until],
    )
    return [HourlyCount(row["hour"], row["count"]) for row in rows]


async def day_count(account_id: UUID, day: date, zone: str) -> tuple[int, int]:
    """The largest hourly count of a billing day, and the newest revision of the usage it was counted from.

    Rule: the vendor's billing method page; a DataKit counts in an hour when it reported data in it.
    """
    rows = await get_connection("default").execute_query_dict(
        "SELECT coalesce(max(count), 0)::bigint AS count, coalesce(max(revision), 0) AS revision FROM ("
        "SELECT sum(data_kit_count) AS count, max(revision) AS revision FROM usage_hour "
        "WHERE account_id = $1 AND hour >= $2 AND hour < $3 GROUP BY hour) AS hours",
        [account_id, clock.day_start(day, zone), clock.day_end(day, zone)],
    )
    return rows[0]["count"], rows[0]["revision"]


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
