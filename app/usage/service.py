"""Taking in what deployments report, and counting it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from tortoise.connection import get_connection

from app import clock
from app.accounts.identity import Nonce
from app.accounts.models import Account
from app.errors import InvalidInput, LimitExceeded, ReplayedRequest
from app.licenses.models import Deployment
from app.usage.counting import DATA_KITS
from app.usage.models import Aggregation, Meter

MOST_DATA_KITS = 5_000
LONGEST_ID = 128
MOST_VALUE = 10**12
OLDEST = timedelta(days=93)
HOUR = timedelta(hours=1)

REPORT_SQL = "SELECT hour, quantity FROM take_usage($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"
"""All that taking in usage writes, in one round trip: the function holds the account before it looks at its days, and
answers nothing, and writes nothing, when the nonce was seen before."""


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


async def report_usage(
    account: Account, deployment: Deployment, reports: Sequence[HourlyReport], nonce: Nonce | None = None
) -> list[HourlyCount]:
    """Add hourly usage; what was reported before is kept, so order and repetition do not matter.

    All is written or nothing, in a transaction of the caller or without one. The account is held meanwhile, so that no
    day closes while its usage arrives. A day that closed before is marked late, which adjusts it. ``nonce`` is that of
    the signed request which brought the usage.

    Raises:
        LimitExceeded: over 5,000 ids and numbers in one call.
        InvalidInput: an hour that is not a whole one, lies in the future, is older than 93 days or named twice;
            an id that is empty, too long, has control characters, or is named twice in its hour; an unknown meter.
        ReplayedRequest: the nonce was seen before.
    """
    now = account.now()
    await check_reports(reports, now)
    once = (nonce.access_key_id, nonce.value, nonce.expires_at) if nonce else (None, None, None)
    rows = await get_connection("default").execute_query_dict(
        REPORT_SQL, [account.id, deployment.id, now, *once, *report_arguments(reports)]
    )
    if not rows:
        raise ReplayedRequest()
    return sorted((HourlyCount(row["hour"], row["quantity"]) for row in rows), key=lambda count: count.hour)


def report_arguments(reports: Sequence[HourlyReport]) -> tuple[Any, ...]:
    """The parameters of ``REPORT_SQL`` from the seventh on: all ids, one a line, and where each report's begin."""
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
        "\n".join(ids),
        [report.value for report in reports],
    )


async def check_reports(reports: Sequence[HourlyReport], now: datetime) -> None:
    """Refuse what cannot be held; see ``report_usage`` for what is raised."""
    total = sum(len(report.data_kits) if report.value is None else 1 for report in reports)
    if total > MOST_DATA_KITS:
        raise LimitExceeded(limit=MOST_DATA_KITS, actual=total, path=("reports",))
    if total == 0:
        raise InvalidInput(
            reason_en="report at least one DataKit", reason_zh="请至少上报一个 DataKit", path=("reports",)
        )
    meters = await aggregations(report.meter for report in reports)
    seen: set[tuple[str, datetime]] = set()
    for index, report in enumerate(reports):
        where = ("reports", str(index))
        check_hour(report.hour, now, (*where, "hour"))
        if (report.meter, report.hour) in seen:
            raise InvalidInput(
                reason_en="each hour may be named once in a call",
                reason_zh="单次调用中每个小时只能出现一次",
                path=(*where, "hour"),
            )
        seen.add((report.meter, report.hour))
        check_meter(meters, report.meter, report.value, bool(report.data_kits), where)
        check_ids(report.data_kits, (*where, "dataKits"))


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
            reason_en="hour must be the start of a whole hour with its offset, such as 2026-01-31T09:00:00+08:00",
            reason_zh="hour 必须是带时区偏移的整点时刻,例如 2026-01-31T09:00:00+08:00",
            path=path,
        )
    if hour > now:
        raise InvalidInput(reason_en="hour must not lie in the future", reason_zh="hour 不得晚于当前时间", path=path)
    if hour < now - OLDEST:
        raise InvalidInput(
            reason_en=f"hour must not be older than {OLDEST.days} days",
            reason_zh=f"hour 不得早于 {OLDEST.days} 天前",
            path=path,
        )


def check_meter(
    meters: dict[str, Aggregation], meter: str, value: int | None, has_ids: bool, path: tuple[str, ...]
) -> None:
    """Refuse an unknown meter, ids for a meter of numbers, and a number for a meter of ids.

    Raises:
        InvalidInput: it is one of these, or the number is negative or above 10^12.
    """
    if meter not in meters:
        raise InvalidInput(
            reason_en=f"there is no meter {meter[:40]!r}", reason_zh=f"没有计量项 {meter[:40]!r}", path=(*path, "meter")
        )
    if meters[meter].counts_ids == (value is not None):
        takes, takes_zh = (
            ("ids in dataKits, not a value", "dataKits 中的 ID,而不是 value")
            if meters[meter].counts_ids
            else ("a value, not ids", " value,而不是 ID")
        )
        raise InvalidInput(
            reason_en=f"the meter {meter} takes {takes}",
            reason_zh=f"计量项 {meter} 应上报{takes_zh}",
            path=(*path, "value"),
        )
    if value is not None and (has_ids or not 0 <= value <= MOST_VALUE):
        raise InvalidInput(
            reason_en=f"value must be 0 to {MOST_VALUE}, without dataKits",
            reason_zh=f"value 须在 0 到 {MOST_VALUE} 之间,且不带 dataKits",
            path=(*path, "value"),
        )


def check_ids(data_kits: Sequence[str], path: tuple[str, ...]) -> None:
    """Refuse the ids of an hour if one cannot be an id, or is named twice.

    Raises:
        InvalidInput: one is empty, longer than 128 characters, has control characters, or is not the only such one.
    """
    distinct = set(data_kits)
    if len(distinct) != len(data_kits):
        raise InvalidInput(
            reason_en="each DataKit id may be named once in an hour: remove the duplicates",
            reason_zh="同一小时内每个 DataKit ID 只能出现一次:请去除重复项",
            path=path,
        )
    if "" in distinct or not "".join(data_kits).isprintable() or max(map(len, data_kits), default=0) > LONGEST_ID:
        for position, data_kit in enumerate(data_kits):
            check_id(data_kit, (*path, str(position)))


def check_id(data_kit: str, path: tuple[str, ...]) -> None:
    """Refuse an id that cannot be one.

    Raises:
        InvalidInput: it is empty, longer than 128 characters, or has control characters.
    """
    if not (0 < len(data_kit) <= LONGEST_ID and data_kit.isprintable()):
        raise InvalidInput(
            reason_en=f"a DataKit id must have 1 to {LONGEST_ID} characters, none of them a control character",
            reason_zh=f"DataKit ID 须为 1 到 {LONGEST_ID} 个字符,且不含控制字符",
            path=path,
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
