"""That a user's ways to sign in changed: told by mail, so that whoever did not do it learns of it."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from app import clock
from app.accounts.models import SecurityChange, SecurityNotice
from app.db.sql import statement

CLAIM = statement(__file__, "claim_security_notice")
MAIL_AGAIN = timedelta(minutes=1)
WITHIN = timedelta(days=7)


async def tell(user_id: UUID, change: SecurityChange, about: str | None = None) -> None:
    """Have the worker tell the user by mail; in a transaction. ``about`` is what it is called."""
    now = clock.now()
    await SecurityNotice.create(
        user_id=user_id,
        change=change,
        about=about and about[:200],
        happened_at=now,
        mail_at=now,
        expires_at=now + WITHIN,
    )


async def claim_security_notice() -> tuple[SecurityNotice] | None:
    """A notice that is to be mailed; it comes again until ``mail_at`` is cleared."""
    now = clock.now()
    claimed = await CLAIM.rows(now, now + MAIL_AGAIN)
    return (await SecurityNotice.get(id=claimed[0]["id"]).select_related("user"),) if claimed else None


async def forget_security_notices() -> None:
    """Forget what was mailed, or never could be."""
    await SecurityNotice.filter(expires_at__lt=clock.now()).delete()
