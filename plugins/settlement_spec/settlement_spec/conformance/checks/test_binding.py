"""Linking an account."""

from __future__ import annotations

from uuid import uuid4

from settlement_spec import BindState
from settlement_spec.conformance.bench import Bench
from settlement_spec.conformance.checks import ASYNC
from settlement_spec.conformance.skipping import not_tried

pytestmark = ASYNC


async def test_a_right_configuration_is_accepted(bench: Bench) -> None:
    result = await bench.bind(uuid4(), bench.harness.configuration(0))
    assert result.state in (BindState.BOUND, BindState.PENDING)


async def test_a_wrong_configuration_is_refused_with_its_field_in_both_languages(bench: Bench) -> None:
    wrong = bench.harness.wrong_configurations
    if not wrong:
        not_tried("Harness.wrong_configurations is empty")
    for configuration in wrong:
        refusal = await bench.refusal(configuration)
        if refusal is None:
            assert not bench.fits(configuration), f"{configuration} is accepted"
            continue
        assert refusal.field, "the field at fault"
        assert refusal.en.strip(), "what is wrong, in English"
        assert refusal.zh.strip(), "what is wrong, in Chinese"
        assert refusal.en != refusal.zh


async def test_binding_again_answers_the_same(bench: Bench) -> None:
    account_id, configuration = uuid4(), bench.harness.configuration(0)
    first = await bench.bind(account_id, configuration)
    assert (await bench.bind(account_id, configuration)).external_reference == first.external_reference
    await bench.restart()
    assert (await bench.bind(account_id, configuration)).external_reference == first.external_reference


async def test_unbinding_leaves_the_callers_transaction_usable(bench: Bench) -> None:
    account = await bench.account()
    async with bench.transaction():
        await bench.call("unbind", lambda channel: channel.unbind(account.id))


async def test_charges_raised_before_an_unbinding_are_still_collected(bench: Bench) -> None:
    account = await bench.account()
    charge = bench.charge(account)
    for _ in range(2):
        await bench.call("unbind", lambda channel: channel.unbind(account.id))
    answer = (await bench.settle(charge))[charge.id]
    assert answer.outcome.value in ("SETTLED", "REJECTED"), answer
    assert await bench.collected() == (bench.owed(charge) if answer.outcome.value == "SETTLED" else {})
