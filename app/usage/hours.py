"""Which hours usage may be reported for."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime

from app.constants import REPORTABLE
from app.errors import InvalidInput

NOT_WHOLE = (
    "hour must be the start of a whole hour with its offset, such as 2026-01-31T09:00:00+08:00",
    "hour 必须是带时区偏移的整点时刻，例如 2026-01-31T09:00:00+08:00",
)
IN_THE_FUTURE = ("hour must not lie in the future", "hour 不得晚于当前时间")
TOO_OLD = (f"hour must not be older than {REPORTABLE.days} days", f"hour 不得早于 {REPORTABLE.days} 天前")


def reportable(now: datetime) -> tuple[datetime, datetime]:
    """The oldest and the newest hour that an account may report, by its clock."""
    return now - REPORTABLE, now


def is_whole(hour: datetime) -> bool:
    """Whether a time is the start of an hour, and says in which zone; never at the edge of the calendar."""
    with suppress(OverflowError):
        return hour.tzinfo is not None and not hour.astimezone(UTC).timestamp() % 3600
    return False


def check_hour(hour: datetime, now: datetime, path: tuple[str, ...]) -> None:
    """Refuse an hour that is not whole, lies in the future, or is too old.

    Raises:
        InvalidInput: it is one of these.
    """
    oldest, newest = reportable(now)
    if not is_whole(hour):
        raise _refused(NOT_WHOLE, path)
    if hour > newest:
        raise _refused(IN_THE_FUTURE, path)
    if hour < oldest:
        raise _refused(TOO_OLD, path)


def _refused(reason: tuple[str, str], path: tuple[str, ...]) -> InvalidInput:
    return InvalidInput(reason_en=reason[0], reason_zh=reason[1], path=path)
