"""Webhook endpoints, and what was told to whom."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry

from app.api.context import Context
from app.api.enums import DeliveryState
from app.api.mutation import mutation
from app.api.node import AccountID, Info, Node, decode_id
from app.api.owned import LazyAccount, shown_account
from app.errors import LimitExceeded, NotFound
from app.inputs import check_offset
from app.notifications import endpoints
from app.notifications.models import Delivery as DeliveryRow
from app.notifications.models import WebhookEndpoint as EndpointRow

EndpointID = Annotated[strawberry.ID, strawberry.argument(description="The endpoint's global id.")]
URL_TEXT = "Where events are posted to, https."
TYPES_TEXT = "Only events of these types, which the query `eventTypes` lists; all by default."


@strawberry.type(description="A URL that an account's events are posted to, signed after Standard Webhooks.")
class WebhookEndpoint(Node):
    """A row of ``webhook_endpoint``."""

    record: strawberry.Private[EndpointRow]

    @classmethod
    async def load(cls, context: Context, key: UUID) -> WebhookEndpoint | None:
        row = await EndpointRow.get_or_none(id=key, deleted_at=None)
        return cls.of(row) if row else None

    async def visible(self, context: Context) -> bool:
        return await context.may_administer(self.record.account_id)

    @strawberry.field(description=URL_TEXT)
    def url(self) -> str:
        return self.record.url

    @strawberry.field(description="The event types that are posted; all if there is none.")
    def event_types(self) -> list[str]:
        return self.record.event_types

    @strawberry.field(description="Whether events are posted.")
    def enabled(self) -> bool:
        return self.record.enabled

    @strawberry.field(description="Why it was switched off, if the billing center did it.")
    def disabled_reason(self) -> str | None:
        return self.record.disabled_reason

    @strawberry.field(description="Until when the secret before the last rotation signs, too; null if there is none.")
    def former_secret_until(self) -> datetime | None:
        return self.record.former_until

    @strawberry.field(description="When it was made.")
    def created_at(self) -> datetime:
        return self.record.created_at


@strawberry.type(description="The telling of one event: to a webhook endpoint, or to a member by e-mail.")
class Delivery(Node):
    """A row of ``delivery``."""

    record: strawberry.Private[DeliveryRow]

    @classmethod
    async def load(cls, context: Context, key: UUID) -> Delivery | None:
        row = await DeliveryRow.get_or_none(id=key).select_related("event", "endpoint", "user")
        return cls.of(row) if row else None

    async def visible(self, context: Context) -> bool:
        return await context.may_administer(self.record.account_id)

    @strawberry.field(description="The type of the event that is told of.")
    def event_type(self) -> str:
        return self.record.event.type

    @strawberry.field(description="The URL or e-mail address.")
    def recipient(self) -> str:
        return self.record.endpoint.url if self.record.endpoint else getattr(self.record.user, "email", "")

    @strawberry.field(description="How far it has come.")
    def state(self) -> DeliveryState:
        return self.record.state

    @strawberry.field(description="How often it was tried.")
    def attempts(self) -> int:
        return self.record.attempts

    @strawberry.field(description="Why it did not arrive the last time.")
    def reason(self) -> str | None:
        return self.record.reason

    @strawberry.field(description="When it is tried again.")
    def next_attempt_at(self) -> datetime | None:
        return self.record.next_attempt_at

    @strawberry.field(description="When it arrived.")
    def delivered_at(self) -> datetime | None:
        return self.record.delivered_at


@strawberry.type(description="The endpoint is made.")
class CreateWebhookEndpointSuccess:
    """Success."""

    endpoint: WebhookEndpoint = strawberry.field(description="The endpoint.")
    secret: str = strawberry.field(description="What its messages are signed with (whsec_…). Shown this once.")


@strawberry.type(description="The endpoint is changed.")
class UpdateWebhookEndpointSuccess:
    """Success."""

    endpoint: WebhookEndpoint = strawberry.field(description="The endpoint.")


@strawberry.type(description="The endpoint has another secret.")
class RotateWebhookSecretSuccess:
    """Success."""

    endpoint: WebhookEndpoint = strawberry.field(description="The endpoint.")
    secret: str = strawberry.field(description="What its messages are signed with now (whsec_…). Shown this once.")


@strawberry.type(description="The endpoint is gone.")
class DeleteWebhookEndpointSuccess:
    """Success."""

    account: LazyAccount = strawberry.field(description="The account.")


@strawberry.type(description="The endpoint is told again.")
class ReplayWebhooksSuccess:
    """Success."""

    deliveries: int = strawberry.field(description="How many events it is told of again.")


@strawberry.type
class NotificationMutations:
    """Webhooks."""

    @mutation(
        LimitExceeded,
        description="Have an account's events posted to a URL, signed after Standard Webhooks, with retries.",
    )
    async def create_webhook_endpoint(
        self,
        info: Info,
        account_id: AccountID,
        url: Annotated[str, strawberry.argument(description=URL_TEXT)],
        event_types: Annotated[list[str] | None, strawberry.argument(description=TYPES_TEXT)] = None,
    ) -> CreateWebhookEndpointSuccess:
        account, actor = await info.context.member(decode_id(account_id, "Account", "accountId"))
        endpoint, secret = await endpoints.create(account, url, event_types or [], actor)
        return CreateWebhookEndpointSuccess(endpoint=WebhookEndpoint.of(endpoint), secret=secret)

    @mutation(description="Change a webhook endpoint, or switch it off or on.")
    async def update_webhook_endpoint(
        self,
        info: Info,
        endpoint_id: EndpointID,
        url: Annotated[str | None, strawberry.argument(description=URL_TEXT)] = None,
        event_types: Annotated[list[str] | None, strawberry.argument(description=TYPES_TEXT)] = None,
        enabled: Annotated[bool | None, strawberry.argument(description="Whether events are posted.")] = None,
    ) -> UpdateWebhookEndpointSuccess:
        key, owner = await _owner(endpoint_id)
        account, actor = await info.context.member(owner, path=("endpointId",))
        changed = await endpoints.update(account, key, url, event_types, enabled, actor)
        return UpdateWebhookEndpointSuccess(endpoint=WebhookEndpoint.of(changed))

    @mutation(
        description="Sign an endpoint's messages with another secret. For 24 hours `webhook-signature` has the former "
        "secret's signature as well, separated by a blank, so that the receiver can change over."
    )
    async def rotate_webhook_secret(self, info: Info, endpoint_id: EndpointID) -> RotateWebhookSecretSuccess:
        key, owner = await _owner(endpoint_id)
        account, actor = await info.context.member(owner, path=("endpointId",))
        endpoint, secret = await endpoints.rotate_secret(account, key, actor)
        return RotateWebhookSecretSuccess(endpoint=WebhookEndpoint.of(endpoint), secret=secret)

    @mutation(description="Delete a webhook endpoint: nothing more is posted to it. Its deliveries stay on record.")
    async def delete_webhook_endpoint(self, info: Info, endpoint_id: EndpointID) -> DeleteWebhookEndpointSuccess:
        key, owner = await _owner(endpoint_id)
        account, actor = await info.context.member(owner, path=("endpointId",))
        await endpoints.delete(account, key, actor)
        return DeleteWebhookEndpointSuccess(account=shown_account(account))

    @mutation(description="Tell a webhook endpoint again of everything since an instant, as after an outage.")
    async def replay_webhooks(
        self,
        info: Info,
        endpoint_id: EndpointID,
        since: Annotated[datetime, strawberry.argument(description="From when on, on the account's clock.")],
    ) -> ReplayWebhooksSuccess:
        check_offset(since, "since", "2026-01-31T09:00:00+08:00")
        key, owner = await _owner(endpoint_id)
        account, actor = await info.context.member(owner, path=("endpointId",))
        return ReplayWebhooksSuccess(deliveries=await endpoints.replay(account, key, since, actor))


async def _owner(endpoint_id: strawberry.ID) -> tuple[UUID, UUID]:
    key = decode_id(endpoint_id, "WebhookEndpoint", "endpointId")
    row = await EndpointRow.get_or_none(id=key, deleted_at=None)
    if row is None:
        raise NotFound(what="webhook endpoint", path=("endpointId",))
    return key, row.account_id
