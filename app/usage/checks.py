"""What a report of usage may say."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.catalog.models import DATA_KITS, Aggregation
from app.catalog.queries import aggregations
from app.constants import MOST_IDS
from app.errors import InvalidInput, LimitExceeded
from app.usage.hours import check_hour

LONGEST_ID = 128
MOST_VALUE = 10**12


async def check_reports(reports: Sequence[HourlyReport], now: datetime, least: int = 1) -> None:
    """Refuse what cannot be held, and fewer than ``least`` ids and numbers; ``report_usage`` says what is raised."""
    total = sum(len(report.data_kits) if report.value is None else 1 for report in reports)
    if total > MOST_IDS:
        raise LimitExceeded(limit=MOST_IDS, actual=total, path=("reports",))
    if total < least or not reports:
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


def check_meter(
    meters: dict[str, Aggregation], meter: str, value: int | None, has_ids: bool, path: tuple[str, ...]
) -> None:
    """Refuse an unknown meter, ids for a meter of numbers, and a number for a meter of ids.

    Raises:
        InvalidInput: it is one of these, or the number is negative or above 10^12.
    """
    known_meter(meters, meter, path)
    if meters[meter].counts_ids == (value is not None):
        takes, takes_zh = (
            ("ids in dataKits, not a value", " dataKits 中的 ID，而不是 value")
            if meters[meter].counts_ids
            else ("a value, not ids", " value，而不是 ID")
        )
        raise InvalidInput(
            reason_en=f"the meter {meter} takes {takes}",
            reason_zh=f"计量项 {meter} 应上报{takes_zh}",
            path=(*path, "value"),
        )
    if value is not None and (has_ids or not 0 <= value <= MOST_VALUE):
        raise InvalidInput(
            reason_en=f"value must be 0 to {MOST_VALUE}, without dataKits",
            reason_zh=f"value 须在 0 到 {MOST_VALUE} 之间，且不带 dataKits",
            path=(*path, "value"),
        )


def known_meter(meters: Container[str], meter: str, path: tuple[str, ...] = ()) -> None:
    """Refuse an unknown meter.

    Raises:
        InvalidInput: it is.
    """
    if meter not in meters:
        raise InvalidInput(
            reason_en=f"there is no meter {meter[:40]!r}", reason_zh=f"没有计量项 {meter[:40]!r}", path=(*path, "meter")
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
            reason_zh="同一小时内每个 DataKit ID 只能出现一次：请去除重复项",
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
            reason_zh=f"DataKit ID 须为 1 到 {LONGEST_ID} 个字符，且不含控制字符",
            path=path,
        )


@dataclass(frozen=True)
class HourlyReport:
    """What a deployment's meter came to in the hour that begins at ``hour``: ids, or for a meter of numbers a value."""

    hour: datetime
    data_kits: Sequence[str] = ()
    meter: str = DATA_KITS
    value: int | None = None
