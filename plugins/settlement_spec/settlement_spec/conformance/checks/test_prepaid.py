"""A prepaid balance: what it shows is what was paid in, and what was collected."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from settlement_spec import (
    BalancePart,
    Capability,
    ChannelRefusal,
    ChargeKind,
    Funds,
    Money,
    PrepaidBalance,
    Source,
    TopUps,
    TopUpState,
)
from settlement_spec.conformance.bench import Bench
from settlement_spec.conformance.checks import ASYNC
from settlement_spec.conformance.offline import no_network

pytestmark = ASYNC
PAID_IN = 100_000


def total(parts: list[BalancePart]) -> int:
    """Minor units of them all."""
    return sum(part.amount.minor for part in parts)


async def test_a_balance_moves_by_exactly_what_is_collected(bench: Bench) -> None:
    channel = bench.implementing(PrepaidBalance)
    one, two = await bench.accounts(2)
    before = [(await channel.balance(account.id)).minor for account in (one, two)]
    charge = bench.charge(one)
    for _ in range(2):
        await bench.settle(charge)
    after = [(await channel.balance(account.id)).minor for account in (one, two)]
    assert after == [before[0] - charge.amount.minor, before[1]]


async def test_what_paid_a_charge_adds_up_to_it_and_the_movements_to_the_balance(bench: Bench) -> None:
    channel = bench.implementing(PrepaidBalance)
    account = await bench.account()
    charges = [bench.charge(account), bench.charge(account, 27)]
    await bench.settle(*charges)
    paid = await channel.paid_from([charge.id for charge in charges])
    assert {id: -total([*parts]) for id, parts in paid.items()} == {one.id: one.amount.minor for one in charges}
    movements = await channel.movements(account.id)
    assert {movement.reference for movement in movements} >= {charge.id for charge in charges}
    cash = [part for movement in movements for part in movement.parts if part.source == Source.CASH]
    assert total(cash) == (await channel.balance(account.id)).minor


async def test_a_credit_goes_back_to_what_paid_its_charge(bench: Bench) -> None:
    channel, about = bench.implementing(Funds), bench.about
    if Capability.CREDIT not in about.capabilities:
        pytest.skip("it gives nothing back")
    account = await bench.account()
    by_cash, by_voucher = bench.charge(account), bench.charge(account)
    await bench.settle(by_cash)
    end = bench.now + timedelta(days=30)
    await channel.issue_voucher(account.id, Source.VOUCHER, by_voucher.amount, end, "sorry", "conformance", bench.now)
    await bench.settle(by_voucher)
    before = (await channel.balance(account.id)).minor
    for charge, source in ((by_voucher, Source.VOUCHER), (by_cash, Source.CASH)):
        note = bench.charge(account, -20, ChargeKind.CREDIT_NOTE, corrects=charge)
        await bench.settle(note)
        parts = (await channel.paid_from([note.id]))[note.id]
        assert [(part.source, part.amount) for part in parts] == [(source, charge.amount)]
    assert (await channel.balance(account.id)).minor == before + by_cash.amount.minor


async def test_who_has_a_negative_balance_owes_it_and_nobody_else_does(bench: Bench) -> None:
    channel = bench.implementing(PrepaidBalance)
    account, other = await bench.accounts(2)
    await bench.settle(bench.charge(account))
    everybody = {owed.account_id: owed.amount.minor for owed in await channel.owing()}
    for one in (account, other):
        below_zero = max(0, -(await channel.balance(one.id)).minor)
        assert everybody.get(one.id, 0) == below_zero
        assert sum(owed.amount.minor for owed in await channel.owing(one.id)) == below_zero


async def test_a_fallback_is_bound_without_the_network(bench: Bench) -> None:
    bench.implementing(PrepaidBalance)
    with no_network(bench.database_port) as called:
        await bench.bind(uuid4(), bench.harness.configuration(0))
    assert called == [], "others fall back to it while their provider waits for an answer, with the account locked"


async def test_a_top_up_is_credited_once(bench: Bench) -> None:
    channel = bench.implementing(TopUps)
    account, amount = await bench.account(), Money(PAID_IN, bench.currency)
    before = (await channel.balance(account.id)).minor
    announced = await channel.request_top_up(account.id, amount, bench.now)
    assert (announced.state, announced.amount) == (TopUpState.REQUESTED, amount)
    assert (await channel.balance(account.id)).minor == before, "it is announced, and has not arrived"
    for _ in range(2):
        confirmed = await channel.confirm_top_up(announced.id, "BANK-1", amount, "conformance", bench.now)
        assert (confirmed.state, confirmed.received) == (TopUpState.CONFIRMED, amount)
        assert (await channel.balance(account.id)).minor == before + PAID_IN
    assert list(await channel.top_ups(id=announced.id)) == [confirmed]
    with pytest.raises(ChannelRefusal):
        await channel.cancel_top_up(announced.id)
    another = await channel.request_top_up(account.id, amount, bench.now + timedelta(minutes=1))
    with pytest.raises(ChannelRefusal):
        await channel.confirm_top_up(another.id, "BANK-1", amount, "conformance", bench.now)
    assert (await channel.balance(account.id)).minor == before + PAID_IN


async def test_a_cancelled_top_up_is_never_credited(bench: Bench) -> None:
    channel = bench.implementing(TopUps)
    account, amount = await bench.account(), Money(PAID_IN, bench.currency)
    before = (await channel.balance(account.id)).minor
    announced = await channel.request_top_up(account.id, amount, bench.now)
    for _ in range(2):
        assert (await channel.cancel_top_up(announced.id)).state == TopUpState.CANCELLED
    with pytest.raises(ChannelRefusal):
        await channel.confirm_top_up(announced.id, "BANK-2", amount, "conformance", bench.now)
    assert (await channel.balance(account.id)).minor == before
