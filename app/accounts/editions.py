"""Which edition an account has."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from app.accounts.models import Account
from app.catalog.keys import EditionKey
from app.events.recording import Actor, record


async def move_to_edition(
    account: Account,
    to: EditionKey,
    at: datetime,
    type: str,
    actor: Actor,
    about: dict[str, Any] | None = None,
    reason: str | None = None,
) -> None:
    """Give an account another edition at an instant of its clock, and record why, as an event of ``type``."""
    before, account.edition = account.edition, to
    await account.save(update_fields=["edition"])
    after = {"edition": to, **(about or {})}
    await record(account.id, at, type, actor, before={"edition": before}, after=after, reason=reason)
