"""What the provider, or somebody who pretends to be it, sends to the channel's routes."""

from __future__ import annotations

from uuid import uuid4

from settlement_spec import ChannelRefusal
from settlement_spec.conformance.bench import Bench
from settlement_spec.conformance.checks import ASYNC
from settlement_spec.conformance.skipping import does_not_apply, not_tried

pytestmark = ASYNC
ABOUT_LINKS = ("binding_confirmed", "binding_ended", "settle_soon")


async def test_a_forged_callback_is_refused_and_changes_nothing(bench: Bench) -> None:
    needs_routes(bench)
    account = await bench.account()
    charge = bench.charge(account)
    forged = await bench.harness.forged_callbacks(account)
    if not forged:
        not_tried("Harness.forged_callbacks is empty")
    await bench.hand_over(charge)
    calls, collected = list(bench.services.calls), await bench.collected()
    for callback in forged:
        status = await bench.send(callback)
        assert 400 <= status < 500, f"{callback} was answered {status}"
    assert bench.services.calls == calls, "the billing center heard of it"
    assert await bench.collected() == collected


async def test_a_replayed_callback_has_no_second_effect(bench: Bench) -> None:
    needs_routes(bench)
    account = await bench.account()
    await bench.hand_over(bench.charge(account))
    genuine = await bench.harness.genuine_callbacks(account)
    if not genuine:
        not_tried("Harness.genuine_callbacks is empty")
    for callback in genuine:
        assert await bench.send(callback) < 400, f"{callback} is genuine"
        calls, collected = set(bench.services.calls), await bench.collected()
        await bench.restart()
        status = await bench.send(callback)
        assert status < 500, f"the second {callback} was answered {status}"
        assert set(bench.services.calls) == calls, "the billing center heard something new"
        assert await bench.collected() == collected


async def test_what_it_says_of_a_link_names_the_link(bench: Bench) -> None:
    needs_routes(bench)
    account = await bench.account()
    for callback in await bench.harness.genuine_callbacks(account):
        await bench.send(callback)
    said = [call for call in bench.services.calls if call[0] in ABOUT_LINKS]
    if not said:
        does_not_apply("none of the genuine callbacks is about a link")
    assert {call[1:3] for call in said} == {(account.id, account.external_reference)}


async def test_a_replayed_end_does_not_end_a_new_link(bench: Bench) -> None:
    needs_routes(bench)
    account = await bench.account()
    genuine = await bench.harness.genuine_callbacks(account)
    for callback in genuine:
        await bench.send(callback)
    if not ends(bench):
        does_not_apply("none of the genuine callbacks ends a link")
    try:
        await bench.bind(account.id, account.configuration)
    except ChannelRefusal:
        does_not_apply("what has ended is not linked again")
    before = ends(bench)
    for callback in genuine:
        await bench.send(callback)
    assert ends(bench) == before


async def test_a_route_is_never_found_by_chance(bench: Bench) -> None:
    needs_routes(bench)
    async with bench.client() as client:
        assert (await client.get(f"{uuid4()}")).status_code in (404, 405)


def needs_routes(bench: Bench) -> None:
    """Skip a check of a channel that nobody calls."""
    if not bench.channel.routes():
        does_not_apply("it has no routes")


def ends(bench: Bench) -> int:
    """How often a link was said to have ended."""
    return sum(call[0] == "binding_ended" for call in bench.services.calls)
