"""Collecting charges while the provider misbehaves: nothing is lost, and nothing is collected twice."""

from __future__ import annotations

import pytest

from settlement_spec import ChargeKind, Outcome
from settlement_spec.conformance.bench import Bench
from settlement_spec.conformance.checks import ASYNC
from settlement_spec.conformance.harness import Misbehaviour
from settlement_spec.conformance.skipping import does_not_apply, not_tried

pytestmark = ASYNC
NOTHING_COLLECTED = [Misbehaviour.ERROR, Misbehaviour.DROP, Misbehaviour.THROTTLE]


async def upset(bench: Bench, how: Misbehaviour) -> None:
    """Let the provider go wrong, if the harness can."""
    if how not in bench.harness.misbehaviours:
        not_tried(how.value)
    await bench.harness.misbehave(how)


async def test_a_time_out_after_collecting_collects_once(bench: Bench) -> None:
    charges = [bench.charge(account) for account in await bench.accounts(min(2, bench.about.limits.batch_size))]
    await upset(bench, Misbehaviour.ACCEPT_THEN_TIME_OUT)
    for _ in range(2):
        for answer in (await bench.hand_over(*charges)).values():
            assert answer.outcome != Outcome.REJECTED, f"given up while the provider may have collected: {answer}"
    await bench.restart()
    await bench.harness.recover()
    answers = await bench.settle(*charges)
    assert all(answer.outcome == Outcome.SETTLED for answer in answers.values()), answers
    assert await bench.collected() == bench.owed(*charges)


@pytest.mark.parametrize("how", NOTHING_COLLECTED)
async def test_trouble_neither_loses_nor_doubles_a_charge(bench: Bench, how: Misbehaviour) -> None:
    charges = [bench.charge(account) for account in await bench.accounts(min(3, bench.about.limits.batch_size))]
    await upset(bench, how)
    for answer in (await bench.hand_over(*charges)).values():
        assert answer.outcome in (Outcome.RETRY_LATER, Outcome.UNKNOWN, Outcome.ACCEPTED), answer
    await bench.harness.recover()
    answers = await bench.settle(*charges)
    assert all(answer.outcome == Outcome.SETTLED for answer in answers.values()), answers
    assert await bench.collected() == bench.owed(*charges)


async def test_when_to_retry_is_ahead(bench: Bench) -> None:
    charge = bench.charge(await bench.account())
    await upset(bench, Misbehaviour.THROTTLE)
    answer = (await bench.hand_over(charge))[charge.id]
    await bench.harness.recover()
    if answer.retry_at is None:
        does_not_apply("it leaves to the billing center when to retry")
    assert answer.retry_at > bench.now
    within = bench.about.limits.push_within
    assert within is None or answer.retry_at <= charge.due_from + within, "too late for the provider"


async def test_a_partial_failure_touches_only_its_charges(bench: Bench) -> None:
    if bench.about.limits.batch_size < 2:
        does_not_apply("its batches are of one charge")
    charges = [bench.charge(account) for account in await bench.accounts(min(4, bench.about.limits.batch_size))]
    await upset(bench, Misbehaviour.PARTIAL_FAILURE)
    outcomes = [answer.outcome for answer in (await bench.hand_over(*charges)).values()]
    collected = await bench.collected()
    await bench.harness.recover()
    assert 0 < len(collected) < len(charges), "the harness lets some of the charges fail"
    through = sum(outcome in (Outcome.SETTLED, Outcome.ACCEPTED) for outcome in outcomes)
    assert through == len(collected), f"{len(collected)} were collected, {outcomes} answered"
    answers = await bench.settle(*charges)
    assert all(answer.outcome == Outcome.SETTLED for answer in answers.values()), answers
    assert await bench.collected() == bench.owed(*charges)


async def test_of_a_batch_that_was_not_collected_a_part_is_collected_alone(bench: Bench) -> None:
    if bench.about.limits.batch_size < 2:
        does_not_apply("its batches are of one charge")
    account = await bench.account()
    elsewhere, here = (bench.charge(account, units, ChargeKind.ADJUSTMENT) for units in (20, 7))
    await upset(bench, Misbehaviour.THROTTLE)
    answer = (await bench.hand_over(elsewhere, here))[elsewhere.id]
    await bench.harness.recover()
    if answer.outcome != Outcome.RETRY_LATER:
        does_not_apply("it does not say that the charge is certainly not collected")
    answers = await bench.settle(here)
    assert answers[here.id].outcome == Outcome.SETTLED, answers
    assert await bench.collected() == bench.owed(here), "the other one may be collected by another channel by now"


async def test_the_next_batch_after_trouble_is_collected(bench: Bench) -> None:
    first, second = (bench.charge(account) for account in await bench.accounts(2))
    await upset(bench, Misbehaviour.ERROR)
    await bench.hand_over(first)
    await bench.harness.recover()
    answer = (await bench.settle(second))[second.id]
    assert answer.outcome == Outcome.SETTLED, answer


async def test_every_call_ends_within_the_time_limit(bench: Bench) -> None:
    charge = bench.charge(await bench.account())
    for how in Misbehaviour:
        if how in bench.harness.misbehaviours:
            await bench.harness.misbehave(how)
            await bench.hand_over(charge)
            await bench.harness.recover()
    await bench.settle(charge)
    await bench.call("health", lambda channel: channel.health())
    await bench.call("tick", lambda channel: channel.tick(bench.now))
    await bench.call("stop", lambda channel: channel.stop())
    assert bench.overruns == []
