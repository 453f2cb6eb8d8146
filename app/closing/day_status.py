"""What became of the billing days: open, closed, adjusted, unsettled."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from app import clock
from app.constants import DEFAULT_ZONE
from app.db.sql import statement

NOT_CLOSED = statement(__file__, "not_closed")
STATUS = statement(__file__, "day_status")


@dataclass(frozen=True)
class DayStatus:
    """A calendar day over all accounts.

    ``open``: accounts whose day is not closed yet; ``closed``: those whose day is; ``late``: closed, but usage came
    since and is to be looked into; ``adjusted``: closed and corrected; ``unsettled``: charges not collected yet.
    """

    day: date
    open: int
    closed: int
    late: int
    adjusted: int
    unsettled: int


async def day_status(
    days: int, zone: str = DEFAULT_ZONE, sandboxes: bool = False, until: date | None = None
) -> list[DayStatus]:
    """The last ``days`` days up to ``until``, by default today in ``zone``, the newest first; each account's days are
    those of its plan.

    Sandbox accounts are not counted unless ``sandboxes``.
    """
    rows = await STATUS.rows(until or clock.local_day(clock.now(), zone), days, sandboxes)
    return [DayStatus(**row) for row in rows]


async def days_not_closed(delay: timedelta) -> int:
    """How many days of production accounts are over for longer than ``delay``, and not closed."""
    ((days,),) = [row.values() for row in await NOT_CLOSED.rows(clock.now(), delay)]
    return int(days)
