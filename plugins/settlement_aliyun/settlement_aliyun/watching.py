"""What nobody heard: failed calls are fetched, linked instances asked about daily, known expiries met in time."""

from __future__ import annotations

import json
import logging
from datetime import datetime, timedelta
from hashlib import md5
from typing import TYPE_CHECKING

from settlement_spec import HostServices
from tortoise.expressions import F, Q

from settlement_aliyun.answers import Notification, Sold, Unanswered
from settlement_aliyun.models import Instance, InstanceState, Link
from settlement_aliyun.spi import CallRefused, Outdated, Spi

if TYPE_CHECKING:
    from settlement_aliyun.client import Marketplace

log = logging.getLogger(__name__)
POLL_EVERY = timedelta(minutes=10)
LOOK_EVERY = timedelta(days=1)
MOST_LOOKS = 20
"""In a round: each is a request."""
HURRY = timedelta(minutes=30)
"""So long before a known expiry its charges are asked for: times after it are not billed by the marketplace."""
ANSWERED_BY_ITSELF = frozenset({"createInstance"})
"""What the marketplace waits for an answer of, which confirming does not give: it stays in the seller's console."""
OVER = {"EXPIRED": InstanceState.EXPIRED, "CLOSED": InstanceState.RELEASED}
"""The marketplace's status of an application's instance (DescribeInstanceForIsv) that ends what it pays for."""


class Watch:
    """Looks after what is linked, by itself; every round may be cut short, and the next one goes on."""

    def __init__(self, marketplace: Marketplace, spi: Spi, host: HostServices) -> None:
        self._marketplace, self._spi, self._host = marketplace, spi, host
        self._polled_at: datetime | None = None

    async def round(self, now: datetime) -> None:
        """Hurry what expires soon, then ask for what was missed; again in the next round where nobody answers."""
        await self._hurry(now)
        try:
            if self._polled_at is None or now >= self._polled_at + POLL_EVERY:
                await self._fetch_failed()
                self._polled_at = now
            await self._look(now)
        except Unanswered as error:
            log.warning("Alibaba Cloud Marketplace was asked what was missed: %s", error)

    async def _hurry(self, now: datetime) -> None:
        soon = Instance.filter(
            Q(hurried_for__isnull=True) | Q(hurried_for__not=F("expires_at")),
            state=InstanceState.ACTIVE,
            expires_at__gt=now,
            expires_at__lte=now + HURRY,
        )
        for instance in await soon.order_by("expires_at"):
            if instance.expires_at is not None:
                for link in await Link.filter(instance_id=instance.id):
                    await self._host.settle_soon(link.account_id, instance.id, instance.expires_at)
                await Instance.filter(id=instance.id).update(hurried_for=instance.expires_at)

    async def _fetch_failed(self) -> None:
        for notification in await self._marketplace.failed_notifications():
            if await self._carried_out(notification) and notification.action not in ANSWERED_BY_ITSELF:
                await self._marketplace.confirm(notification)

    async def _carried_out(self, notification: Notification) -> bool:
        """Whether nothing is left to do; what cannot be carried out stays with the marketplace, for people to see."""
        try:
            told = json.loads(notification.message)
            parameters = {name: str(value) for name, value in told.items()}
        except (ValueError, AttributeError, RecursionError):
            log.error("the failed notification %s of Alibaba Cloud Marketplace is no JSON object", notification.id)
            return False
        token = md5(notification.id.encode(), usedforsecurity=False).hexdigest()
        try:
            await self._spi.carry_out(notification.action, parameters, token)
        except Outdated:
            return True
        except CallRefused as refusal:
            log.error("the failed notification %s (%s): %s", notification.id, notification.action, refusal)
            return False
        return True

    async def _look(self, now: datetime) -> None:
        linked = await Link.all().distinct().values_list("instance_id", flat=True)
        due = Q(looked_at__isnull=True) | Q(looked_at__lte=now - LOOK_EVERY)
        active = Instance.filter(due, id__in=list(linked), state=InstanceState.ACTIVE)
        for instance in await active.order_by("id").limit(MOST_LOOKS):
            await Instance.filter(id=instance.id).update(looked_at=now)
            await self._believe(instance, await self._marketplace.sold(instance.id), now)

    async def _believe(self, instance: Instance, sold: Sold, now: datetime) -> None:
        if sold.status in OVER:
            await self._spi.end(instance.id, OVER[sold.status])
        elif sold.ends_at is not None and sold.ends_at > now and sold.ends_at != instance.expires_at:
            await Instance.filter(id=instance.id).update(expires_at=sold.ends_at)
