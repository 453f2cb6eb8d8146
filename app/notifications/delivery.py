"""Delivering notifications: claims deliveries that are due, sends them, and tries again with growing pauses."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from app import clock
from app.db.sql import statement
from app.notifications.failures import NotDelivered
from app.notifications.media import media
from app.notifications.models import Delivery, DeliveryState
from app.settings import Settings

CLAIM_DUE = statement(__file__, "claim")
AT_ONCE = 20
OF_AN_ACCOUNT = 2
CLAIM = timedelta(minutes=2)
# The pauses that Standard Webhooks recommends, in seconds.
PAUSES = (5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)


async def deliver_due(settings: Settings, sandboxes: bool | None = None) -> int:
    """Send what is due until nothing is left; how many that was. What the settings lack a medium for waits.

    ``sandboxes``: only what is of sandbox accounts, or, if false, none of that.

    An account has two in hand at once, so that one whose receivers do not answer holds up no other. At least once: what
    a worker that died had in hand is sent again; webhook-id and Message-ID stay the same.
    """
    sent, in_hand = 0, set[asyncio.Task[None]]()
    try:
        while True:
            claimed = await _claim(settings, sandboxes, AT_ONCE - len(in_hand))
            in_hand |= {asyncio.create_task(_deliver(delivery, settings)) for delivery in claimed}
            if not in_hand:
                return sent
            done, in_hand = await asyncio.wait(
                in_hand, timeout=settings.worker_interval_seconds, return_when=asyncio.FIRST_COMPLETED
            )
            for task in done:
                task.result()
            sent += len(done)
    finally:
        for task in in_hand:
            task.cancel()


async def _claim(settings: Settings, sandboxes: bool | None, limit: int) -> list[Delivery]:
    now = clock.now()
    ready = [name for name, medium in media().items() if medium.is_ready(settings)]
    rows = await CLAIM_DUE.rows(now, now + CLAIM, limit, ready, sandboxes, OF_AN_ACCOUNT) if limit else []
    found = Delivery.filter(id__in=[row["id"] for row in rows]).order_by("id")
    return await found.select_related("event__account", "endpoint", "user") if rows else []


async def _deliver(delivery: Delivery, settings: Settings) -> None:
    medium = media()[delivery.medium]
    try:
        await medium.send(delivery, settings)
    except NotDelivered as failure:
        delivery.reason = str(failure)[:500]
        if failure.gone:
            await medium.gone(delivery, delivery.reason)
        if failure.gone or delivery.attempts > len(PAUSES):
            delivery.state = DeliveryState.FAILED
        else:
            delivery.next_attempt_at = clock.now() + timedelta(seconds=PAUSES[delivery.attempts - 1])
    else:
        delivery.state, delivery.reason, delivery.delivered_at = DeliveryState.DELIVERED, None, clock.now()
    delivery.claimed_until = None
    await delivery.save()
