"""Vouchers and cards: what pays first, what expires, what comes back."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from settlement_guance.channel import EnterpriseAccount
from settlement_spec import ChannelRefusal, ChargeKind, Fund, FundState, MovementKind, Outcome, Source

from tests.plugins.guance.books import NOW, charge, cny, settle, top_up

DAY = timedelta(days=1)


async def voucher(
    channel: EnterpriseAccount, account: UUID, minor: int, days: float = 30, source: Source = Source.VOUCHER
) -> Fund:
    return await channel.issue_voucher(account, source, cny(minor), NOW + days * DAY, "sorry", "finance", NOW)


async def paid(channel: EnterpriseAccount, charge_id: UUID) -> list[tuple[Source, int]]:
    return [(part.source, part.amount.minor) for part in (await channel.paid_from([charge_id]))[charge_id]]


async def test_a_charge_is_paid_in_the_agreed_order(channel: EnterpriseAccount) -> None:
    account = uuid4()
    await top_up(channel, account, 1_010_000)
    card, gift = await channel.buy_card(account, cny(1_000_000), "owner", NOW)
    late = await voucher(channel, account, 100, days=60)
    soon = await voucher(channel, account, 100, days=10)
    one = charge(account, 100 + 100 + 100_000 + 1_000_000 + 10_000 + 7)
    await settle(channel, one)
    parts = (await channel.paid_from([one.id]))[one.id]
    assert [(part.fund_id, part.amount.minor) for part in parts] == [
        (soon.id, -100),
        (late.id, -100),
        (gift.id, -100_000),
        (card.id, -1_000_000),
        (None, -10_007),
    ]
    (owed,) = await channel.owing(account)
    assert (owed.amount, owed.since) == (cny(7), NOW)
    await top_up(channel, account, 10)
    assert await channel.balance(account) == cny(3)
    assert await channel.owing() == []


async def test_nothing_pays_from_the_second_of_its_expiry_on_booked_or_not(channel: EnterpriseAccount) -> None:
    account = uuid4()
    fund = await voucher(channel, account, 1_000, days=1)
    await settle(channel, before := charge(account, 100), now=NOW + DAY - timedelta(seconds=1))
    assert await paid(channel, before.id) == [(Source.VOUCHER, -100)]
    (seen,) = await channel.funds(NOW + DAY, account)
    assert (seen.state, seen.left) == (FundState.EXPIRED, cny(0))
    await settle(channel, after := charge(account, 100), now=NOW + DAY)
    assert await paid(channel, after.id) == [(Source.CASH, -100)]
    expired = [one for one in await channel.movements(account) if one.kind == MovementKind.EXPIRED]
    assert [(one.reference, one.at, one.parts[0].amount) for one in expired] == [(fund.id, NOW + DAY, cny(-900))]


async def test_a_tick_books_what_expired_once(channel: EnterpriseAccount) -> None:
    account = uuid4()
    await voucher(channel, account, 1_000, days=1)
    for _ in range(2):
        await channel.tick(NOW + 2 * DAY)
    kinds = [movement.kind for movement in await channel.movements(account)]
    assert kinds == [MovementKind.EXPIRED, MovementKind.VOUCHER_ISSUED]


async def test_a_sandbox_ahead_of_the_world_is_charged_as_if_its_days_had_been_settled_one_by_one(
    channel: EnterpriseAccount,
) -> None:
    account = uuid4()
    await voucher(channel, account, 1_000, days=2)
    days = [charge(account, 100, due=NOW + n * DAY, sandbox=True) for n in (3, 1, 2)]
    await settle(channel, *days, now=NOW)
    sources = [(await paid(channel, one.id))[0][0] for one in days]
    assert sources == [Source.CASH, Source.VOUCHER, Source.CASH]
    (owed,) = await channel.owing(account)
    assert owed.since == NOW + 2 * DAY


async def test_a_production_charge_that_waited_is_paid_by_what_is_usable_now(channel: EnterpriseAccount) -> None:
    account = uuid4()
    await voucher(channel, account, 1_000, days=1)
    await settle(channel, waited := charge(account, 100, due=NOW), now=NOW + 3 * DAY)
    assert await paid(channel, waited.id) == [(Source.CASH, -100)]


async def test_a_credit_goes_back_the_way_it_came_debts_first(channel: EnterpriseAccount) -> None:
    account = uuid4()
    await voucher(channel, account, 100)
    await top_up(channel, account, 50)
    await settle(channel, charge(account, 200))
    assert await channel.balance(account) == cny(-50)
    await settle(channel, back := charge(account, -180))
    assert await paid(channel, back.id) == [(Source.CASH, 100), (Source.VOUCHER, 80)]
    assert await channel.balance(account) == cny(50)


async def test_what_goes_back_to_an_expired_voucher_is_void_with_it(channel: EnterpriseAccount) -> None:
    account = uuid4()
    await voucher(channel, account, 100, days=1)
    await settle(channel, charge(account, 60))
    await settle(channel, charge(account, -60, due=NOW + 2 * DAY), now=NOW + 2 * DAY)
    assert await channel.balance(account) == cny(0)
    assert (await channel.funds(NOW + 2 * DAY, account))[0].left == cny(0)


async def test_more_than_was_taken_is_never_paid_back(channel: EnterpriseAccount) -> None:
    account = uuid4()
    await settle(channel, charge(account, 100))
    credit = charge(account, -101)
    (waits,) = await settle(channel, credit)
    assert (waits.outcome, waits.retry_at is not None) == (Outcome.RETRY_LATER, True)
    (refused,) = await settle(channel, credit, now=NOW + DAY)
    assert refused.outcome == Outcome.REJECTED
    assert await channel.balance(account) == cny(-100)


async def test_a_credit_note_on_what_another_channel_collected_becomes_cash_after_a_day(
    channel: EnterpriseAccount,
) -> None:
    account = uuid4()
    await settle(channel, charge(account, 30))
    note = replace(charge(account, -100), kind=ChargeKind.CREDIT_NOTE)
    (waits,) = await settle(channel, note)
    assert waits.outcome == Outcome.RETRY_LATER
    for _ in range(2):
        (given,) = await settle(channel, note, now=NOW + DAY)
        assert given.outcome == Outcome.SETTLED
    assert await channel.balance(account) == cny(70)
    play = replace(note, id=uuid4(), sandbox=True)
    assert [result.outcome for result in await settle(channel, play)] == [Outcome.SETTLED]


@pytest.mark.parametrize("kind", [ChargeKind.CREDIT_NOTE, ChargeKind.ADJUSTMENT])
async def test_cash_that_a_credit_note_gave_is_not_cash_that_was_paid_back(
    channel: EnterpriseAccount, kind: ChargeKind
) -> None:
    account = uuid4()
    given = replace(charge(account, -100), kind=ChargeKind.CREDIT_NOTE)
    await settle(channel, given, now=NOW + DAY)
    await voucher(channel, account, 100, days=2)
    await settle(channel, by_voucher := charge(account, 100), now=NOW + DAY)
    await settle(channel, by_cash := charge(account, 100), now=NOW + 3 * DAY)
    assert await paid(channel, by_voucher.id) == [(Source.VOUCHER, -100)]
    assert await paid(channel, by_cash.id) == [(Source.CASH, -100)]
    back = replace(charge(account, -100), kind=kind)
    await settle(channel, back, now=NOW + 4 * DAY)
    assert await paid(channel, back.id) == [(Source.CASH, 100)]
    assert await channel.balance(account) == cny(100)
    collected = {record.charge_id: record.amount for record in await channel.reconcile(NOW, NOW + 5 * DAY)}
    assert (collected[given.id], collected[back.id]) == (cny(-100), cny(-100))


async def test_a_correction_of_what_cash_paid_is_not_refused_for_cash_that_was_given(
    channel: EnterpriseAccount,
) -> None:
    account = uuid4()
    given = replace(charge(account, -100), kind=ChargeKind.CREDIT_NOTE)
    for one in (given, charge(account, 100)):
        await settle(channel, one, now=NOW + DAY)
    (corrected,) = await settle(channel, charge(account, -60), now=NOW + DAY)
    assert corrected.outcome == Outcome.SETTLED
    assert await channel.balance(account) == cny(60)
    (refused,) = await settle(channel, charge(account, -41), now=NOW + DAY)
    assert refused.outcome == Outcome.REJECTED


@pytest.mark.parametrize(
    ("minor", "gift"),
    [(10_000, None), (990_000, None), (1_000_000, 100_000), (3_000_000, 500_000), (10_000_000, 2_000_000)],
)
async def test_a_large_card_comes_with_a_voucher(channel: EnterpriseAccount, minor: int, gift: int | None) -> None:
    account = uuid4()
    await top_up(channel, account, minor)
    bought = await channel.buy_card(account, cny(minor), "owner", NOW)
    assert [fund.amount.minor for fund in bought] == [minor, *([gift] if gift else [])]
    assert await channel.balance(account) == cny(0)


@pytest.mark.parametrize("minor", [0, -10_000, 10_001, 20_000])
async def test_a_card_is_a_multiple_of_100_cny_and_bought_from_cash(channel: EnterpriseAccount, minor: int) -> None:
    account = uuid4()
    await top_up(channel, account, 19_999)
    with pytest.raises(ChannelRefusal) as refusal:
        await channel.buy_card(account, cny(minor), "owner", NOW)
    assert refusal.value.field == "amount"
    assert await channel.balance(account) == cny(19_999)


async def test_a_voucher_is_taken_back_once_and_a_card_never(channel: EnterpriseAccount) -> None:
    account = uuid4()
    await top_up(channel, account, 10_000)
    (card,) = await channel.buy_card(account, cny(10_000), "owner", NOW)
    fund = await voucher(channel, account, 100)
    await settle(channel, charge(account, 40))
    first = await channel.void_voucher(fund.id, "a mistake", NOW)
    assert (first.state, first.left, first.void_reason) == (FundState.VOIDED, cny(0), "a mistake")
    assert await channel.void_voucher(fund.id, "again", NOW) == first
    with pytest.raises(ChannelRefusal):
        await channel.void_voucher(card.id, "no", NOW)


async def test_the_books_tell_what_was_collected(channel: EnterpriseAccount) -> None:
    account = uuid4()
    one, free = charge(account, 100), charge(account, 0)
    answers = await settle(channel, one, free)
    records = {record.charge_id: record for record in await channel.reconcile(NOW, NOW + DAY)}
    assert {id: (record.amount, record.units) for id, record in records.items()} == {
        one.id: (cny(100), 20),
        free.id: (cny(0), 20),
    }
    assert [records[answer.charge_id].provider_reference for answer in answers] == [
        answer.provider_reference for answer in answers
    ]
    assert await channel.reconcile(NOW + DAY, NOW + 2 * DAY) == []
