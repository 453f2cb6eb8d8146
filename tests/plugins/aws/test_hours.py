"""Which hour a charge is metered in."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from settlement_aws import slots
from settlement_aws.hours import MARGIN, WINDOW, closes_at, open_hours, plan, timestamp_of
from settlement_aws.models import MeteredCharge, Subscription, UsageRecord
from settlement_spec import Charge, ChargeKind, Money

from tests.standins import aws as standin

NOW = datetime(2026, 3, 2, 16, 10, tzinfo=UTC)

instants = st.integers(0, 72 * 3600).map(lambda seconds: NOW + timedelta(seconds=seconds))


@st.composite
def charges(draw: st.DrawFn) -> Charge:
    kind = draw(st.sampled_from(ChargeKind))
    units = draw(st.integers(0, 50) if kind == ChargeKind.DAILY else st.integers(-50, 50))
    ends = NOW.replace(minute=0) - timedelta(hours=draw(st.sampled_from([-24, 0, 0, 0, 3, 24])))
    due = ends if kind == ChargeKind.DAILY else NOW - timedelta(minutes=draw(st.integers(0, 600)))
    money = Money(units * 500, "CNY")
    sandbox = draw(st.booleans())
    return Charge(uuid4(), uuid4(), "r", {}, kind, date(2026, 3, 2), ends, due, units, money, sandbox)


@given(instants)
def test_open_hours_are_complete_and_within_the_window(now: datetime) -> None:
    hours = open_hours(now)
    assert len(hours) in (23, 24)
    assert all(now - WINDOW < timestamp_of(hour) < now for hour in hours)


@pytest.mark.parametrize(
    ("hour", "closes"),
    [
        ("2026-03-02T15:00", "2026-03-03T15:59:59"),
        ("2026-03-31T15:00", "2026-04-01T06:00:00"),
        ("2026-12-31T23:00", "2027-01-01T06:00:00"),
        ("2026-02-28T05:00", "2026-03-01T05:59:59"),
        ("2026-04-01T00:00", "2026-04-02T00:59:59"),
    ],
)
def test_an_hour_is_open_for_a_day_and_a_month_until_six(hour: str, closes: str) -> None:
    begins, end = (datetime.fromisoformat(f"{text}+00:00") for text in (hour, closes))
    assert closes_at(begins) == end == standin.closes_at(timestamp_of(begins))
    assert begins in open_hours(end - MARGIN - timedelta(seconds=1))
    assert begins not in open_hours(end - MARGIN)


@given(st.lists(charges(), max_size=25), instants)
def test_every_charge_is_planned_once_and_no_record_is_negative(sent: list[Charge], now: datetime) -> None:
    planned = plan(sent, now)
    placed = [charge.id for group in planned.groups for charge in group.charges]
    assert sorted([*placed, *planned.refused, *planned.early]) == sorted(charge.id for charge in sent)
    assert all(group.quantity >= 0 and group.wanted in open_hours(now) for group in planned.groups)
    assert len({group.wanted for group in planned.groups}) == len(planned.groups)


def test_a_day_that_ends_within_an_hour_waits_for_the_end_of_that_hour() -> None:
    ends = datetime(2026, 3, 2, 18, 30, tzinfo=UTC)  # midnight in Asia/Kolkata
    day = Charge(
        uuid4(), uuid4(), "r", {}, ChargeKind.DAILY, date(2026, 3, 2), ends, ends, 20, Money(10_000, "USD"), False
    )
    complete = ends + timedelta(minutes=30)
    assert plan([day], ends + timedelta(minutes=10)).early == {day.id: complete}
    assert [group.wanted for group in plan([day], complete).groups] == [complete - timedelta(hours=1)]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batches=st.lists(st.lists(charges(), max_size=6), max_size=6))
async def test_no_hour_is_taken_twice_and_the_sums_are_exact(database: str, batches: list[list[Charge]]) -> None:
    customer = str(uuid4().int)[:12]
    subscriptions = [
        await Subscription.create(reference=str(uuid4()), customer=customer, product_code="p", registered_at=NOW)
        for _ in range(2)
    ]
    now, taken = NOW, 0
    for number, batch in enumerate(batches):
        planned = await slots.take("d", "r", {subscriptions[number % 2].id: batch}, now)
        again = await slots.take("d", "r", {subscriptions[number % 2].id: batch}, now)
        left = {*planned.refused, *planned.early}
        assert {*again.refused, *again.early} <= left
        recorded = await slots.records_of([charge.id for charge in batch])
        assert set(recorded) >= {charge.id for charge in batch} - left
        taken += sum(charge.units for charge in batch if charge.id in recorded)
        now += timedelta(minutes=20)
    records = await UsageRecord.filter(customer=customer)
    assert len({(record.payer, record.dimension, record.hour) for record in records}) == len(records)
    assert sum(record.quantity for record in records) == taken
    for record in records:
        parts = await MeteredCharge.filter(record_id=record.id)
        assert sum(part.units for part in parts) == record.quantity >= 0
