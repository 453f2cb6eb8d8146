"""What is still to be told."""

from __future__ import annotations

from uuid import UUID

from app.db.sql import statement

WAITING = statement(__file__, "waiting")


async def waiting() -> list[tuple[str, int, UUID]]:
    """Of production accounts and staff, by medium: how many deliveries wait, and the key of the oldest event."""
    return [(row["medium"], row["deliveries"], row["oldest"]) for row in await WAITING.rows()]
