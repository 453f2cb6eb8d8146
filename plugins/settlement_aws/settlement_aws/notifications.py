"""What AWS announces about subscriptions, whatever transport it came by. Repeats and a wrong order do no harm."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from settlement_spec import BindingEnd, HostServices
from tortoise.connection import get_connection
from tortoise.expressions import Q
from tortoise.transactions import in_transaction

from settlement_aws.client import GOES_ON, AgreementStatus, AnswerLost, MarketplaceClient, ProviderError
from settlement_aws.models import Notification, Subscription, SubscriptionState
from settlement_aws.subscriptions import end_links, linked_accounts

log = logging.getLogger(__name__)
LAST_METERING = timedelta(hours=1)
PROVISIONED = "PROVISIONED"


class Action(StrEnum):
    """The announcements that change something; others are recorded."""

    SUBSCRIBED = "subscribe-success"
    REFUSED = "subscribe-fail"
    LEAVING = "unsubscribe-pending"
    UNSUBSCRIBED = "unsubscribe-success"
    ENTITLEMENT = "entitlement-updated"
    LICENSED = "license-updated"


STATES = {
    Action.SUBSCRIBED: SubscriptionState.SUBSCRIBED,
    Action.LICENSED: SubscriptionState.SUBSCRIBED,
    Action.REFUSED: SubscriptionState.REFUSED,
    Action.LEAVING: SubscriptionState.LEAVING,
    Action.UNSUBSCRIBED: SubscriptionState.UNSUBSCRIBED,
}


BEGINS = (Action.SUBSCRIBED, Action.LICENSED)
"""What may tell of the successor of an agreement."""


@dataclass(frozen=True)
class Standing:
    """Whether a subscription has ended at AWS, and how that is known."""

    ended: bool
    reason: str


@dataclass(frozen=True)
class Event:
    """One announcement; it names the buyer by what its transport knows."""

    message_id: str
    action: str
    at: datetime
    customer_identifier: str | None = None
    product_code: str | None = None
    customer_aws_account_id: str | None = None
    license_arn: str | None = None
    agreement_id: str | None = None
    payload: dict[str, Any] = field(default_factory=dict)


class Notifications:
    """Applies announcements to subscriptions, and calls the billing center with what follows."""

    def __init__(self, host: HostServices, client: MarketplaceClient, clock: Callable[[], datetime]) -> None:
        self._host = host
        self._client = client
        self._clock = clock

    async def handle(self, event: Event) -> None:
        """Record an event and apply it, once. It counts as handled when all of it is done, so AWS may send it again.

        Raises:
            ProviderError, AnswerLost: AWS does not say of which chain its agreement is.
        """
        values = {name: value for name, value in vars(event).items() if name != "message_id"}
        kept, _ = await Notification.get_or_create(message_id=event.message_id, defaults=values)
        if kept.handled_at is not None:
            return
        for subscription in await self._concerned(event):
            await self._apply(subscription, kept)
        kept.handled_at = self._clock()
        await kept.save(update_fields=["handled_at"])

    async def catch_up(self, subscription: Subscription) -> None:
        """Apply what was announced before the buyer registered."""
        about = Q(agreement_id=subscription.agreement_id) & Q(agreement_id__isnull=False)
        if subscription.customer_identifier:
            about |= Q(customer_identifier=subscription.customer_identifier, product_code=subscription.product_code)
        if subscription.license_arn:
            about |= Q(license_arn=subscription.license_arn)
        if subscription.customer_aws_account_id and not subscription.agreement_id:
            about |= Q(
                customer_aws_account_id=subscription.customer_aws_account_id, product_code=subscription.product_code
            )
        for kept in await Notification.filter(about).order_by("at", "message_id"):
            if subscription.state_at is None or kept.at > subscription.state_at:
                await self._apply(subscription, kept)

    async def standing(self, subscription: Subscription) -> Standing:
        """Whether AWS says that a subscription's agreement has ended, after it refused to meter it."""
        current = await Subscription.get(id=subscription.id)
        if current.state in (SubscriptionState.UNSUBSCRIBED, SubscriptionState.REFUSED):
            return Standing(True, "it announced the end before")
        if current.agreement_id is None:
            return Standing(False, "it is not known of which agreement: AWS announces the end if there is one")
        try:
            agreement = await self._client.describe_agreement(current.agreement_id)
            if agreement.status == AgreementStatus.ACTIVE:
                found = await self._client.entitlements(current.agreement_id)
                said = ", ".join(f"{one.status} {one.why or ''}".strip() for one in found) or "none"
                return Standing(False, f"its agreement {agreement.id} is ACTIVE, with the entitlements: {said}")
        except (ProviderError, AnswerLost) as error:
            return Standing(False, f"and does not say what became of its agreement {current.agreement_id}: {error}")
        if agreement.status in GOES_ON:
            return Standing(False, f"its agreement {agreement.id} is {agreement.status}: its successor is awaited")
        return Standing(True, f"its agreement {agreement.id} is {agreement.status}")

    async def unsubscribed(self, subscription: Subscription, reason: str) -> None:
        """AWS no longer takes usage of this subscription."""
        await self._change(subscription, SubscriptionState.UNSUBSCRIBED, self._clock())
        await self._end(subscription, BindingEnd.UNSUBSCRIBED, reason)

    async def _apply(self, subscription: Subscription, kept: Notification) -> None:
        if kept.action not in STATES:
            return
        action = Action(kept.action)
        only = SubscriptionState.REGISTERED if action == Action.LICENSED else None
        if not await self._change(subscription, STATES[action], kept.at, only):
            return
        match action:
            case Action.SUBSCRIBED | Action.LICENSED:
                for account_id in await linked_accounts(subscription.id):
                    await self._host.binding_confirmed(account_id, subscription.reference)
            case Action.LEAVING:
                for account_id in await linked_accounts(subscription.id):
                    await self._host.settle_soon(account_id, subscription.reference, until=kept.at + LAST_METERING)
            case Action.REFUSED:
                await self._end(subscription, BindingEnd.REFUSED, "AWS Marketplace refused the subscription")
            case Action.UNSUBSCRIBED:
                await self._end(subscription, BindingEnd.UNSUBSCRIBED, "the customer unsubscribed at AWS Marketplace")

    async def _end(self, subscription: Subscription, end: BindingEnd, reason: str) -> None:
        for account_id in await linked_accounts(subscription.id):
            await self._host.binding_ended(account_id, subscription.reference, end, reason)
        await end_links(self._clock(), subscription_id=subscription.id)

    async def _concerned(self, event: Event) -> list[Subscription]:
        """The subscription that an event is about: none, if it is the end of an agreement that goes on as another."""
        named = await _named_by(event)
        if event.agreement_id is None or not (
            (named and event.action == Action.UNSUBSCRIBED) or (not named and event.action in BEGINS)
        ):
            return named
        try:
            if not named:
                return await self._follow(event, event.agreement_id)
            return [] if (await self._client.describe_agreement(event.agreement_id)).status in GOES_ON else named
        except ProviderError as error:
            if error.again:
                raise
            log.warning("AWS does not say what became of agreement %s: %s", event.agreement_id, error)
            return named

    async def _follow(self, event: Event, agreement_id: str) -> list[Subscription]:
        """The subscription whose agreement was renewed or replaced by the one that an event is about: it goes on with
        that, under the license that the event, or AWS, names. None as long as there is no license yet.
        """
        agreement = await self._client.describe_agreement(agreement_id)
        chain = {agreement.id, agreement.initial_id}
        buyer = agreement.acceptor or event.customer_aws_account_id
        candidates = Subscription.filter(customer_aws_account_id=buyer, license_arn__isnull=False)
        for subscription in await candidates.filter(agreement_id__isnull=False).order_by("id"):
            if await self._chain_of(subscription) not in chain:
                continue
            arn = event.license_arn or await self._license_of(agreement_id)
            if arn is None:
                return []
            known = {"agreement_id": agreement_id, "initial_agreement_id": agreement.initial_id, "license_arn": arn}
            await Subscription.filter(id=subscription.id).update(**known)
            return [await Subscription.get(id=subscription.id)]
        return []

    async def _chain_of(self, subscription: Subscription) -> str | None:
        if subscription.initial_agreement_id is None and subscription.agreement_id is not None:
            initial = (await self._client.describe_agreement(subscription.agreement_id)).initial_id
            await Subscription.filter(id=subscription.id).update(initial_agreement_id=initial)
            return initial
        return subscription.initial_agreement_id

    async def _license_of(self, agreement_id: str) -> str | None:
        found = await self._client.entitlements(agreement_id)
        return next((one.license_arn for one in found if one.status == PROVISIONED and one.license_arn), None)

    async def _change(
        self, subscription: Subscription, state: SubscriptionState, at: datetime, only: SubscriptionState | None = None
    ) -> bool:
        """Whether the state is ``state`` now; older news than the last change it, and of any state, but ``only``."""
        async with in_transaction():
            current = await Subscription.filter(id=subscription.id).select_for_update().get()
            if (current.state_at is not None and at < current.state_at) or only not in (None, current.state):
                return False
            await get_connection("default").execute_query(
                "UPDATE aws_subscription SET state = $2, state_at = $3 WHERE id = $1", [current.id, state.value, at]
            )
        return True


async def _named_by(event: Event) -> list[Subscription]:
    """The subscription that an event names; by the account alone only if it has no other."""
    if event.customer_identifier:
        return await Subscription.filter(
            customer_identifier=event.customer_identifier, product_code=event.product_code or ""
        )
    if event.license_arn and (found := await Subscription.filter(license_arn=event.license_arn)):
        return found
    if event.agreement_id and (found := await Subscription.filter(agreement_id=event.agreement_id)):
        return found
    if event.customer_aws_account_id and event.product_code:
        named = Subscription.filter(
            customer_aws_account_id=event.customer_aws_account_id,
            product_code=event.product_code,
            agreement_id__isnull=True,
        )
        found = await named
        return found if len(found) == 1 else []
    return []
