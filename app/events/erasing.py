"""What events say of a person is erased."""

from __future__ import annotations

from uuid import UUID

from app.db.sql import statement

ERASE_EMAIL = statement(__file__, "erase_email")


async def erase_email(email: str, since: UUID, until: UUID) -> None:
    """Erase an address from what events with keys from ``since`` to ``until`` say of before and after."""
    await ERASE_EMAIL.run(email, since, until)
