"""Collecting charges while all is well: each once, whole, and from whom it is owed."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from uuid import UUID

from settlement_spec import Capability, ChargeBatch, ChargeKind, Outcome, SettlementResult
from settlement_spec.conformance.bench import DONE, Bench
from settlement_spec.conformance.checks import ASYNC
from settlement_spec.conformance.loading import load_channel
from settlement_spec.conformance.offline import no_way_out
from settlement_spec.conformance.skipping import does_not_apply, not_tried

pytestmark = ASYNC
MOST = 1000


def settled(answers: Mapping[UUID, SettlementResult]) -> bool:
    """Whether every charge is."""
    return all(answer.outcome == Outcome.SETTLED for answer in answers.values())


async def test_every_charge_of_a_batch_gets_one_result(bench: Bench) -> None:
    charges = [bench.charge(account) for account in await bench.accounts(3)]
    size = bench.about.limits.batch_size
    batch = ChargeBatch(tuple(charges[:size]), bench.now)
    results = await bench.call("settle", lambda channel: channel.settle(batch))
    assert sorted(result.charge_id for result in results) == sorted(charge.id for charge in batch.charges)
    assert settled(await bench.settle(*charges))
    assert await bench.collected() == bench.owed(*charges)


async def test_the_same_call_again_answers_the_same_and_collects_nothing(bench: Bench) -> None:
    charge = bench.charge(await bench.account())
    first = await bench.settle(charge)
    assert settled(first)
    for _ in range(2):
        again = await bench.hand_over(charge)
        assert again[charge.id].outcome == Outcome.SETTLED
        assert again[charge.id].provider_reference == first[charge.id].provider_reference
    assert await bench.collected() == bench.owed(charge)


async def test_a_charge_in_another_batch_and_order_is_collected_once(bench: Bench) -> None:
    one, two, three = (bench.charge(account) for account in await bench.accounts(3))
    assert settled(await bench.settle(one, two))
    assert settled(await bench.settle(three, two, one))
    assert await bench.collected() == bench.owed(one, two, three)


async def test_the_same_charges_at_once_from_two_processes_are_collected_once(bench: Bench) -> None:
    charges = [bench.charge(account) for account in await bench.accounts(min(3, bench.about.limits.batch_size))]
    other = load_channel(bench.name)
    await other.start(bench.services)
    await asyncio.gather(*(bench.hand_over(*charges, to=to) for to in (bench.channel, other, bench.channel, other)))
    await other.stop()
    assert settled(await bench.settle(*charges))
    assert await bench.collected() == bench.owed(*charges)


async def test_a_restart_in_between_collects_nothing_again(bench: Bench) -> None:
    one, two = (bench.charge(account) for account in await bench.accounts(2))
    first = await bench.settle(one)
    await bench.restart()
    again = await bench.settle(two, one)
    assert settled(again)
    assert again[one.id].provider_reference == first[one.id].provider_reference
    assert await bench.collected() == bench.owed(one, two)


async def test_a_full_batch_and_the_next_are_collected_within_the_providers_limits(bench: Bench) -> None:
    accounts = await bench.accounts(min(bench.about.limits.batch_size, MOST) + 3)
    charges = [bench.charge(account) for account in accounts]
    assert settled(await bench.settle(*charges))
    assert await bench.collected() == bench.owed(*charges)
    assert list(await bench.harness.violations()) == []


async def test_a_zero_charge_is_settled(bench: Bench) -> None:
    zero, other = (
        bench.charge(account, units) for account, units in zip(await bench.accounts(2), (0, 20), strict=True)
    )
    assert settled(await bench.settle(zero, other))
    assert await bench.collected() == bench.owed(other)


async def test_an_amount_without_units_is_collected_whole_or_rejected(bench: Bench) -> None:
    """A base fee on a day without usage, say: whoever pushes units alone would settle it for nothing."""
    account = await bench.account()
    fee = bench.charge(account, 0, minor=1000)
    answer = (await bench.settle(fee))[fee.id]
    if bench.can(Capability.METERED_PUSH):
        assert answer.outcome == Outcome.REJECTED, "its provider never hears of the amount"
        assert answer.reason, "why"
        assert await bench.collected() == {}
    else:
        assert answer.outcome == Outcome.SETTLED, answer
        assert await bench.collected() == bench.owed(fee)


async def test_an_upward_adjustment_is_collected_besides(bench: Bench) -> None:
    account = await bench.account()
    charge = bench.charge(account)
    assert settled(await bench.settle(charge))
    more = bench.charge(account, 7, ChargeKind.ADJUSTMENT, corrects=charge)
    assert settled(await bench.settle(more))
    assert await bench.collected() == bench.owed(charge, more)


async def test_a_downward_adjustment_is_paid_back_or_rejected(bench: Bench) -> None:
    account = await bench.account()
    charge = bench.charge(account)
    assert settled(await bench.settle(charge))
    less = bench.charge(account, -7, ChargeKind.ADJUSTMENT, corrects=charge)
    answer = (await bench.settle(less))[less.id]
    if bench.can(Capability.CREDIT):
        assert answer.outcome == Outcome.SETTLED, answer
        assert await bench.collected() == bench.owed(charge, less)
    else:
        assert answer.outcome == Outcome.REJECTED, "without CREDIT it cannot be paid back, and staff must know"
        assert answer.reason, "why"
        assert await bench.collected() == bench.owed(charge)


async def test_a_currency_that_it_does_not_take_is_rejected(bench: Bench) -> None:
    wrong, right = await bench.accounts(2)
    strange, usual = bench.charge(wrong, currency="XTS"), bench.charge(right)
    answers = await bench.settle(strange, usual)
    assert answers[strange.id].outcome == Outcome.REJECTED
    assert answers[strange.id].reason, "why"
    assert answers[usual.id].outcome == Outcome.SETTLED
    assert await bench.collected() == bench.owed(usual)


async def test_charges_of_two_accounts_are_never_mixed(bench: Bench) -> None:
    one, two = await bench.accounts(2)
    charges = [bench.charge(one, 20), bench.charge(two, 31)]
    assert settled(await bench.settle(*charges))
    assert await bench.collected() == bench.owed(*charges)
    book = await bench.harness.collected(bench.channel, bench.charges)
    payers = {entry.charge_id: entry.external_reference for entry in book if entry.external_reference}
    if not payers:
        not_tried("Harness.collected does not say from whom")
    assert payers == {charge.id: charge.external_reference for charge in charges}


async def test_a_sandbox_accounts_charges_are_collected_from_nobody(bench: Bench) -> None:
    if not bench.can(Capability.EXTERNAL_SUBSCRIPTION):
        does_not_apply("only a provider outside must not hear of play money")
    charge = replace(bench.charge(await bench.account()), sandbox=True)
    await bench.restart(bench.harness.production_settings)
    with no_way_out() as called:
        answer = (await bench.hand_over(charge))[charge.id]
    assert called == [], "the provider would have heard of play money"
    assert answer.outcome in DONE, f"nobody will ever collect it, so it waits for ever: {answer}"
    assert await bench.collected() == {}
