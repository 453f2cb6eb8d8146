"""Delivering notifications: claims deliveries that are due, sends them, and tries again with growing pauses."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta

from app import clock
from app.db.sql import statement
from app.notifications.failures import Answer, NotDelivered
from app.notifications.media import Medium, media
from app.notifications.models import Delivery, DeliveryState
from app.settings import Settings

log = logging.getLogger(__name__)
CLAIM_DUE = statement(__file__, "claim")
AT_ONCE = 60
OF_AN_ACCOUNT = 4
SECONDS = 20.0
"""For how long one may take as a whole, from looking up the receiver's name to its answer."""
CLAIM = timedelta(minutes=2)
KEPT = timedelta(days=30)
"""For how long it is kept what a receiver answered."""
# The pauses that Standard Webhooks recommends, in seconds.
PAUSES = (5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)


async def deliver_due(settings: Settings, sandboxes: bool | None = None) -> int:
    """Send what is due until nothing is left; how many that was. What the settings lack a medium for waits.

    ``sandboxes``: only what is of sandbox accounts, or, if false, none of that.

    A receiver has one in hand, and an account four, so that one whose receivers do not answer holds up no other. At
    least once: what a worker that died had in hand is sent again; webhook-id and Message-ID stay the same.
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
    failure, answer = await _sent(medium, delivery, settings)
    delivery.response_status = answer.status if answer else None
    delivery.response_body = answer.body if answer else None
    await medium.after(delivery, failure, settings)
    if failure is not None:
        delivery.reason = str(failure)[:500]
        if failure.gone or delivery.attempts > len(PAUSES):
            delivery.state = DeliveryState.FAILED
        else:
            delivery.next_attempt_at = clock.now() + timedelta(seconds=PAUSES[delivery.attempts - 1])
    else:
        delivery.state, delivery.reason, delivery.delivered_at = DeliveryState.DELIVERED, None, clock.now()
    delivery.claimed_until = None
    await delivery.save()


async def _sent(medium: Medium, delivery: Delivery, settings: Settings) -> tuple[NotDelivered | None, Answer | None]:
    """Send once; whatever goes wrong, also here, is an attempt that failed, so that every delivery ends."""
    try:
        async with asyncio.timeout(SECONDS):
            return None, await medium.send(delivery, settings)
    except NotDelivered as failure:
        return failure, failure.answer
    except TimeoutError:
        return NotDelivered(f"it took longer than {SECONDS:g} seconds"), None
    except Exception as error:
        log.exception("a delivery failed here")
        return NotDelivered(f"it cannot be sent ({type(error).__name__})"), None


async def forget_answers() -> None:
    """Forget what receivers answered long ago."""
    old = Delivery.filter(attempted_at__lt=clock.now() - KEPT, response_body__isnull=False)
    await old.update(response_body=None)
