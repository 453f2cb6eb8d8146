"""Writing down what happens to an account, in the same transaction as the happening."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from app.accounts.models import Account
from app.events.models import Event

CHANNEL = "account_event"


@dataclass(frozen=True)
class Actor:
    """Who did something: ``kind`` is MEMBER, STAFF, DEPLOYMENT or SYSTEM; ``address`` is where the request is from."""

    kind: str
    label: str
    id: UUID | None = None
    address: str = ""


SYSTEM = Actor(kind="SYSTEM", label="billing")


async def record(
    account: Account,
    type: str,
    actor: Actor,
    *,
    at: datetime | None = None,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    reason: str | None = None,
) -> Event:
    """Append an event; subscribers are told when the surrounding transaction commits (a trigger notifies them)."""
    return await Event.create(
        account_id=account.id,
        type=type,
        actor_kind=actor.kind,
        actor_id=actor.id,
        actor_label=actor.label,
        at=at or account.now(),
        before=before,
        after=after,
        reason=reason,
    )
