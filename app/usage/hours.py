"""Which hours usage may be reported for."""

from __future__ import annotations

from datetime import datetime

from app.constants import REPORTABLE
from app.errors import InvalidInput


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
    if hour < now - REPORTABLE:
        raise InvalidInput(
            reason_en=f"hour must not be older than {REPORTABLE.days} days",
            reason_zh=f"hour 不得早于 {REPORTABLE.days} 天前",
            path=path,
        )
