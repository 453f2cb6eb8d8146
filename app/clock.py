"""The one clock. Every rule reads time from here, so that tests and sandbox accounts can travel in it."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_read: Callable[[], datetime] = lambda: datetime.now(UTC)  # noqa: E731


def now() -> datetime:
    """The present instant, aware, in UTC."""
    return _read()


def replace(read: Callable[[], datetime] | None) -> None:
    """Install another source of time (tests), or the system's again with ``None``."""
    global _read
    _read = read or (lambda: datetime.now(UTC))


def local_day(at: datetime, zone: str) -> date:
    """The calendar day that ``at`` falls on in ``zone`` (IANA name)."""
    return at.astimezone(ZoneInfo(zone)).date()


def add_months(day: date, months: int) -> date:
    """The same day so many months later, or the last of that month, where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def next_month(day: date) -> date:
    """The first day of the month after that of ``day``."""
    return add_months(day.replace(day=1), 1)


def day_start(day: date, zone: str) -> datetime:
    """The instant at which ``day`` begins in ``zone``, in UTC."""
    return datetime.combine(day, time.min, ZoneInfo(zone)).astimezone(UTC)


def day_end(day: date, zone: str) -> datetime:
    """The instant at which ``day`` ends in ``zone`` (the start of the next day), in UTC."""
    return day_start(day + timedelta(days=1), zone)


def first_day_from(at: datetime, zone: str) -> date:
    """The first calendar day in ``zone`` that *begins* at or after ``at``."""
    day = local_day(at, zone)
    return day if day_start(day, zone) == at else day + timedelta(days=1)
