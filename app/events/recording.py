"""Writing down what happens to an account, in the same transaction as the happening."""

from __future__ import annotations

from collections.abc import Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypedDict, Unpack
from uuid import UUID

from app.db.locking import lock_accounts
from app.db.sql import statement
from app.events.models import ActorKind, Event

KEYS = statement(__file__, "keys")
CHANNEL = "account_event"
recorded: ContextVar[list[UUID] | None] = ContextVar("recorded", default=None)
"""Where whoever wants to know puts a list, which then gets the keys of the events that are recorded."""


@dataclass(frozen=True)
class Actor:
    """Who did something; ``address`` is whence."""

    kind: ActorKind
    label: str
    id: UUID | None = None
    address: str = ""


SYSTEM = Actor(kind=ActorKind.SYSTEM, label="billing")


class Details(TypedDict, total=False):
    """The state before and after, and why."""

    before: dict[str, Any] | None
    after: dict[str, Any] | None
    reason: str | None


def event(account_id: UUID | None, at: datetime, type: str, actor: Actor, **details: Unpack[Details]) -> Event:
    """An event still to be recorded, at an instant of the account's clock; ``app.events.types`` has the types.

    Without an account it concerns the vendor alone, and ``at`` is on the world's clock.
    """
    return Event(
        account_id=account_id,
        type=type,
        actor_kind=actor.kind,
        actor_id=actor.id,
        actor_label=actor.label,
        at=at,
        before=details.get("before"),
        after=details.get("after"),
        reason=details.get("reason"),
    )


async def record(account_id: UUID | None, at: datetime, type: str, actor: Actor, **details: Unpack[Details]) -> Event:
    """Append an event; subscribers are notified when the surrounding transaction commits (a trigger does it)."""
    made = event(account_id, at, type, actor, **details)
    await record_all([made])
    return made


async def record_all(events: Sequence[Event]) -> None:
    """Append events of one account or many, in their order.

    The accounts are locked, and keys grow, so that an account's events become visible in the order of their keys: who
    reads on from the last event seen misses none, whichever process wrote them.
    """
    await lock_accounts({made.account_id for made in events if made.account_id})
    keys = await KEYS.rows([made.account_id for made in events])
    for made, key in zip(events, keys, strict=True):
        made.id = key["id"]
    await Event.bulk_create(events)
    if (known := recorded.get()) is not None:
        known.extend(made.id for made in events)
