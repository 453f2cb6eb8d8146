"""Delivering notifications: claims deliveries that are due, sends them, and tries again with growing pauses."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit
from uuid import UUID

import aiosmtplib

from app import clock
from app.db.sql import statement
from app.notifications.endpoints import signing_secrets
from app.notifications.models import Delivery, DeliveryState, WebhookEndpoint
from app.notifications.notices import compose
from app.notifications.webhooks import NotDelivered, payload, post
from app.settings import Settings

CLAIM_DUE = statement(__file__, "claim")
BATCH = 20
CLAIM = timedelta(minutes=2)
# The pauses that Standard Webhooks recommends, in seconds.
PAUSES = (5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)


async def deliver_due(settings: Settings) -> int:
    """Send one batch of what is due; how many that was. Without an SMTP server, e-mails wait.

    At least once: what a worker that died had in hand is sent again; webhook-id and Message-ID stay the same.
    """
    now = clock.now()
    rows = await CLAIM_DUE.rows(now, now + CLAIM, BATCH, settings.smtp_url is not None)
    found = Delivery.filter(id__in=[row["id"] for row in rows])
    deliveries = await found.select_related("event__account", "endpoint", "user")
    await asyncio.gather(*(_deliver(delivery, settings) for delivery in deliveries))
    return len(deliveries)


async def _deliver(delivery: Delivery, settings: Settings) -> None:
    try:
        if delivery.endpoint is not None:
            await _post(delivery, delivery.endpoint, settings)
        else:
            await _mail(delivery, settings)
    except NotDelivered as failure:
        delivery.reason = str(failure)[:500]
        if failure.gone and delivery.endpoint_id:
            await _switch_off(delivery.endpoint_id, delivery.reason)
        if failure.gone or delivery.attempts > len(PAUSES):
            delivery.state = DeliveryState.FAILED
        else:
            delivery.next_attempt_at = clock.now() + timedelta(seconds=PAUSES[delivery.attempts - 1])
    else:
        delivery.state, delivery.reason, delivery.delivered_at = DeliveryState.DELIVERED, None, clock.now()
    delivery.claimed_until = None
    await delivery.save()


async def _post(delivery: Delivery, endpoint: WebhookEndpoint, settings: Settings) -> None:
    if not endpoint.enabled:
        raise NotDelivered("the endpoint is switched off", gone=True)
    message_id, body = f"evt_{delivery.event_id.hex}", payload(delivery.event)
    await post(endpoint.url, signing_secrets(endpoint), message_id, body, settings.webhook_allow_private)


async def _mail(delivery: Delivery, settings: Settings) -> None:
    if delivery.user is None or settings.smtp_url is None:
        raise NotDelivered("there is nobody to notify, or no mail server", gone=True)
    message = compose(delivery.event, delivery.event.account.name, settings.mail_from, delivery.user.email)
    try:
        await send_mail(message, settings.smtp_url)
    except (aiosmtplib.SMTPException, OSError) as error:
        raise NotDelivered(f"{type(error).__name__}: {error}") from None


async def send_mail(message: EmailMessage, smtp_url: str) -> None:
    """Send by ``smtp://user:password@host:587`` (STARTTLS where offered) or ``smtps://…`` (TLS from the start).

    Raises:
        aiosmtplib.SMTPException, OSError: the server refused it, or is not there.
    """
    parts = urlsplit(smtp_url)
    await aiosmtplib.send(
        message,
        hostname=parts.hostname or "localhost",
        port=parts.port,
        username=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
        use_tls=parts.scheme == "smtps",
        timeout=20,
    )


async def _switch_off(endpoint_id: UUID, reason: str) -> None:
    await WebhookEndpoint.filter(id=endpoint_id, enabled=True).update(enabled=False, disabled_reason=reason)
