"""What happened to an account."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from datetime import datetime
from typing import Annotated

import strawberry
from strawberry.scalars import JSON
from tortoise.queryset import QuerySet

from app.accounts.models import StaffRole
from app.api.context import Info
from app.api.enums import ActorKind
from app.api.fields import argument, column
from app.api.node import Node, decode_id
from app.api.owned import OfAccount
from app.api.pagination import connection, filtered
from app.errors import NotFound
from app.events.details import shown
from app.events.models import Event as EventRow
from app.events.types import EVENT_TYPES
from app.notifications.endpoints import known_types
from app.notifications.notices import NOTICES

MAILED = {name for name, said in NOTICES.items() if said.staff is None}


@strawberry.type(description="One thing that happened to an account.")
class Event(Node, table=EventRow):
    """A row of ``event``."""

    type: str = column("What happened, such as upgrade.took_effect; `eventTypes` explains each.")
    actor_kind: ActorKind = column("What kind of actor did it.", lambda row: ActorKind(row.actor_kind))
    actor: str = column("Their e-mail address, fingerprint or name.", "actor_label")
    at: datetime = column("When, on the account's clock.")
    before: JSON | None = column(
        "What was before; objects are named by their global ids.", lambda row: shown(row.before)
    )
    after: JSON | None = column("What is after; objects are named by their global ids.", lambda row: shown(row.after))
    reason: str | None = column("Why.")


@strawberry.type
class EventsOfAccount(OfAccount):
    """What happened to an account."""

    @connection(Event, "Everything that happened.")
    def events(
        self,
        types: Annotated[list[str] | None, argument("Only of these types, which `eventTypes` lists.")] = None,
        since: Annotated[datetime | None, argument("Only from this instant on, by the account's clock.")] = None,
        until: Annotated[datetime | None, argument("Only before this instant.")] = None,
    ) -> QuerySet[EventRow]:
        wanted = None if types is None else known_types(types)
        return filtered(Event.rows().filter(account_id=self.row.id), type__in=wanted, at__gte=since, at__lt=until)


@strawberry.type(description="A type of event. Later versions may have more, so take those that you do not know, too.")
class EventType:
    """An entry of ``EVENT_TYPES``."""

    name: str = strawberry.field(description="What `Event.type` says, and a webhook endpoint may be for.")
    description: str = strawberry.field(description="What it says, in the language of Accept-Language.")
    emailed: bool = strawberry.field(
        description="Whether owners and administrators of production accounts are told by e-mail; of money, members "
        "with the role FINANCE, too."
    )


@strawberry.type
class EventQueries:
    """For everyone."""

    @strawberry.field(description="The types of events that there are.")
    def event_types(self, info: Info) -> list[EventType]:
        return [
            EventType(name=name, description=getattr(meaning, info.context.locale), emailed=name in MAILED)
            for name, meaning in EVENT_TYPES.items()
        ]


@strawberry.type
class EventSubscriptions:
    """For members and staff."""

    @strawberry.subscription(
        description="What happens to accounts that are no sandboxes, and what waits for the vendor, over "
        "graphql-transport-ws; not always in order. For staff."
    )
    async def staff_events(
        self,
        info: Info,
        types: Annotated[
            list[str] | None,
            argument("Which types of events, of those in `eventTypes`; what staff are mailed by default."),
        ] = None,
        after: Annotated[
            strawberry.ID | None,
            argument(
                "The id of the last event seen, to miss none, though some may come again; from now on by default."
            ),
        ] = None,
    ) -> AsyncGenerator[Event, None]:
        await info.context.reads_as_staff(*StaffRole)
        chosen = known_types(types, "types") if types is not None else sorted(set(NOTICES) - MAILED)
        seen = decode_id(after, "Event", "after") if after is not None else None
        async for event in info.context.broker.follow_all(chosen, seen):
            await info.context.reads_as_staff(*StaffRole)
            yield Event.of(event)

    @strawberry.subscription(description="Each event of an account as it happens, over graphql-transport-ws.")
    async def account_events(
        self,
        info: Info,
        account_id: Annotated[strawberry.ID, argument("The account's global id.")],
        after: Annotated[
            strawberry.ID | None, argument("The id of the last event seen, to miss none; from now on by default.")
        ] = None,
    ) -> AsyncGenerator[Event, None]:
        key = decode_id(account_id, "Account", "accountId")
        await info.context.signed_in()
        if not await info.context.may_see(key):
            raise NotFound(what="account", path=("accountId",))
        seen = decode_id(after, "Event", "after") if after is not None else None
        async for event in info.context.broker.follow(key, seen):
            if not await info.context.may_see(key):
                raise NotFound(what="account", path=("accountId",))
            yield Event.of(event)
