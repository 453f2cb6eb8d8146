"""Webhook endpoints of an account: made, changed, switched off; and events delivered again."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from urllib.parse import urlsplit
from uuid import UUID

import httpx
from tortoise.expressions import Subquery
from tortoise.transactions import in_transaction

from app import clock, secretbox
from app.accounts.models import Account
from app.accounts.queries import lock_account
from app.db.locking import lock_name
from app.db.sql import statement
from app.errors import InvalidInput, LimitExceeded, NotFound
from app.events.models import Event
from app.events.recording import SYSTEM, Actor, record
from app.events.types import EVENT_TYPES
from app.inputs import text
from app.notifications.addresses import is_host
from app.notifications.models import Delivery, DeliveryState, WebhookEndpoint
from app.settings import get_settings

MOST_ENDPOINTS = 10
MOST_BACKFILLED = 1_000
MOST_FAILURES = 5
PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=1)
OVERLAP = timedelta(hours=24)
PREVIOUS = statement(__file__, "previous")


async def create(account: Account, url: str, event_types: Sequence[str], actor: Actor) -> tuple[WebhookEndpoint, str]:
    """A new endpoint, and its signing secret (``whsec_…``), which is shown this once.

    Raises:
        InvalidInput: no https URL, or an event type that there is not.
        LimitExceeded: the account has 10 endpoints, those included that are switched off.
    """
    kept = await WebhookEndpoint.filter(account_id=account.id, deleted_at=None).count()
    if kept >= MOST_ENDPOINTS:
        raise LimitExceeded(limit=MOST_ENDPOINTS, actual=kept + 1, path=("accountId",))
    address, secret = _checked(url), _new_secret()
    endpoint = await WebhookEndpoint.create(
        account_id=account.id,
        url=address,
        secret_encrypted=secretbox.encrypt(secret.encode()),
        event_types=known_types(event_types),
        enabled=True,
        created_at=clock.now(),
    )
    await record(account.id, account.now(), "webhook_endpoint.created", actor, after={"url": endpoint.url})
    return endpoint, secret


async def update(
    account: Account,
    endpoint_id: UUID,
    url: str | None,
    event_types: Sequence[str] | None,
    enabled: bool | None,
    actor: Actor,
) -> WebhookEndpoint:
    """Change what is given; what is ``None`` stays.

    Raises:
        NotFound: the account has no such endpoint.
        InvalidInput: no https URL, or an event type that there is not.
    """
    endpoint = await _find(account, endpoint_id)
    before = {"url": endpoint.url, "enabled": endpoint.enabled}
    endpoint.url = endpoint.url if url is None else _checked(url)
    endpoint.event_types = endpoint.event_types if event_types is None else known_types(event_types)
    if enabled is not None:
        endpoint.enabled, endpoint.disabled_reason = enabled, None
        endpoint.failures, endpoint.failing_since, endpoint.paused_until = 0, None, None
    await endpoint.save()
    after = {"url": endpoint.url, "enabled": endpoint.enabled}
    await record(account.id, account.now(), "webhook_endpoint.updated", actor, before=before, after=after)
    return endpoint


async def rotate_secret(account: Account, endpoint_id: UUID, actor: Actor) -> tuple[WebhookEndpoint, str]:
    """Give the endpoint another signing secret, which is shown this once; the former one signs, too, for 24 hours.

    Raises:
        NotFound: the account has no such endpoint.
    """
    endpoint, secret = await _find(account, endpoint_id), _new_secret()
    endpoint.former_secret_encrypted, endpoint.former_until = endpoint.secret_encrypted, clock.now() + OVERLAP
    endpoint.secret_encrypted = secretbox.encrypt(secret.encode())
    await endpoint.save()
    await record(account.id, account.now(), "webhook_endpoint.secret_rotated", actor, after={"url": endpoint.url})
    return endpoint, secret


async def delete(account: Account, endpoint_id: UUID, actor: Actor) -> None:
    """Post nothing more to the endpoint, and forget its secrets; what was delivered to it stays on record.

    Raises:
        NotFound: the account has no such endpoint.
    """
    endpoint = await _find(account, endpoint_id)
    endpoint.enabled, endpoint.deleted_at = False, clock.now()
    endpoint.secret_encrypted, endpoint.former_secret_encrypted = b"", None
    await endpoint.save()
    await record(account.id, account.now(), "webhook_endpoint.deleted", actor, before={"url": endpoint.url})


async def point_staff_endpoint(url: str | None, secret: str | None) -> None:
    """Post what staff are told of to this URL, signed with this secret, and nowhere else; without one, nowhere."""
    async with in_transaction():
        await lock_name("staff endpoint")
        theirs = WebhookEndpoint.filter(account_id=None, deleted_at=None)
        others = theirs.exclude(url=url) if url else theirs
        await others.update(enabled=False, deleted_at=clock.now(), secret_encrypted=b"")
        if url and secret:
            endpoint = await theirs.first() or WebhookEndpoint(url=url, event_types=[], created_at=clock.now())
            endpoint.secret_encrypted = secretbox.encrypt(secret.encode())
            endpoint.enabled, endpoint.disabled_reason = True, None
            await endpoint.save()


def signing_secrets(endpoint: WebhookEndpoint) -> list[str]:
    """What its messages are signed with now: its secret, and the former one for a while after a rotation."""
    sealed = [endpoint.secret_encrypted]
    if endpoint.former_secret_encrypted and endpoint.former_until and clock.now() < endpoint.former_until:
        sealed.append(endpoint.former_secret_encrypted)
    return [secretbox.decrypt(secret).decode() for secret in sealed]


async def replay(account: Account, endpoint_id: UUID, since: datetime, actor: Actor) -> int:
    """Deliver again to the endpoint what it was to receive since then, in whatever state; how many that is.

    Raises:
        NotFound: the account has no such endpoint.
    """
    endpoint = await _find(account, endpoint_id)
    again = Delivery.filter(endpoint_id=endpoint.id, event__at__gte=since)
    count = await again.update(state=DeliveryState.PENDING, attempts=0, next_attempt_at=None, delivered_at=None)
    await record(
        account.id,
        account.now(),
        "webhook_endpoint.replayed",
        actor,
        after={"since": since.isoformat(), "deliveries": count},
    )
    return count


async def backfill(account: Account, endpoint_id: UUID, since: datetime, actor: Actor) -> int:
    """Deliver to the endpoint what happened since then and it was never to receive, as before it was made; the
    oldest 1,000 of it, and how many that is.

    Raises:
        NotFound: the account has no such endpoint.
    """
    endpoint = await _find(account, endpoint_id)
    known = Subquery(Delivery.filter(endpoint_id=endpoint.id).values("event_id"))
    missed = Event.filter(account_id=account.id, at__gte=since, id__not_in=known)
    if endpoint.event_types:
        missed = missed.filter(type__in=endpoint.event_types)
    found = await missed.order_by("id").limit(MOST_BACKFILLED)
    await Delivery.bulk_create(
        Delivery(
            account_id=account.id,
            event_id=event.id,
            endpoint_id=endpoint.id,
            medium="webhook",
            state=DeliveryState.PENDING,
            sandbox=account.sandbox,
        )
        for event in found
    )
    count = len(found)
    await record(account.id, account.now(), "webhook_endpoint.backfilled", actor, after={"deliveries": count})
    return count


async def redeliver(account: Account, delivery_id: UUID) -> Delivery:
    """Deliver one event again to the endpoint that it was for.

    Raises:
        NotFound: the account has no such delivery to an endpoint.
        InvalidInput: the endpoint is switched off.
    """
    found = Delivery.filter(id=delivery_id, account_id=account.id, to_staff=False, endpoint__deleted_at=None)
    delivery = await found.exclude(endpoint_id=None).select_related("event", "endpoint", "user").first()
    if delivery is None or delivery.endpoint is None:
        raise NotFound(what="delivery", path=("deliveryId",))
    check_enabled(delivery.endpoint, "deliveryId")
    delivery.state, delivery.attempts = DeliveryState.PENDING, 0
    delivery.next_attempt_at = delivery.delivered_at = None
    await delivery.save()
    return delivery


def check_enabled(endpoint: WebhookEndpoint, path: str) -> None:
    """Refuse an endpoint that is switched off.

    Raises:
        InvalidInput: it is.
    """
    if not endpoint.enabled:
        raise InvalidInput(
            reason_en="the endpoint is switched off: switch it on first",
            reason_zh="该端点已停用：请先启用",
            operations=("updateWebhookEndpoint",),
            path=(path,),
        )


async def find_endpoint(account: Account, endpoint_id: UUID) -> WebhookEndpoint:
    """The account's endpoint.

    Raises:
        NotFound: it has no such endpoint.
    """
    return await _find(account, endpoint_id)


async def told_before(endpoint_id: UUID, event_id: UUID) -> UUID | None:
    """The last event before one that the endpoint is told of, too."""
    found = await PREVIOUS.rows(endpoint_id, event_id)
    return found[0]["event_id"] if found else None


async def arrived(endpoint_id: UUID) -> None:
    """Note that an endpoint took something."""
    well = {"failures": 0, "failing_since": None, "paused_until": None}
    await WebhookEndpoint.filter(id=endpoint_id, failures__gt=0).update(**well)


async def failed(endpoint_id: UUID, reason: str, gone: bool) -> None:
    """Note that an endpoint did not take something: after five times that follow each other it is paused, for a minute
    and then for ever longer, an hour at most; after days of it, or where it wants no more, it is switched off."""
    now = clock.now()
    days = timedelta(days=get_settings().webhook_failing_days)
    async with in_transaction():
        held = WebhookEndpoint.filter(id=endpoint_id)
        endpoint = await held.select_for_update(no_key=True).get()
        endpoint.failures += 1
        endpoint.failing_since = endpoint.failing_since or now
        over = endpoint.failures - MOST_FAILURES
        endpoint.paused_until = now + min(PAUSE * 2 ** min(over, 6), LONGEST_PAUSE) if over >= 0 else None
        changed = {name: getattr(endpoint, name) for name in ("failures", "failing_since", "paused_until")}
        await held.update(**changed)
    if endpoint.enabled and (gone or now - endpoint.failing_since >= days):
        await _switch_off(endpoint, reason)


async def _switch_off(endpoint: WebhookEndpoint, reason: str) -> None:
    async with in_transaction():
        account = await lock_account(endpoint.account_id) if endpoint.account_id else None
        still = WebhookEndpoint.filter(id=endpoint.id, enabled=True)
        if await still.update(enabled=False, disabled_reason=reason[:500]) and account is not None:
            before = {"url": endpoint.url}
            type = "webhook_endpoint.disabled"
            await record(account.id, account.now(), type, SYSTEM, before=before, reason=reason[:500])


def known_types(event_types: Sequence[str], path: str = "eventTypes") -> list[str]:
    """These types of events, sorted, each once.

    Raises:
        InvalidInput: there is no such type.
    """
    chosen = sorted({type.strip() for type in event_types})
    unknown = next((type for type in chosen if type not in EVENT_TYPES), None)
    if unknown is not None:
        known = ", ".join(EVENT_TYPES)
        raise InvalidInput(
            reason_en=f"there is no event type {unknown[:60]!r}; there are {known}",
            reason_zh=f"没有事件类型 {unknown[:60]!r}；可用的有：{known}",
            path=(path,),
        )
    return chosen


async def _find(account: Account, endpoint_id: UUID) -> WebhookEndpoint:
    endpoint = await WebhookEndpoint.get_or_none(id=endpoint_id, account_id=account.id, deleted_at=None)
    if endpoint is None:
        raise NotFound(what="webhook endpoint", path=("endpointId",))
    return endpoint


def _new_secret() -> str:
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()


def _checked(url: str) -> str:
    private = get_settings().webhook_allow_private
    given = text(url, "url", 2000)
    try:
        parts = urlsplit(given)
        sound = (
            parts.scheme in ({"https", "http"} if private else {"https"})
            and parts.port != 0
            and "@" not in parts.netloc
            and given.isprintable()
            and not set(given) & set(' "<>\\^`{|}')
            and is_host(parts.hostname or "", private)
            and bool(httpx.URL(given))
        )
    except (ValueError, httpx.InvalidURL):
        sound = False
    if not sound:
        raise InvalidInput(
            reason_en="url must be of the form https://example.com/path, its host a public one",
            reason_zh="url 须为 https://example.com/path 的形式，且主机须为公网主机",
            path=("url",),
        )
    return given
