"""Figures say whether money moves, of production accounts alone, and whether a worker lives."""

from __future__ import annotations

from datetime import timedelta

import pytest
from prometheus_client.parser import text_string_to_metric_families

from app import clock
from app.bootstrap import Runtime
from app.closing.days import close_due
from app.events.models import Event
from app.jobs.beating import Heart
from app.monitoring import figures
from app.notifications.models import Delivery, DeliveryState
from app.settlement.models import Settlement, SettlementState
from app.worker import run_once
from tests.billing.factory import billed_account


async def now() -> dict[str, float]:
    """Each figure of the database by its name and labels."""
    text = (await figures.exposition(0)).decode()
    return {
        " ".join((sample.name, *sample.labels.values())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


async def test_money_on_its_way_is_seen(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(figures, "KEPT_SECONDS", -1.0)
    first = clock.local_day(clock.now(), "Asia/Shanghai") - timedelta(days=2)
    await billed_account(first)
    await billed_account(first, sandbox=True)
    before = await now()
    assert before["billing_days_not_closed"] == 2
    assert before["billing_workers"] == before["billing_worker_last_seen_timestamp_seconds"] == 0
    assert "billing_charges_raised_day guance" not in before

    await close_due()
    due = await now()
    assert due["billing_days_not_closed"] == 0
    assert due["billing_charges_raised_day guance"] == due["billing_charges_unsettled guance PENDING"] == 2
    assert due["billing_charges_settled_day guance"] == 0
    assert 86_400 < due["billing_oldest_unsettled_seconds guance PENDING"] < 3 * 86_400

    await run_once(runtime.settings, runtime.host)
    after = await now()
    assert after["billing_charges_settled_day guance"] == 2
    assert "billing_charges_unsettled guance PENDING" not in after

    await Settlement.filter(sandbox=False).update(state=SettlementState.NEEDS_ATTENTION)
    assert (await now())["billing_charges_unsettled guance NEEDS_ATTENTION"] == 2


async def test_what_is_to_be_told_waits_by_medium(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(figures, "KEPT_SECONDS", -1.0)
    await billed_account(clock.local_day(clock.now(), "Asia/Shanghai") - timedelta(days=2))
    await close_due()
    event = await Event.all().order_by("id").first()
    assert event is not None
    for sandbox in (False, True):
        await Delivery.create(event_id=event.id, medium="email", state=DeliveryState.PENDING, sandbox=sandbox)
    found = await now()
    assert found["billing_deliveries_waiting email"] == 1
    assert 0 <= found["billing_oldest_delivery_seconds email"] < 60


async def test_a_worker_is_seen_until_it_stops_or_is_silent(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(figures, "KEPT_SECONDS", -1.0)
    heart, other = Heart(), Heart()
    await heart.beat()
    await other.beat()
    await heart.beat()
    assert (await now())["billing_workers"] == 2
    await heart.stop()
    found = await now()
    assert found["billing_workers"] == 1
    try:
        later = clock.now() + timedelta(minutes=2)
        clock.replace(lambda: later)
        silent = await now()
    finally:
        clock.replace(None)
    assert silent["billing_workers"] == 0
    assert silent["billing_worker_last_seen_timestamp_seconds"] == found["billing_worker_last_seen_timestamp_seconds"]
