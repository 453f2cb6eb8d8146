"""Webhook endpoints, and which events were delivered to whom."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry
from tortoise.queryset import QuerySet

from app.accounts.models import ADMINISTRATORS
from app.accounts.models import Account as AccountRow
from app.api.arguments import IdOf
from app.api.audience import ForAdministrators
from app.api.enums import DeliveryMedium, DeliveryState
from app.api.fields import argument, column
from app.api.mutation import mutation
from app.api.node import Node, decode_id
from app.api.owned import LazyAccount, OfAccount
from app.api.pagination import connection, filtered, listed
from app.api.throttles import pings
from app.errors import LimitExceeded
from app.events.recording import Actor
from app.notifications import endpoints
from app.notifications.failures import Answer, NotDelivered
from app.notifications.media.webhook import ping
from app.notifications.models import Delivery as DeliveryRow
from app.notifications.models import WebhookEndpoint as EndpointRow
from app.settings import get_settings

EndpointID = Annotated[UUID, IdOf("WebhookEndpoint", "The endpoint's global id.")]
URL_TEXT = "Where events are posted to, https."
TYPES_TEXT = "Only events of these types, which the query `eventTypes` lists; all by default."


@strawberry.type(description="A URL that an account's events are posted to, signed after Standard Webhooks.")
class WebhookEndpoint(ForAdministrators, Node, table=EndpointRow, only={"deleted_at": None}):
    """A row of ``webhook_endpoint`` that was not deleted."""

    url: str = column(URL_TEXT)
    event_types: list[str] = column("The event types that are posted; all if there is none.")
    enabled: bool = column("Whether events are posted.")
    disabled_reason: str | None = column("Why it was switched off, if the billing center did it.")
    former_secret_until: datetime | None = column(
        "Until when the secret before the last rotation signs, too; null if there is none.", "former_until"
    )
    failures: int = column("How often in a row it did not take what was posted; after five it is paused.")
    failing_since: datetime | None = column("Since when nothing arrived; null if the last message did.")
    paused_until: datetime | None = column("Until when nothing is posted, since nothing arrives.")
    created_at: datetime = column("When it was made.")


@strawberry.type(description="The telling of one event: to a webhook endpoint, or to a member by e-mail.")
class Delivery(
    ForAdministrators, Node, table=DeliveryRow, related=("event", "endpoint", "user"), only={"to_staff": False}
):
    """A row of ``delivery``, with its event and receiver."""

    event_type: str = column("The type of the event that is told of.", "event.type")
    medium: DeliveryMedium = column("What it is told by.", lambda row: DeliveryMedium(row.medium))
    recipient: str = column(
        "The URL or e-mail address.", lambda row: row.endpoint.url if row.endpoint else getattr(row.user, "email", "")
    )
    state: DeliveryState = column("How far it has come.")
    attempts: int = column("How often it was tried.")
    reason: str | None = column("Why it did not arrive the last time.")
    response_status: int | None = column("The HTTP status that a webhook endpoint answered with the last time.")
    response_body: str | None = column("The first 1,000 bytes of that answer, for 30 days.")
    attempted_at: datetime | None = column("When it was tried last.")
    next_attempt_at: datetime | None = column("When it is tried again.")
    delivered_at: datetime | None = column("When it arrived.")


@strawberry.type
class NotificationsOfAccount(OfAccount):
    """Where an account's events are delivered."""

    webhook_endpoints = listed(WebhookEndpoint, "The webhook endpoints.", administrators=True)

    @connection(Delivery, "What was told by webhook and e-mail, and how that went.", administrators=True)
    def deliveries(
        self,
        state: Annotated[DeliveryState | None, argument("Only those in this state.")] = None,
        medium: Annotated[DeliveryMedium | None, argument("Only by this medium.")] = None,
        endpoint_id: Annotated[strawberry.ID | None, argument("Only to the webhook endpoint with this id.")] = None,
    ) -> QuerySet[DeliveryRow]:
        endpoint = None if endpoint_id is None else decode_id(endpoint_id, "WebhookEndpoint", "endpointId")
        mine = Delivery.rows().filter(account_id=self.row.id)
        return filtered(mine, state=state, medium=medium, endpoint_id=endpoint)


@dataclass(frozen=True)
class Pinged:
    """What came of a test message."""

    answer: Answer | None
    reason: str | None


async def _ping(account: AccountRow, endpoint_id: UUID) -> Callable[[], Awaitable[Pinged]]:
    endpoint = await endpoints.find_endpoint(account, endpoint_id)

    async def ask() -> Pinged:
        try:
            return Pinged(await ping(endpoint, get_settings().webhook_allow_private), None)
        except NotDelivered as failure:
            return Pinged(failure.answer, str(failure)[:500])

    return ask


@strawberry.type
class NotificationMutations:
    """For administrators."""

    @mutation(
        LimitExceeded,
        description="Have an account's events posted to a URL, signed after Standard Webhooks, with retries.",
        done="The endpoint is made.",
        answers={
            "endpoint": (WebhookEndpoint, "The endpoint."),
            "secret": (str, "What its messages are signed with (whsec_…). Shown this once."),
        },
        member=ADMINISTRATORS,
    )
    async def create_webhook_endpoint(
        self,
        account: AccountRow,
        actor: Actor,
        url: Annotated[str, argument(URL_TEXT)],
        event_types: Annotated[list[str] | None, argument(TYPES_TEXT)] = None,
    ) -> tuple[EndpointRow, str]:
        return await endpoints.create(account, url, event_types or [], actor)

    @mutation(
        description="Change a webhook endpoint, or switch it off or on.",
        done="The endpoint is changed.",
        answers={"endpoint": (WebhookEndpoint, "The endpoint.")},
        member=ADMINISTRATORS,
        of="endpoint_id",
    )
    async def update_webhook_endpoint(
        self,
        account: AccountRow,
        actor: Actor,
        endpoint_id: EndpointID,
        url: Annotated[str | None, argument(URL_TEXT)] = None,
        event_types: Annotated[list[str] | None, argument(TYPES_TEXT)] = None,
        enabled: Annotated[bool | None, argument("Whether events are posted.")] = None,
    ) -> EndpointRow:
        return await endpoints.update(account, endpoint_id, url, event_types, enabled, actor)

    @mutation(
        description="Sign an endpoint's messages with another secret. For 24 hours `webhook-signature` has the former "
        "secret's signature as well, separated by a blank, so that the receiver can change over.",
        done="The endpoint has another secret.",
        answers={
            "endpoint": (WebhookEndpoint, "The endpoint."),
            "secret": (str, "What its messages are signed with now (whsec_…). Shown this once."),
        },
        member=ADMINISTRATORS,
        of="endpoint_id",
    )
    async def rotate_webhook_secret(
        self, account: AccountRow, actor: Actor, endpoint_id: EndpointID
    ) -> tuple[EndpointRow, str]:
        return await endpoints.rotate_secret(account, endpoint_id, actor)

    @mutation(
        description="Delete a webhook endpoint: nothing more is posted to it. Its deliveries stay on record.",
        done="The endpoint is gone.",
        answers={"account": (LazyAccount, "The account.")},
        member=ADMINISTRATORS,
        of="endpoint_id",
    )
    async def delete_webhook_endpoint(self, account: AccountRow, actor: Actor, endpoint_id: EndpointID) -> AccountRow:
        await endpoints.delete(account, endpoint_id, actor)
        return account

    @mutation(
        description="Tell a webhook endpoint again of everything since an instant, as after an outage.",
        done="The endpoint is told again.",
        answers={"deliveries": (int, "How many events it is told of again.")},
        member=ADMINISTRATORS,
        of="endpoint_id",
    )
    async def replay_webhooks(
        self,
        account: AccountRow,
        actor: Actor,
        endpoint_id: EndpointID,
        since: Annotated[datetime, argument("From when on, on the account's clock.")],
    ) -> int:
        return await endpoints.replay(account, endpoint_id, since, actor)

    @mutation(
        description="Tell a webhook endpoint of what happened since an instant and it was never to be told of, as "
        "before it was made: the oldest 1,000 events. Call it again until there are none.",
        done="The endpoint is told.",
        answers={"deliveries": (int, "How many events it is told of.")},
        member=ADMINISTRATORS,
        of="endpoint_id",
    )
    async def backfill_webhook(
        self,
        account: AccountRow,
        actor: Actor,
        endpoint_id: EndpointID,
        since: Annotated[datetime, argument("From when on, on the account's clock.")],
    ) -> int:
        return await endpoints.backfill(account, endpoint_id, since, actor)

    @mutation(
        description="Deliver one event again to its webhook endpoint.",
        done="It is delivered again.",
        answers={"delivery": (Delivery, "The delivery.")},
        member=ADMINISTRATORS,
        of="delivery_id",
    )
    async def redeliver_webhook(
        self,
        account: AccountRow,
        delivery_id: Annotated[UUID, IdOf("Delivery", "The delivery's global id.")],
    ) -> DeliveryRow:
        return await endpoints.redeliver(account, delivery_id)

    @mutation(
        description="Post a test message of the type `ping` to a webhook endpoint, and see what it answers.",
        done="It was posted.",
        answers={
            "delivered": (bool, "Whether the endpoint took it."),
            "response_status": (int | None, "The HTTP status of its answer, if it answered."),
            "response_body": (str | None, "The first 1,000 bytes of its answer."),
            "reason": (str | None, "Why it was not delivered."),
        },
        member=ADMINISTRATORS,
        of="endpoint_id",
        lane="outward",
        outside=_ping,
        throttled=pings,
        counted=True,
        rerun=True,
    )
    async def ping_webhook_endpoint(
        self,
        account: AccountRow,
        endpoint_id: EndpointID,
        answer: Pinged | None = None,
    ) -> tuple[bool, int | None, str | None, str | None]:
        found = answer or Pinged(None, "it was pinged before with this idempotency key")
        said = found.answer
        status, body = (said.status, said.body) if said else (None, None)
        return found.reason is None, status, body, found.reason
