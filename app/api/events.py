"""What happened to an account."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import strawberry
from strawberry.scalars import JSON

from app.api.context import Context
from app.api.node import Info, Node
from app.events.details import shown
from app.events.models import Event as EventRow
from app.events.types import EVENT_TYPES
from app.notifications.notices import NOTICES


@strawberry.type(description="One thing that happened to an account.")
class Event(Node):
    """A row of ``event``."""

    record: strawberry.Private[EventRow]

    @classmethod
    async def load(cls, context: Context, key: UUID) -> Event | None:
        row = await EventRow.get_or_none(id=key)
        return cls.of(row) if row else None

    @strawberry.field(description="What happened, such as upgrade.took_effect; `eventTypes` explains each.")
    def type(self) -> str:
        return self.record.type

    @strawberry.field(description="Who did it: MEMBER, STAFF, DEPLOYMENT or SYSTEM.")
    def actor_kind(self) -> str:
        return self.record.actor_kind

    @strawberry.field(description="Their e-mail address, fingerprint or name.")
    def actor(self) -> str:
        return self.record.actor_label

    @strawberry.field(description="When, on the account's clock.")
    def at(self) -> datetime:
        return self.record.at

    @strawberry.field(description="What was before; objects are named by their global ids.")
    def before(self) -> JSON | None:
        return shown(self.record.before)  # type: ignore[return-value]

    @strawberry.field(description="What is after; objects are named by their global ids.")
    def after(self) -> JSON | None:
        return shown(self.record.after)  # type: ignore[return-value]

    @strawberry.field(description="Why.")
    def reason(self) -> str | None:
        return self.record.reason


@strawberry.type(description="A type of event. Later versions may have more, so take those that you do not know, too.")
class EventType:
    """An entry of ``EVENT_TYPES``."""

    name: str = strawberry.field(description="What `Event.type` says, and a webhook endpoint may be for.")
    description: str = strawberry.field(description="What it says, in the language of Accept-Language.")
    emailed: bool = strawberry.field(
        description="Whether owners and administrators of production accounts are told by e-mail."
    )


@strawberry.type
class EventQueries:
    """For everyone."""

    @strawberry.field(description="The types of events that there are.")
    def event_types(self, info: Info) -> list[EventType]:
        return [
            EventType(name=name, description=getattr(meaning, info.context.locale), emailed=name in NOTICES)
            for name, meaning in EVENT_TYPES.items()
        ]
