"""Posting to customers' URLs: signed after Standard Webhooks, and never into the vendor's own network."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Sequence
from datetime import UTC, datetime
from urllib.parse import urlsplit

import httpx
import orjson
from standardwebhooks.webhooks import Webhook

from app.events.details import shown
from app.events.models import Event
from app.global_ids import global_id
from app.notifications.endpoints import signing_secrets
from app.notifications.failures import NotDelivered
from app.notifications.media import Medium
from app.notifications.models import Delivery, WebhookEndpoint
from app.settings import Settings

TIMEOUT_SECONDS = 15.0


def payload(event: Event) -> bytes:
    """What is posted of an event: ``type``, ``timestamp`` (on the account's clock) and ``data``, with global ids."""
    data = {
        "id": global_id("Event", event.id),
        "accountId": event.account_id and global_id("Account", event.account_id),
        "actor": {"kind": event.actor_kind, "label": event.actor_label},
        "before": shown(event.before),
        "after": shown(event.after),
        "reason": event.reason,
    }
    return orjson.dumps({"type": event.type, "timestamp": event.at, "data": data})


def headers(secrets: Sequence[str], message_id: str, body: bytes, now: datetime) -> dict[str, str]:
    """The headers that Standard Webhooks 1.0 asks for; one signature for each secret, of which the receiver has one."""
    return {
        "content-type": "application/json",
        "user-agent": "edition-billing",
        "webhook-id": message_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(Webhook(secret).sign(message_id, now, body.decode()) for secret in secrets),
    }


async def post(url: str, secrets: Sequence[str], message_id: str, body: bytes, allow_private: bool) -> None:
    """Post once; anything but 2xx is a failure. Redirects are not followed.

    Raises:
        NotDelivered: the receiver refused or did not answer, or its address is not a public one.
    """
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    address = await _address(host, port, allow_private)
    target = httpx.URL(url).copy_with(host=address)
    sent = headers(secrets, message_id, body, datetime.now(UTC)) | {"host": parts.netloc.rpartition("@")[2]}
    try:
        async with httpx.AsyncClient(timeout=TIMEOUT_SECONDS, trust_env=False) as client:
            request = client.build_request(
                "POST", target, content=body, headers=sent, extensions={"sni_hostname": host}
            )
            response = await client.send(request, stream=True)
            await response.aclose()
    except httpx.HTTPError as error:
        raise NotDelivered(f"{type(error).__name__}: {error}"[:500]) from None
    if not response.is_success:
        raise NotDelivered(f"it answered {response.status_code}", gone=response.status_code == httpx.codes.GONE)


async def _address(host: str, port: int, allow_private: bool) -> str:
    """The address that is connected to, so that a name cannot point elsewhere between check and use."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise NotDelivered(f"its name does not resolve: {error}") from None
    addresses = [str(info[4][0]) for info in found]
    allowed = [at for at in addresses if allow_private or ipaddress.ip_address(at).is_global]
    if not allowed:
        raise NotDelivered("its address is not a public one")
    return allowed[0]


async def _send(delivery: Delivery, settings: Settings) -> None:
    endpoint = delivery.endpoint
    if endpoint is None or not endpoint.enabled:
        raise NotDelivered("the endpoint is switched off", gone=True)
    message_id, body = f"evt_{delivery.event_id.hex}", payload(delivery.event)
    await post(endpoint.url, signing_secrets(endpoint), message_id, body, settings.webhook_allow_private)


async def _switch_off(delivery: Delivery, reason: str) -> None:
    endpoint = WebhookEndpoint.filter(id=delivery.endpoint_id, enabled=True)
    await endpoint.update(enabled=False, disabled_reason=reason)


MEDIUM = Medium(is_ready=lambda _: True, send=_send, gone=_switch_off)
