"""What a report of usage may say: each refusal, in both languages, with the argument at fault."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from app.catalog.models import DATA_KITS, Aggregation
from app.constants import MOST_IDS, REPORTABLE
from app.errors import InvalidInput, LimitExceeded
from app.usage.checks import LONGEST_ID, MOST_VALUE, HourlyReport, check_reports
from tests.billing.factory import meter_of

LOGS = "log_gb"
AT = datetime(2026, 3, 2, 10, tzinfo=UTC)
NO_ID = "a DataKit id must have 1 to 128 characters, none of them a control character"
NO_ID_ZH = "DataKit ID 须为 1 到 128 个字符，且不含控制字符"
NO_VALUE = "value must be 0 to 1000000000000, without dataKits"
NO_VALUE_ZH = "value 须在 0 到 1000000000000 之间，且不带 dataKits"
WHOLE = "hour must be the start of a whole hour with its offset, such as 2026-01-31T09:00:00+08:00"
WHOLE_ZH = "hour 必须是带时区偏移的整点时刻，例如 2026-01-31T09:00:00+08:00"


@pytest.fixture(autouse=True)
async def meters(database: str) -> None:
    await meter_of(LOGS, Aggregation.SUM)


def report(*ids: str, meter: str = DATA_KITS, value: int | None = None, hour: datetime = AT) -> HourlyReport:
    return HourlyReport(hour, ids, meter, value)


async def test_a_report_says_something(database: str) -> None:
    await _refused([report()], ("reports",), "report at least one DataKit", "请至少上报一个 DataKit")


@pytest.mark.parametrize(
    ("bad", "path", "en", "zh"),
    [
        (
            report("a", "b", "a"),
            ("dataKits",),
            "each DataKit id may be named once in an hour: remove the duplicates",
            "同一小时内每个 DataKit ID 只能出现一次：请去除重复项",
        ),
        (report("a", ""), ("dataKits", "1"), NO_ID, NO_ID_ZH),
        (report("a\n"), ("dataKits", "0"), NO_ID, NO_ID_ZH),
        (report("a", "b", "x" * (LONGEST_ID + 1)), ("dataKits", "2"), NO_ID, NO_ID_ZH),
        (
            report("a", meter="m" * 50),
            ("meter",),
            f"there is no meter '{'m' * 40}'",
            f"没有计量项 '{'m' * 40}'",
        ),
        (
            report(value=1),
            ("value",),
            "the meter datakit takes ids in dataKits, not a value",
            "计量项 datakit 应上报 dataKits 中的 ID，而不是 value",
        ),
        (
            report("a", meter=LOGS),
            ("value",),
            f"the meter {LOGS} takes a value, not ids",
            f"计量项 {LOGS} 应上报 value，而不是 ID",
        ),
        (report("a", meter=LOGS, value=1), ("value",), NO_VALUE, NO_VALUE_ZH),
        (report(meter=LOGS, value=-1), ("value",), NO_VALUE, NO_VALUE_ZH),
        (report(meter=LOGS, value=MOST_VALUE + 1), ("value",), NO_VALUE, NO_VALUE_ZH),
        (report("a", hour=AT.replace(minute=1)), ("hour",), WHOLE, WHOLE_ZH),
        (report("a", hour=AT.replace(tzinfo=None)), ("hour",), WHOLE, WHOLE_ZH),
        (
            report("a", hour=AT + timedelta(hours=1)),
            ("hour",),
            "hour must not lie in the future",
            "hour 不得晚于当前时间",
        ),
        (
            report("a", hour=AT - REPORTABLE - timedelta(hours=1)),
            ("hour",),
            "hour must not be older than 93 days",
            "hour 不得早于 93 天前",
        ),
        (
            report("z", hour=AT - timedelta(hours=2)),
            ("hour",),
            "each hour may be named once in a call",
            "单次调用中每个小时只能出现一次",
        ),
    ],
)
async def test_the_report_at_fault_is_named(
    database: str, bad: HourlyReport, path: tuple[str, ...], en: str, zh: str
) -> None:
    good = report("a", hour=AT - timedelta(hours=2))
    await _refused([good, bad], ("reports", "1", *path), en, zh)


async def test_what_may_just_be_said(database: str) -> None:
    await check_reports(
        [
            report("x" * LONGEST_ID, "y"),
            report(meter=LOGS, value=0),
            report(meter=LOGS, value=MOST_VALUE, hour=AT - REPORTABLE),
        ],
        AT,
    )


async def test_a_call_has_five_thousand_ids_and_values_at_most(database: str) -> None:
    ids = [f"dk-{number}" for number in range(MOST_IDS - 1)]
    value = report(meter=LOGS, value=7)
    await check_reports([report(*ids), value], AT)
    with pytest.raises(LimitExceeded) as refused:
        await check_reports([report(*ids, "one more"), value], AT)
    assert refused.value.params == {"limit": 5_000, "actual": 5_001}
    assert refused.value.path == ("reports",)


async def _refused(reports: list[HourlyReport], path: tuple[str, ...], en: str, zh: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        await check_reports(reports, AT)
    assert refused.value.path == path
    assert refused.value.message("en") == f"Invalid input: {en}."
    assert refused.value.message("zh") == f"输入无效：{zh}。"
