"""Figures over all production accounts, asked of the database, as Prometheus' gauges (docs/operations.md)."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from uuid import UUID

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from app import clock
from app.closing.day_status import days_not_closed
from app.jobs.beating import workers
from app.metrics import REGISTRY
from app.notifications.queries import waiting
from app.settlement.queries import progress, unsettled

DAY = timedelta(days=1)
KEPT_SECONDS = 10.0
_lock = asyncio.Lock()
_kept: tuple[float, bytes] = (float("-inf"), b"")


async def exposition(delay_seconds: int) -> bytes:
    """All figures of this process and of the database in Prometheus' text format; the latter are asked for every 10
    seconds at the most, however often they are scraped.

    ``delay_seconds``: how long after midnight a day is to be closed.
    """
    global _kept
    async with _lock:
        asked, text = _kept
        if time.monotonic() - asked >= KEPT_SECONDS:
            text = generate_latest(_registry(await _figures(timedelta(seconds=delay_seconds))))
            _kept = time.monotonic(), text
    return generate_latest(REGISTRY) + text


async def _figures(delay: timedelta) -> list[Metric]:
    now = clock.now()
    raised = _gauge("billing_charges_raised_day", "Charges raised in the last 24 hours.", "channel")
    settled = _gauge("billing_charges_settled_day", "Those of them that are settled.", "channel")
    for channel, count, done in await progress(now - DAY):
        raised.add_metric([channel], count)
        settled.add_metric([channel], done)
    charges = _gauge("billing_charges_unsettled", "Charges that are not settled.", "channel", "state")
    oldest = _gauge("billing_oldest_unsettled_seconds", "How long the oldest of them is due.", "channel", "state")
    for channel, state, count, since in await unsettled():
        charges.add_metric([channel, state], count)
        oldest.add_metric([channel, state], max(0.0, (now - since).total_seconds()))
    deliveries = _gauge("billing_deliveries_waiting", "What is still to be told, webhooks and mails.", "medium")
    waited = _gauge("billing_oldest_delivery_seconds", "How old the oldest of it is.", "medium")
    for medium, count, event in await waiting():
        deliveries.add_metric([medium], count)
        waited.add_metric([medium], max(0.0, (now - _made_at(event)).total_seconds()))
    open_days = _gauge("billing_days_not_closed", "Days of accounts that are over, and not closed.")
    open_days.add_metric([], await days_not_closed(delay))
    found, seen = await workers()
    present = _gauge("billing_workers", "Workers seen in the last minute.")
    present.add_metric([], found)
    last = _gauge("billing_worker_last_seen_timestamp_seconds", "When a worker was last seen; 0 if none ever was.")
    last.add_metric([], seen.timestamp() if seen else 0)
    return [raised, settled, charges, oldest, deliveries, waited, open_days, present, last]


def _gauge(name: str, about: str, *labels: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, about, labels=labels)


def _made_at(key: UUID) -> datetime:
    """When a row was made: the first 48 bits of a UUIDv7 are milliseconds."""
    return datetime.fromtimestamp((key.int >> 80) / 1000, UTC)


def _registry(figures: Iterable[Metric]) -> CollectorRegistry:
    class Found(Collector):
        def collect(self) -> Iterable[Metric]:
            return figures

    registry = CollectorRegistry()
    registry.register(Found())
    return registry
