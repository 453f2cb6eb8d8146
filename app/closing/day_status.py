"""What became of the billing days: open, closed, adjusted, unsettled."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from tortoise.connection import get_connection

from app import clock
from app.catalog.queries import DEFAULT_ZONE

STATUS_SQL = """
WITH days AS (SELECT ($1::date - n) AS day FROM generate_series(0, $2::int - 1) AS n)
SELECT days.day,
    (SELECT count(*) FROM upgrade u WHERE u.state = 'ACTIVE' AND u.first_billed_day <= days.day
        AND (u.last_billed_day IS NULL OR days.day <= u.last_billed_day)
        AND coalesce(u.billed_through, u.first_billed_day - 1) < days.day) AS open,
    (SELECT count(*) FROM billing_day d WHERE d.day = days.day) AS closed,
    (SELECT count(*) FROM billing_day d WHERE d.day = days.day AND d.late) AS late,
    charged.adjusted, charged.unsettled
FROM days CROSS JOIN LATERAL (
    SELECT count(DISTINCT c.account_id) FILTER (WHERE c.kind = 'ADJUSTMENT') AS adjusted,
        count(*) FILTER (WHERE s.state <> 'SETTLED') AS unsettled
    FROM billing_day d JOIN charge c ON c.account_id = d.account_id AND c.day = d.day
    JOIN settlement s ON s.charge_id = c.id WHERE d.day = days.day) AS charged
ORDER BY days.day DESC
"""


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


async def day_status(days: int, zone: str = DEFAULT_ZONE) -> list[DayStatus]:
    """The last ``days`` days up to today in ``zone``, the newest first; each account's days are those of its plan."""
    rows = await get_connection("default").execute_query_dict(STATUS_SQL, [clock.local_day(clock.now(), zone), days])
    return [DayStatus(**row) for row in rows]
