"""Posting to customers' URLs: signed after Standard Webhooks, and never into the vendor's own network."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import httpx
import orjson
from standardwebhooks.webhooks import Webhook

from app.events.details import shown
from app.events.models import Event
from app.global_ids import global_id
from app.notifications.addresses import is_public
from app.notifications.endpoints import arrived, failed, signing_secrets, told_before
from app.notifications.failures import Answer, NotDelivered
from app.notifications.media import Medium
from app.notifications.models import Delivery, WebhookEndpoint
from app.settings import Settings

TIMEOUT_SECONDS = 15.0
MOST_ANSWERED = 1_000
"""How much of an answer is read, in bytes."""
_names = ThreadPoolExecutor(max_workers=32, thread_name_prefix="webhook-names")
"""Looks up receivers' names, apart from everything else that waits in threads."""


def payload(event: Event, previous: UUID | None = None) -> bytes:
    """What is posted of an event: ``type``, ``timestamp`` (on the account's clock) and ``data``, with global ids.

    ``previous`` is the event that the receiver is told of before it.
    """
    data = {
        "id": global_id("Event", event.id),
        "previousId": previous and global_id("Event", previous),
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
        "accept-encoding": "identity",
        "webhook-id": message_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(Webhook(secret).sign(message_id, now, body.decode()) for secret in secrets),
    }


async def post(url: str, secrets: Sequence[str], message_id: str, body: bytes, allow_private: bool) -> Answer:
    """Post once, and answer with what the receiver said; anything but 2xx is a failure. Redirects are not followed.

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
            answer = Answer(response.status_code, await _beginning(response))
            await response.aclose()
    except (httpx.HTTPError, httpx.InvalidURL, ssl.SSLError, OSError) as error:
        raise NotDelivered(f"{type(error).__name__}: {error}"[:500]) from None
    if not response.is_success:
        gone = response.status_code == httpx.codes.GONE
        raise NotDelivered(f"it answered {response.status_code}", gone=gone, answer=answer)
    return answer


async def _beginning(response: httpx.Response) -> str:
    """The first characters of an answer, which may end early, or never."""
    read = b""
    with suppress(httpx.HTTPError):
        async for piece in response.aiter_raw():
            read += piece
            if len(read) >= MOST_ANSWERED:
                break
    return read[:MOST_ANSWERED].decode(errors="replace").replace("\0", "\ufffd")


async def _address(host: str, port: int, allow_private: bool) -> str:
    """The address that is connected to, so that a name cannot point elsewhere between check and use."""
    try:
        found = await asyncio.get_running_loop().run_in_executor(
            _names, partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
        )
    except (OSError, UnicodeError) as error:
        raise NotDelivered(f"its name does not resolve: {error}") from None
    addresses = [str(info[4][0]) for info in found]
    if not addresses or not (allow_private or all(is_public(at) for at in addresses)):
        raise NotDelivered("its address is not a public one")
    return addresses[0]


async def ping(endpoint: WebhookEndpoint, allow_private: bool) -> Answer:
    """Post a message of the type ``ping``, signed as events are, and answer with what the receiver said.

    Raises:
        NotDelivered: it did not take it.
    """
    now = datetime.now(UTC)
    account = endpoint.account_id and global_id("Account", endpoint.account_id)
    body = orjson.dumps({"type": "ping", "timestamp": now, "data": {"accountId": account}})
    try:
        async with asyncio.timeout(TIMEOUT_SECONDS):
            return await post(endpoint.url, signing_secrets(endpoint), f"ping_{uuid4().hex}", body, allow_private)
    except TimeoutError:
        raise NotDelivered(f"it took longer than {TIMEOUT_SECONDS:g} seconds") from None


async def _send(delivery: Delivery, settings: Settings) -> Answer:
    endpoint = delivery.endpoint
    if endpoint is None or not endpoint.enabled:
        raise NotDelivered("the endpoint is switched off", gone=True)
    body = payload(delivery.event, await told_before(endpoint.id, delivery.event_id))
    message_id = f"evt_{delivery.event_id.hex}"
    return await post(endpoint.url, signing_secrets(endpoint), message_id, body, settings.webhook_allow_private)


async def _note(delivery: Delivery, failure: NotDelivered | None, settings: Settings) -> None:
    """Note how the endpoint does; what is deleted or switched off does nothing any more."""
    endpoint = delivery.endpoint
    if endpoint is None or not endpoint.enabled:
        return
    if failure is None:
        await arrived(endpoint.id)
    else:
        await failed(endpoint.id, str(failure), failure.gone)


MEDIUM = Medium(is_ready=lambda _: True, send=_send, after=_note)
