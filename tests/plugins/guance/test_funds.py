"""Vouchers and cards: what pays first, what expires, what comes back."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from settlement_guance.channel import EnterpriseAccount
from settlement_spec import ChannelRefusal, ChargeKind, Fund, FundState, MovementKind, Outcome, Source

from tests.plugins.guance.books import NOW, charge, cny, correction, differences, settle, top_up

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


async def test_a_credit_goes_back_the_way_its_charge_was_paid_cash_first(channel: EnterpriseAccount) -> None:
    account = uuid4()
    await voucher(channel, account, 100)
    await top_up(channel, account, 50)
    await settle(channel, day := charge(account, 200))
    assert await channel.balance(account) == cny(-50)
    await settle(channel, back := correction(day, -180))
    assert await paid(channel, back.id) == [(Source.CASH, 100), (Source.VOUCHER, 80)]
    assert await channel.balance(account) == cny(50)


async def test_a_credit_goes_back_to_what_paid_that_day_not_to_what_paid_others(channel: EnterpriseAccount) -> None:
    account = uuid4()
    await top_up(channel, account, 100)
    await settle(channel, by_cash := charge(account, 100))
    granted = (await voucher(channel, account, 100)).id
    await settle(channel, by_voucher := charge(account, 100, due=NOW + DAY), now=NOW + DAY)
    await settle(channel, back := correction(by_voucher, -100), now=NOW + DAY)
    assert await paid(channel, back.id) == [(Source.VOUCHER, 100)]
    assert (await channel.funds(NOW + DAY, id=granted))[0].left == cny(100)
    await settle(channel, back := correction(by_cash, -60), now=NOW + DAY)
    assert await paid(channel, back.id) == [(Source.CASH, 60)]
    assert await channel.balance(account) == cny(60)


async def test_a_corrected_day_is_given_back_part_by_part_once(channel: EnterpriseAccount) -> None:
    account = uuid4()
    await voucher(channel, account, 100)
    await top_up(channel, account, 300)
    day = charge(account, 155)
    more = correction(day, 45, kind=ChargeKind.ADJUSTMENT)
    less = correction(day, -60, kind=ChargeKind.ADJUSTMENT)
    first, second = correction(more, -45), correction(day, -95)
    for one in (day, more, less, first, second):
        assert [result.outcome for result in await settle(channel, one)] == [Outcome.SETTLED]
    assert [await paid(channel, one.id) for one in (day, more, less, first, second)] == [
        [(Source.VOUCHER, -100), (Source.CASH, -55)],
        [(Source.CASH, -45)],
        [(Source.CASH, 55), (Source.VOUCHER, 5)],
        [(Source.CASH, 45)],
        [(Source.VOUCHER, 95)],
    ]
    assert await channel.balance(account) == cny(300)


async def test_more_than_the_corrected_charge_took_comes_from_the_others_of_its_day(channel: EnterpriseAccount) -> None:
    account = uuid4()
    await top_up(channel, account, 100)
    await settle(channel, day := charge(account, 100))
    await voucher(channel, account, 50)
    await settle(channel, more := correction(day, 50, kind=ChargeKind.ADJUSTMENT))
    await settle(channel, less := correction(day, -120, kind=ChargeKind.ADJUSTMENT))
    assert await paid(channel, more.id) == [(Source.VOUCHER, -50)]
    assert await paid(channel, less.id) == [(Source.CASH, 100), (Source.VOUCHER, 20)]


async def test_what_goes_back_to_an_expired_or_taken_back_voucher_is_void_with_it(channel: EnterpriseAccount) -> None:
    account = uuid4()
    await voucher(channel, account, 100, days=1)
    await settle(channel, day := charge(account, 60))
    taken = (await voucher(channel, account, 100)).id
    await settle(channel, other := charge(account, 100))
    await channel.void_voucher(taken, "a mistake", NOW)
    await settle(channel, correction(day, -60, due=NOW + 2 * DAY), correction(other, -100), now=NOW + 2 * DAY)
    assert await channel.balance(account) == cny(0)
    assert [fund.left for fund in await channel.funds(NOW + 2 * DAY, account)] == [cny(0), cny(0)]
    assert await differences() == []


@pytest.mark.parametrize("kind", [ChargeKind.CREDIT_NOTE, ChargeKind.ADJUSTMENT])
async def test_what_another_channel_collected_becomes_cash_and_never_a_voucher(
    channel: EnterpriseAccount, kind: ChargeKind
) -> None:
    account = uuid4()
    await voucher(channel, account, 100)
    await settle(channel, charge(account, 100))
    elsewhere = charge(account, 100)
    given = correction(elsewhere, -80, kind=kind)
    for _ in range(2):
        assert [result.outcome for result in await settle(channel, given)] == [Outcome.SETTLED]
    assert await paid(channel, given.id) == [(Source.CASH, 80)]
    assert await channel.balance(account) == cny(80)
    assert [record.amount for record in await channel.reconcile(NOW, NOW + DAY)][-1] == cny(-80)


async def test_part_collected_here_and_part_elsewhere_go_back_so(channel: EnterpriseAccount) -> None:
    account = uuid4()
    await voucher(channel, account, 30)
    elsewhere = charge(account, 100)
    await settle(channel, more := correction(elsewhere, 30, kind=ChargeKind.ADJUSTMENT))
    assert await paid(channel, more.id) == [(Source.VOUCHER, -30)]
    await settle(channel, back := correction(elsewhere, -110))
    assert await paid(channel, back.id) == [(Source.VOUCHER, 30), (Source.CASH, 80)]
    await settle(channel, rest := correction(elsewhere, -20))
    assert await paid(channel, rest.id) == [(Source.CASH, 20)]


async def test_what_gives_back_says_of_which_charge(channel: EnterpriseAccount) -> None:
    (refused,) = await settle(channel, charge(uuid4(), -100))
    assert (refused.outcome, refused.reason) == (
        Outcome.REJECTED,
        "it gives money back, and does not say of which charge",
    )


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
