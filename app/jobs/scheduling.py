"""Recurring work, done by whichever worker is here, by one at a time."""

from __future__ import annotations

from datetime import timedelta

from tortoise.connection import get_connection
from uuid_utils.compat import uuid7

from app import clock

CLAIM_SQL = """
INSERT INTO job AS j (id, name, due_at) VALUES ($1, $2, $4)
ON CONFLICT (name) DO UPDATE SET due_at = excluded.due_at WHERE j.due_at <= $3 RETURNING id
"""


async def due(name: str, every: timedelta) -> bool:
    """Whether this worker is to do ``name`` now; after that it is due again ``every`` later, for any worker."""
    now = clock.now()
    return bool(await get_connection("default").execute_query_dict(CLAIM_SQL, [uuid7(), name, now, now + every]))
