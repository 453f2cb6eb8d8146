"""Forgetting old detail: which ids reported in an hour. How many there were stays, and so does every charge."""

from __future__ import annotations

from datetime import timedelta

from app import clock
from app.db.sql import statement

BATCH = 5_000
PRUNE = statement(__file__, "prune")


async def prune_usage(retention_days: int) -> int:
    """Forget the ids of hours older than ``retention_days``, 5,000 hours at most in a call; the number of hours.

    Days that are still to be closed or adjusted keep theirs. Nothing is reported for an hour so old any more: the
    setting is longer than reports are taken for (``REPORTABLE``).
    """
    before = clock.now() - timedelta(days=retention_days)
    return len(await PRUNE.rows(before, BATCH))
