"""Writing down what happens to an account, in the same transaction as the happening."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from uuid_utils.compat import uuid7

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
    """Append an event; subscribers are told when the surrounding transaction commits (a trigger notifies them).

    The account is locked, and keys grow, so that its events become visible in the order of their keys: who reads on
    from the last event seen misses none, whichever process wrote them.
    """
    await Account.filter(id=account.id).select_for_update(no_key=True).only("id").first()
    newest = await Event.filter(account_id=account.id).order_by("-id").only("id").first()
    key = uuid7()
    return await Event.create(
        id=UUID(int=newest.id.int + 1) if newest and newest.id >= key else key,
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
