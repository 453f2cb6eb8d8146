"""Pushing charges: each in one record, each record booked once, whatever the network and the process do."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from itertools import pairwise
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from settlement_spec import ChargeKind, Money, Outcome
from tortoise.connection import get_connection

from tests.plugins.aliyun.conftest import DAY_END, World, charge
from tests.standins.aliyun import Booked, Standin

MIDNIGHT = int((DAY_END - timedelta(days=1)).timestamp())


async def test_a_charge_becomes_one_record_on_its_day_and_is_settled(world: World) -> None:
    one = charge()
    (result,) = await world.settle(one)
    assert (result.charge_id, result.outcome) == (one.id, Outcome.SETTLED)
    assert result.provider_reference
    assert world.standin.book == [Booked("i-1", MIDNIGHT, MIDNIGHT + 600, "Unit", 20)]


async def test_a_repeated_charge_answers_the_same_without_another_request(world: World) -> None:
    one = charge()
    first = await world.settle(one)
    await world.restart()
    world.later()
    assert await world.settle(one, one) == first * 2
    assert len(world.standin.requests) == 1


async def test_charges_of_one_instance_and_day_are_one_record(world: World) -> None:
    results = await world.settle(charge(units=20), charge(units=7))
    assert {result.outcome for result in results} == {Outcome.SETTLED}
    assert [booked.value for booked in world.standin.book] == [27]


async def test_an_instance_is_pushed_to_once_a_minute_and_the_rest_waits(world: World) -> None:
    await world.settle(charge())
    late = charge(units=3)
    (waits,) = await world.settle(late)
    assert (waits.outcome, waits.retry_at) == (Outcome.RETRY_LATER, world.now + timedelta(seconds=75))
    await world.restart()
    world.later(74)
    assert (await world.settle(late))[0].outcome == Outcome.RETRY_LATER
    world.later(1)
    assert (await world.settle(late))[0].outcome == Outcome.SETTLED
    first, second = world.standin.book
    assert (second.start_time, second.value) == (first.end_time, 3)


async def test_a_batch_is_split_by_product_and_by_length(world: World) -> None:
    for number in range(100):
        await world.sell(f"bulk-{number}")
    await world.sell("i-other", "other")
    charges = [charge(f"bulk-{number}") for number in range(99)] + [charge("i-other")]
    results = await world.settle(*charges)
    assert {result.outcome for result in results} == {Outcome.SETTLED}
    assert sorted(booked.instance_id for booked in world.standin.book) == sorted(
        str(one.external_reference) for one in charges
    )
    assert 3 <= len(world.standin.requests) <= 6


async def test_no_usage_is_reported_as_zero(world: World) -> None:
    (result,) = await world.settle(charge(units=0))
    assert result.outcome == Outcome.SETTLED
    assert world.standin.book[0].value == 0


@pytest.mark.parametrize(
    "more",
    [
        {"units": -1},
        {"units": 1, "minor": 1_200_000, "kind": ChargeKind.INSTALMENT},
        {"units": 20, "minor": -1},
        {"units": 20, "minor": 0},
        {"units": 0, "minor": 500},
        {"amount": Money(10_000, "USD")},
        {"external_reference": "i-never"},
        {"external_reference": None},
    ],
)
async def test_what_cannot_be_pushed_is_rejected_with_a_reason(world: World, more: dict[str, Any]) -> None:
    bad, good = charge(**more), charge()
    refused, settled = await world.settle(bad, good)
    assert (refused.outcome, settled.outcome) == (Outcome.REJECTED, Outcome.SETTLED)
    assert refused.reason
    assert [booked.value for booked in world.standin.book] == [20]


async def test_a_sandbox_charge_goes_to_a_stand_in_only(world: World) -> None:
    ahead = charge(sandbox=True, ends=DAY_END + timedelta(days=40))
    assert (await world.settle(ahead))[0].outcome == Outcome.SETTLED
    await world.restart(endpoint="market.aliyuncs.com", protocol="https")
    (result,) = await world.settle(charge(sandbox=True))
    assert result.outcome == Outcome.REJECTED
    assert "sandbox" in str(result.reason)


async def test_an_adjustment_is_billed_on_the_day_that_it_was_raised_on(world: World) -> None:
    world.now = DAY_END + timedelta(days=3, hours=9)
    raised = charge(units=4, kind=ChargeKind.ADJUSTMENT, due_from=world.now - timedelta(hours=1))
    assert (await world.settle(raised))[0].outcome == Outcome.SETTLED
    assert world.standin.book[0].start_time == int((DAY_END + timedelta(days=3)).timestamp())


async def test_what_is_late_is_rejected_by_the_marketplace_and_staff_see_it(world: World) -> None:
    world.later(86_400)
    (result,) = await world.settle(charge())
    assert result.outcome == Outcome.REJECTED
    assert "MeteringExpired" in str(result.reason)
    assert world.standin.book == []


async def test_throttling_is_waited_for(world: World) -> None:
    one = charge()
    world.standin.faults.append("throttle")
    (result,) = await world.settle(one)
    assert result.outcome == Outcome.RETRY_LATER
    world.now = result.retry_at or world.now
    assert (await world.settle(one))[0].outcome == Outcome.SETTLED


async def test_a_marketplace_that_cannot_be_reached_is_waited_for(world: World) -> None:
    one = charge()
    await world.restart(endpoint="127.0.0.1:1")
    assert (await world.settle(one))[0].outcome == Outcome.RETRY_LATER
    await world.restart(endpoint=world.standin.url)
    world.later()
    assert (await world.settle(one))[0].outcome == Outcome.SETTLED


async def test_a_wrong_secret_is_the_sellers_to_mend_and_loses_nothing(world: World) -> None:
    one = charge()
    right = world.host.settings["access_key_secret"]
    await world.restart(access_key_secret="wrong")
    (result,) = await world.settle(one)
    assert result.outcome == Outcome.RETRY_LATER
    assert "SignatureDoesNotMatch" in str(result.reason)
    await world.restart(access_key_secret=right)
    world.later()
    assert (await world.settle(one))[0].outcome == Outcome.SETTLED


async def test_one_expired_instance_does_not_keep_the_others_from_settling(world: World) -> None:
    await world.sell("i-2")
    world.standin.instances["i-2"].expired = True
    charges = [charge("i-1"), charge("i-2")]
    assert {result.outcome for result in await world.settle(*charges)} == {Outcome.RETRY_LATER}
    world.later()
    good, bad = await world.settle(*charges)
    assert (good.outcome, bad.outcome) == (Outcome.SETTLED, Outcome.REJECTED)
    assert "InstanceExpired" in str(bad.reason)
    assert [booked.instance_id for booked in world.standin.book] == ["i-1"]


@pytest.mark.parametrize("fault", ["accept_then_hang", "accept_then_drop", "500", "drop"])
async def test_a_lost_answer_is_asked_again_with_the_same_record_where_the_seller_says_so(
    world: World, fault: str
) -> None:
    await world.restart(after_lost_answer="resend")
    one = charge()
    world.standin.faults.append(fault)
    (lost,) = await world.settle(one)
    assert lost.outcome == Outcome.UNKNOWN
    await world.restart()
    world.now = lost.retry_at or world.now
    again, other = await world.settle(one, charge(units=9))
    assert (again.outcome, other.outcome) == (Outcome.SETTLED, Outcome.SETTLED)
    assert sorted(booked.value for booked in world.standin.book) == [9, 20]
    assert world.standin.repeats == (1 if fault.startswith("accept") else 0)


@pytest.mark.parametrize("fault", ["accept_then_drop", "500", "drop"])
async def test_a_lost_answer_is_for_people_to_look_at_otherwise(world: World, fault: str) -> None:
    one = charge()
    world.standin.faults.append(fault)
    (lost,) = await world.settle(one)
    await world.restart()
    world.later(3_600)
    (again,) = await world.settle(one)
    for result in (lost, again):
        assert result.outcome == Outcome.UNKNOWN
        assert f"i-1 has 20 Unit from {MIDNIGHT} to {MIDNIGHT + 600}" in str(result.reason)
    assert len(world.standin.requests) == (1 if fault == "accept_then_drop" else 0)
    await world.restart(after_lost_answer="resend")
    assert (await world.settle(one))[0].outcome == Outcome.SETTLED
    assert len(world.standin.book) == 1


async def test_what_may_be_collected_is_never_called_certain_again_before_it_is(world: World) -> None:
    await world.restart(after_lost_answer="resend")
    one = charge()
    world.standin.faults.append("accept_then_drop")
    await world.settle(one)
    assert (await world.settle(one))[0].outcome == Outcome.UNKNOWN
    world.later()
    world.standin.faults.append("throttle")
    assert (await world.settle(one))[0].outcome == Outcome.UNKNOWN
    world.later()
    world.standin.instances["i-1"].expired = True
    assert (await world.settle(one))[0].outcome == Outcome.UNKNOWN
    key = world.host.settings["access_key_id"]
    await world.restart(access_key_id="")
    assert (await world.settle(one))[0].outcome == Outcome.UNKNOWN
    await world.restart(access_key_id=key)
    world.later()
    world.standin.instances["i-1"].expired = False
    assert (await world.settle(one))[0].outcome == Outcome.SETTLED
    assert (len(world.standin.book), world.standin.repeats) == (1, 1)


async def test_a_process_that_died_while_it_pushed_leaves_a_lost_answer(world: World) -> None:
    one = charge()
    await world.settle(one)
    await _forget_the_answer()
    await world.restart()
    world.later()
    assert (await world.settle(one))[0].outcome == Outcome.UNKNOWN
    assert len(world.standin.requests) == 1
    await world.restart(after_lost_answer="resend")
    assert (await world.settle(one))[0].outcome == Outcome.SETTLED
    assert (len(world.standin.book), world.standin.repeats) == (1, 1)


async def test_two_processes_with_one_charge_push_it_once(world: World) -> None:
    one = charge()
    answers = await asyncio.gather(*(world.settle(one) for _ in range(8)))
    outcomes = [answer[0].outcome for answer in answers]
    assert outcomes.count(Outcome.SETTLED) >= 1
    assert set(outcomes) <= {Outcome.SETTLED, Outcome.UNKNOWN}
    assert (len(world.standin.requests), len(world.standin.book)) == (1, 1)


async def test_what_was_confirmed_is_reconciled_charge_by_charge(world: World) -> None:
    charges = [charge(units=20), charge(units=7)]
    results = await world.settle(*charges)
    records = await world.channel.reconcile(world.now, world.now + timedelta(seconds=1))
    assert {(one.charge_id, one.units, one.amount, one.provider_reference) for one in records} == {
        (one.id, one.units, one.amount, result.provider_reference) for one, result in zip(charges, results, strict=True)
    }
    assert await world.channel.reconcile(world.now - timedelta(days=1), world.now) == []


@pytest.mark.parametrize("fault", ["expired", "throttle"])
async def test_of_a_record_that_was_not_taken_only_what_comes_again_is_pushed_again(world: World, fault: str) -> None:
    moved, retried, later = charge(units=20), charge(units=7), charge(units=3)
    world.standin.instances["i-1"].expired = fault == "expired"
    world.standin.faults.extend(["throttle"] if fault == "throttle" else [])
    refused = await world.settle(moved, retried, later)
    assert {result.outcome for result in refused} <= {Outcome.REJECTED, Outcome.RETRY_LATER}
    world.standin.instances["i-1"].expired = False
    for one in (retried, later):
        world.later(301)
        assert [result.outcome for result in await world.settle(one)] == [Outcome.SETTLED]
    assert [booked.value for booked in world.standin.book] == [7, 3]
    records = await world.channel.reconcile(DAY_END, world.now + timedelta(seconds=1))
    assert {record.charge_id for record in records} == {retried.id, later.id}


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE aliyun_record SET value = 1",
        "UPDATE aliyun_record SET state = 'WAITING'",
        "DELETE FROM aliyun_record",
        "UPDATE aliyun_charge SET units = 1",
        "DELETE FROM aliyun_charge",
    ],
)
async def test_what_was_pushed_is_never_rewritten(world: World, statement: str) -> None:
    await world.settle(charge())
    with pytest.raises(Exception, match="never changed"):
        await get_connection("default").execute_query(statement)


@pytest.mark.parametrize("statement", ["UPDATE aliyun_record SET value = 1", "DELETE FROM aliyun_charge"])
async def test_what_may_be_at_the_marketplace_is_never_rewritten(world: World, statement: str) -> None:
    world.standin.faults.append("accept_then_drop")
    await world.settle(charge())
    with pytest.raises(Exception, match="never changed"):
        await get_connection("default").execute_query(statement)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    units=st.lists(st.integers(0, 50), min_size=1, max_size=12),
    order=st.lists(st.tuples(st.sets(st.integers(0, 11), min_size=1), st.sampled_from(["", "500", "throttle"]))),
)
async def test_every_charge_is_in_one_record_the_sums_are_exact_and_nothing_overlaps(
    world: World, units: list[int], order: list[tuple[set[int], str]]
) -> None:
    await world.restart(after_lost_answer="resend")
    id = f"i-{uuid4().hex}"
    world.now = DAY_END + timedelta(minutes=30)
    await world.sell(id)
    charges = [charge(id, one) for one in units]
    for numbers, fault in order:
        world.standin.faults.clear()
        world.standin.faults.extend([fault] if fault else [])
        await world.settle(*(charges[number] for number in numbers if number < len(charges)))
        world.later(301)
    world.standin.faults.clear()
    for _ in range(2):
        world.later(301)
        results = await world.settle(*charges)
    assert {result.outcome for result in results} == {Outcome.SETTLED}
    assert sum(booked.value for booked in _booked(world.standin, id)) == sum(units)
    times = sorted((booked.start_time, booked.end_time) for booked in _booked(world.standin, id))
    assert all(earlier[1] <= later[0] for earlier, later in pairwise(times))
    in_records = await _sums(id)
    assert sorted(in_records) == sorted(booked.value for booked in _booked(world.standin, id))


def _booked(standin: Standin, id: str) -> list[Booked]:
    return [booked for booked in standin.book if booked.instance_id == id]


async def _sums(id: str) -> list[int]:
    rows = await get_connection("default").execute_query_dict(
        "SELECT sum(units)::bigint AS units FROM aliyun_charge JOIN aliyun_record ON aliyun_record.id = record_id "
        "WHERE instance_id = $1 GROUP BY record_id",
        [id],
    )
    return [row["units"] for row in rows]


async def _forget_the_answer() -> None:
    """What a process killed after the request leaves behind."""
    connection = get_connection("default")
    await connection.execute_query("ALTER TABLE aliyun_record DISABLE TRIGGER final")
    await connection.execute_query(
        "UPDATE aliyun_record SET state = 'PUSHING', request_id = NULL, confirmed_at = NULL, reason = NULL"
    )
    await connection.execute_query("ALTER TABLE aliyun_record ENABLE TRIGGER final")
