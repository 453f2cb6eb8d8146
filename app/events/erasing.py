"""What events say of a person is erased."""

from __future__ import annotations

from collections.abc import Sequence

from app.db.sql import statement

ERASE_EMAILS = statement(__file__, "erase_emails")


async def erase_emails(emails: Sequence[str]) -> None:
    """Erase these addresses from what events say of before and after."""
    await ERASE_EMAILS.run(emails)
