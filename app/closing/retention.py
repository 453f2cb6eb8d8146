"""Forgetting old detail: which ids reported in an hour. How many there were stays, and so does every charge."""

from __future__ import annotations

from datetime import timedelta

from tortoise.connection import get_connection

from app import clock

BATCH = 5_000
PRUNE_SQL = """
UPDATE usage_hour SET ids = NULL WHERE id IN (
    SELECT h.id FROM usage_hour h
    WHERE h.ids IS NOT NULL AND h.hour < $1 AND NOT EXISTS (
        SELECT FROM upgrade u JOIN price_plan p ON p.id = u.plan_id
        WHERE u.account_id = h.account_id AND u.state = 'ACTIVE'
          AND h.hour >= day_start(coalesce(u.billed_through + 1, u.first_billed_day), p.time_zone))
      AND NOT EXISTS (SELECT FROM billing_day d WHERE d.account_id = h.account_id AND d.late
          AND h.hour >= d.begins_at AND h.hour < d.ends_at)
    LIMIT $2 FOR UPDATE OF h SKIP LOCKED)
RETURNING id
"""


async def prune_usage(retention_days: int) -> int:
    """Forget the ids of hours older than ``retention_days``, 5,000 hours at most in a call; the number of hours.

    Days that are still to be closed or adjusted keep theirs. Nothing is reported for an hour so old any more: reports
    are taken for 93 days, and the setting is 94 at the least.
    """
    before = clock.now() - timedelta(days=retention_days)
    return len(await get_connection("default").execute_query_dict(PRUNE_SQL, [before, BATCH]))
