"""Stripe Checkout as the payment provider: hosted pages, by the official SDK."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Mapping
from typing import Any, TypeVar
from uuid import UUID

import httpx
import stripe
from settlement_spec import ChannelRefusal, Money
from stripe.checkout import Session

from settlement_guance.configuration import StripeConfiguration
from settlement_guance.payments import (
    Announcement,
    NotFromProvider,
    Page,
    PageChanged,
    Payment,
    PaymentReversed,
    PaymentState,
    ProviderSilent,
)

T = TypeVar("T")
log = logging.getLogger(__name__)
CONNECT_SECONDS = 2.0
TOP_UP = "edition_billing_top_up"
"""The metadata that marks a session and its payment as ours: a Stripe account may serve other things too."""
WRONG_AMOUNTS = ("amount_too_small", "amount_too_large")
REVERSALS = ("refund.created", "refund.failed", "charge.dispute.created", "charge.dispute.closed")
FAILED = ("requires_payment_method", "canceled")


class StripeCheckout:
    """Implements ``payments.PaymentProvider``. A call ends within about 15 seconds: two attempts, and a pause."""

    def __init__(self, configuration: StripeConfiguration) -> None:
        self._configuration = configuration
        seconds = configuration.timeout_seconds
        self._http = stripe.HTTPXClient(timeout=httpx.Timeout(seconds, connect=min(seconds, CONNECT_SECONDS)))
        self._client = stripe.StripeClient(
            configuration.secret_key,
            http_client=self._http,
            max_network_retries=1,
            base_addresses={"api": configuration.api_base} if configuration.api_base else None,
        )

    @property
    def takes_play_money(self) -> bool:
        """A stand-in is set."""
        return self._configuration.api_base is not None

    async def begin(self, top_up_id: UUID, reference: str, amount: Money) -> Page:
        """A session for one payment of the amount, by whatever the Stripe account has switched on for the currency.

        Adaptive pricing is off: what is paid is this amount in this currency.
        """
        marked = {TOP_UP: str(top_up_id)}
        creating = self._client.v1.checkout.sessions.create_async(
            {
                "mode": "payment",
                "line_items": [
                    {
                        "quantity": 1,
                        "price_data": {
                            "currency": amount.currency.lower(),
                            "unit_amount": amount.minor,
                            "product_data": {"name": f"企业账户充值 / Account top-up {reference}"},
                        },
                    }
                ],
                "adaptive_pricing": {"enabled": False},
                "client_reference_id": str(top_up_id),
                "metadata": marked,
                "payment_intent_data": {"description": reference, "metadata": marked},
                "success_url": self._configuration.return_url,
                "cancel_url": self._configuration.return_url,
            },
            {"idempotency_key": f"top-up-{top_up_id}"},
        )
        try:
            made = await _answer(creating)
        except stripe.InvalidRequestError as error:
            if error.code in WRONG_AMOUNTS:
                raise ChannelRefusal(
                    "amount",
                    f"the payment provider takes no such amount ({error.code})",
                    f"支付服务商不接受该金额（{error.code}）",
                ) from None
            raise _silent(error) from None
        if not made.url:
            raise ProviderSilent("Stripe made a session without an address")
        return Page(made.id, made.url)

    async def find(self, session_id: str) -> Payment | None:
        """The session as it is now, with its payment."""
        finding = self._client.v1.checkout.sessions.retrieve_async(session_id, {"expand": ["payment_intent"]})
        found = await _if_there(finding)
        return _payment(found) if found else None

    async def close(self, session_id: str) -> Payment | None:
        """Expire an open session; Stripe refuses that for one that was completed meanwhile."""
        found = await self.find(session_id)
        if found is not None and found.state == PaymentState.OPEN:
            try:
                await _answer(self._client.v1.checkout.sessions.expire_async(session_id))
            except stripe.InvalidRequestError:
                log.info("Stripe does not expire session %s", session_id)
            found = await self.find(session_id)
        return found

    async def read(self, body: bytes, headers: Mapping[str, str]) -> Announcement | None:
        """An event, after the SDK checked its ``Stripe-Signature``, five minutes old at the most."""
        secret = self._configuration.webhook_secret
        try:
            event = self._client.construct_event(body, headers.get("stripe-signature"), secret)
            about = event.data.object.to_dict()
        except (ValueError, AttributeError, stripe.SignatureVerificationError) as error:
            raise NotFromProvider(f"the event is refused: {type(error).__name__}") from None
        if event.type.startswith("checkout.session."):
            return PageChanged(about["id"]) if _top_up(about) else None
        if event.type not in REVERSALS:
            return None
        top_up_id = await self._paid_for(about.get("payment_intent"))
        if top_up_id is None:
            return None
        details = {name: about.get(name) for name in ("id", "payment_intent", "amount", "currency", "reason", "status")}
        return PaymentReversed(top_up_id, f"{event.type} {about['id']}", {"event": event.type, **details})

    async def stop(self) -> None:
        """Close the connections."""
        await self._http.close_async()  # type: ignore[no-untyped-call]

    async def _paid_for(self, payment_intent: str | None) -> UUID | None:
        if payment_intent is None:
            return None
        return _top_up(await _if_there(self._client.v1.payment_intents.retrieve_async(payment_intent)))


async def _answer(asking: Awaitable[T]) -> T:
    """What Stripe answers. ``InvalidRequestError`` passes; it names the request, never the key."""
    try:
        return await asking
    except stripe.InvalidRequestError:
        raise
    except stripe.StripeError as error:
        raise _silent(error) from None


async def _if_there(finding: Awaitable[T]) -> T | None:
    """What Stripe answers; ``None``: the Stripe account has no such thing."""
    try:
        return await _answer(finding)
    except stripe.InvalidRequestError as error:
        if error.code != "resource_missing":
            raise _silent(error) from None
        log.warning("Stripe does not know what was asked for (request %s)", error.request_id)
        return None


def _silent(error: stripe.StripeError) -> ProviderSilent:
    return ProviderSilent(f"Stripe: {type(error).__name__} {error.code or ''} (request {error.request_id})")


def _payment(session: Session) -> Payment | None:
    top_up_id = _top_up(session)
    if top_up_id is None:
        return None
    intent = session.payment_intent
    if session.payment_status == "paid":
        if intent is None or isinstance(intent, str) or session.amount_total is None or session.currency is None:
            raise ProviderSilent(f"Stripe does not say what was paid in session {session.id}")
        received = Money(session.amount_total, session.currency.upper())
        return Payment(top_up_id, PaymentState.PAID, intent.id, received)
    failed = intent is not None and not isinstance(intent, str) and intent.status in FAILED
    over = session.status == "expired" or (session.status == "complete" and failed)
    return Payment(top_up_id, PaymentState.LAPSED if over else PaymentState.OPEN)


def _top_up(marked: Any) -> UUID | None:
    """The top-up that a session or payment is for; ``None``: it is nothing of ours."""
    try:
        return UUID(marked["metadata"][TOP_UP])
    except (KeyError, TypeError, ValueError):
        return None
