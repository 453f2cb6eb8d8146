"""A prepaid balance: what it shows is what was paid in, and what was collected."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from settlement_spec import (
    AccountBalance,
    BalancePart,
    Capability,
    ChannelRefusal,
    ChargeKind,
    Fund,
    Funds,
    FundState,
    Money,
    Movement,
    PrepaidBalance,
    Source,
    TopUp,
    TopUps,
    TopUpState,
    Window,
)
from settlement_spec.conformance.bench import Bench
from settlement_spec.conformance.checks import ASYNC
from settlement_spec.conformance.offline import no_network
from settlement_spec.conformance.skipping import does_not_apply

pytestmark = ASYNC
PAID_IN = 100_000


class Undone(Exception):
    """The caller could not go on."""


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
    channel = bench.implementing(PrepaidBalance)
    if not bench.can(Capability.CREDIT):
        does_not_apply("it gives nothing back")
    account = await bench.account()
    charges = [bench.charge(account), bench.charge(account)]
    await bench.settle(charges[0])
    if isinstance(channel, Funds):
        end = bench.now + timedelta(days=30)
        await channel.issue_voucher(account.id, Source.VOUCHER, charges[1].amount, end, "sorry", "kit", bench.now)
    await bench.settle(charges[1])
    for charge in reversed(charges):
        note = bench.charge(account, -20, ChargeKind.CREDIT_NOTE, corrects=charge)
        await bench.settle(note)
        parts = await channel.paid_from([charge.id, note.id])
        back = [(part.source, part.fund_id, -part.amount.minor) for part in parts[note.id]]
        assert sorted(back, key=str) == sorted(
            ((part.source, part.fund_id, part.amount.minor) for part in parts[charge.id]), key=str
        )


async def test_a_charge_is_taken_from_the_balance_that_is_to_pay_it(bench: Bench) -> None:
    channel = bench.implementing(PrepaidBalance)
    if not bench.can(Capability.SHARED_BALANCE):
        does_not_apply("a balance pays the charges of its own account alone")
    charged, payer = await bench.accounts(2)
    before = [(await channel.balance(account.id)).minor for account in (charged, payer)]
    charge = replace(bench.charge(charged), paid_by=payer.id)
    for _ in range(2):
        await bench.settle(charge)
    after = [(await channel.balance(account.id)).minor for account in (charged, payer)]
    assert after == [before[0], before[1] - charge.amount.minor]
    assert [movement.reference for movement in await channel.movements(payer.id)].count(charge.id) == 1
    if bench.can(Capability.CREDIT):
        note = bench.charge(charged, -20, ChargeKind.CREDIT_NOTE, corrects=charge)
        await bench.settle(replace(note, paid_by=payer.id))
        assert [(await channel.balance(account.id)).minor for account in (charged, payer)] == before


async def test_what_everybody_has_is_listed_with_what_it_was_made_of(bench: Bench) -> None:
    channel = bench.implementing(PrepaidBalance)
    accounts = await bench.accounts(3)
    for account, units in zip(accounts, (20, 21, 22), strict=True):
        await bench.settle(bench.charge(account, units))
    listed: list[AccountBalance] = []
    after = None
    while page := await channel.balances(after, 2):
        assert len(page) <= 2
        listed += page
        after = page[-1].account_id
    assert {one.account_id for one in listed} >= {account.id for account in accounts}
    assert len({one.account_id for one in listed}) == len(listed)
    for one in listed:
        moved = [part for movement in await channel.movements(one.account_id) for part in movement.parts]
        cash = total([part for part in moved if part.source == Source.CASH])
        cards = total([part for part in moved if part.source == Source.CARD])
        assert (one.cash_moved.minor, one.cards_moved.minor) == (cash, cards) == (one.cash.minor, one.cards.minor)
        assert one.cash == await channel.balance(one.account_id)


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


async def test_a_fallback_is_bound_in_the_callers_transaction_which_stays_usable(bench: Bench) -> None:
    bench.implementing(PrepaidBalance)
    account_id, configuration = uuid4(), bench.harness.configuration(0)
    references = []
    for _ in range(2):
        async with bench.transaction():
            references += [(await bench.bind(account_id, configuration)).external_reference for _ in range(2)]
    assert len(set(references)) == 1


async def test_money_is_booked_in_the_callers_transaction_which_stays_usable(bench: Bench) -> None:
    channel = bench.implementing(TopUps)
    account, amount = await bench.account(), Money(PAID_IN, bench.currency)
    before = (await channel.balance(account.id)).minor
    async with bench.transaction():
        announced = await channel.request_top_up(account.id, amount, False, bench.now)
    for _ in range(2):
        async with bench.transaction():
            for _ in range(2):
                await channel.confirm_top_up(announced.id, "BANK-4", amount, "kit", bench.now)
    assert (await channel.balance(account.id)).minor == before + PAID_IN
    async with bench.transaction():
        for _ in range(2):
            await channel.refund_top_up(announced.id, amount, "R-4", "kit", bench.now)
    assert (await channel.balance(account.id)).minor == before


async def test_what_is_booked_is_undone_with_the_callers_transaction(bench: Bench) -> None:
    channel = bench.implementing(TopUps)
    if bench.about.tortoise_app is None:
        does_not_apply("it has no tables")
    account, amount = await bench.account(), Money(PAID_IN, bench.currency)
    before = (await channel.balance(account.id)).minor
    announced = await channel.request_top_up(account.id, amount, False, bench.now)

    async def confirmed_in_vain() -> None:
        async with bench.transaction():
            await channel.confirm_top_up(announced.id, "BANK-5", amount, "kit", bench.now)
            raise Undone

    with pytest.raises(Undone):
        await confirmed_in_vain()
    assert (await channel.balance(account.id)).minor == before
    assert [one.state for one in await channel.top_ups(id=announced.id)] == [TopUpState.REQUESTED]


async def test_a_top_up_is_credited_once(bench: Bench) -> None:
    channel = bench.implementing(TopUps)
    account, amount = await bench.account(), Money(PAID_IN, bench.currency)
    before = (await channel.balance(account.id)).minor
    announced = await channel.request_top_up(account.id, amount, False, bench.now)
    assert (announced.state, announced.amount) == (TopUpState.REQUESTED, amount)
    assert (await channel.balance(account.id)).minor == before, "it is announced, and has not arrived"
    for _ in range(2):
        confirmed = await channel.confirm_top_up(announced.id, "BANK-1", amount, "conformance", bench.now)
        assert (confirmed.state, confirmed.received) == (TopUpState.CONFIRMED, amount)
        assert (await channel.balance(account.id)).minor == before + PAID_IN
    assert list(await channel.top_ups(id=announced.id)) == [confirmed]
    with pytest.raises(ChannelRefusal):
        await channel.cancel_top_up(announced.id)
    another = await channel.request_top_up(account.id, amount, False, bench.now + timedelta(minutes=1))
    assert [one.id for one in await channel.top_ups(account_id=account.id)] == [another.id, announced.id], (
        "newest first"
    )
    with pytest.raises(ChannelRefusal):
        await channel.confirm_top_up(another.id, "BANK-1", amount, "conformance", bench.now)
    assert (await channel.balance(account.id)).minor == before + PAID_IN


async def test_what_it_lists_is_counted_and_cut_into_windows(bench: Bench) -> None:
    channel = bench.implementing(PrepaidBalance)
    account = await bench.account()
    for units in (20, 21, 22):
        await bench.settle(bench.charge(account, units))
    await _cut(lambda window: channel.movements(account.id, window=window), await channel.count_movements(account.id))
    later = await channel.movements(account.id, since=bench.now + timedelta(days=3650))
    assert (list(later), await channel.count_movements(account.id, since=bench.now + timedelta(days=3650))) == ([], 0)
    amount = Money(PAID_IN, bench.currency)
    if isinstance(channel, TopUps):
        for sandbox in (False, False, True, False):
            await channel.request_top_up(account.id, amount, sandbox, bench.now)
        top_ups = channel.top_ups
        await _cut(
            lambda window: top_ups(account_id=account.id, sandbox=False, window=window),
            await channel.count_top_ups(account_id=account.id, sandbox=False),
        )
        found = await top_ups(account_id=account.id, sandbox=True)
        assert len(found) == 1 == await channel.count_top_ups(account.id, TopUpState.REQUESTED, True)
    if isinstance(channel, Funds):
        end = bench.now + timedelta(days=30)
        for source in (Source.VOUCHER, Source.FULL_REDUCTION, Source.VOUCHER, Source.VOUCHER):
            await channel.issue_voucher(account.id, source, amount, end, "welcome", "kit", bench.now)
        funds, plain = channel.funds, (Source.VOUCHER,)
        await _cut(
            lambda window: funds(bench.now, account.id, sources=plain, window=window),
            await channel.count_funds(bench.now, account.id, sources=plain),
        )
        for now, state, each in ((bench.now, FundState.USABLE, PAID_IN), (end, FundState.EXPIRED, 0)):
            assert (
                len(await funds(now, account.id, state=state))
                == 4
                == await channel.count_funds(now, account.id, state=state)
            )
            assert await channel.funds_left(now, account.id) == Money(4 * each, bench.currency)
            assert await channel.count_funds(now, account.id, state=FundState.VOIDED) == 0


async def _cut(listed: Callable[[Window], Awaitable[Sequence[Movement | TopUp | Fund]]], count: int) -> None:
    async def ids(window: Window) -> list[UUID]:
        return [one.id for one in await listed(window)]

    oldest_first = await ids(Window(oldest_first=True))
    assert len(oldest_first) == count >= 3
    assert oldest_first == sorted(oldest_first), "ids are in the order of making, as UUIDs of version 7 are"
    assert await ids(Window()) == oldest_first[::-1], "newest first"
    assert await ids(Window(2)) == oldest_first[:-3:-1]
    assert await ids(Window(2, after=oldest_first[0], oldest_first=True)) == oldest_first[1:3]
    assert await ids(Window(after=oldest_first[0], before=oldest_first[2])) == [oldest_first[1]]


async def test_a_cancelled_top_up_is_never_credited(bench: Bench) -> None:
    channel = bench.implementing(TopUps)
    account, amount = await bench.account(), Money(PAID_IN, bench.currency)
    before = (await channel.balance(account.id)).minor
    announced = await channel.request_top_up(account.id, amount, False, bench.now)
    for _ in range(2):
        assert (await channel.cancel_top_up(announced.id)).state == TopUpState.CANCELLED
    with pytest.raises(ChannelRefusal):
        await channel.confirm_top_up(announced.id, "BANK-2", amount, "conformance", bench.now)
    assert (await channel.balance(account.id)).minor == before


async def test_a_refund_is_taken_once(bench: Bench) -> None:
    channel = bench.implementing(TopUps)
    account, amount = await bench.account(), Money(PAID_IN, bench.currency)
    announced = await channel.request_top_up(account.id, amount, False, bench.now)
    part, rest = Money(30_000, bench.currency), Money(PAID_IN - 30_000, bench.currency)
    with pytest.raises(ChannelRefusal):
        await channel.refund_top_up(announced.id, part, "R-0", "kit", bench.now)
    await channel.confirm_top_up(announced.id, "BANK-3", amount, "kit", bench.now)
    before = (await channel.balance(account.id)).minor
    refunds = [await channel.refund_top_up(announced.id, part, "R-1", "kit", bench.now) for _ in range(2)]
    assert refunds[0].id == refunds[1].id
    assert refunds[0].top_up.refunded == part
    assert (await channel.balance(account.id)).minor == before - 30_000
    for wrong, reference in ((amount, "R-2"), (rest, "R-1")):
        with pytest.raises(ChannelRefusal):
            await channel.refund_top_up(announced.id, wrong, reference, "kit", bench.now)
    await channel.refund_top_up(announced.id, rest, "R-2", "kit", bench.now)
    assert (await channel.balance(account.id)).minor == before - PAID_IN
