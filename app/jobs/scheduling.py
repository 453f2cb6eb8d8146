"""Recurring work, done by whichever worker is here, by one at a time."""

from __future__ import annotations

from datetime import timedelta

from uuid_utils.compat import uuid7

from app import clock
from app.db.sql import statement

CLAIM = statement(__file__, "claim")


async def due(name: str, every: timedelta) -> bool:
    """Whether this worker is to do ``name`` now; after that it is due again ``every`` later, for any worker."""
    now = clock.now()
    return bool(await CLAIM.rows(uuid7(), name, now, now + every))
