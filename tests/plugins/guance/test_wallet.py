"""The enterprise account's money, on PostgreSQL: nothing is collected twice, nothing is lost."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from asyncpg.exceptions import RaiseError
from settlement_guance.channel import EnterpriseAccount
from settlement_spec import (
    BindRequest,
    BindState,
    ChannelRefusal,
    Money,
    Outcome,
    TopUp,
    TopUpState,
)
from tortoise.connection import get_connection
from tortoise.transactions import in_transaction

from tests.plugins.guance.books import NOW, charge, cny, correction, settle, top_up


async def rows(table: str) -> int:
    found = await get_connection("default").execute_query_dict(f"SELECT count(*) AS n FROM {table}")
    return int(found[0]["n"])


async def test_binding_takes_effect_at_once_and_repeating_it_is_harmless(channel: EnterpriseAccount) -> None:
    account = uuid4()
    for _ in range(2):
        bound = await channel.bind(BindRequest(account, "Acme", {}, NOW))
        assert (bound.state, bound.external_reference) == (BindState.BOUND, str(account))
    assert await rows("guance_wallet") == 1


async def test_balance_is_what_came_in_less_what_was_collected_and_may_be_negative(channel: EnterpriseAccount) -> None:
    account = uuid4()
    assert await channel.balance(account) == cny(0)
    await top_up(channel, account, 15_000, "B-1")
    await settle(channel, first := charge(account, 10_000), charge(account, 10_000))
    assert await channel.balance(account) == cny(-5_000)
    await settle(channel, correction(first, -2_500), charge(account, 0))
    assert await channel.balance(account) == cny(-2_500)
    await top_up(channel, account, 2_500, "B-2")
    assert await channel.balance(account) == cny(0)


async def test_a_repeated_charge_answers_the_same_and_collects_once(channel: EnterpriseAccount) -> None:
    account = uuid4()
    one = charge(account, 10_000)
    first = await settle(channel, one)
    again = await settle(channel, one, one)
    assert again == first * 2
    assert first[0].outcome == Outcome.SETTLED
    assert first[0].provider_reference
    assert await channel.balance(account) == cny(-10_000)


async def test_another_currency_is_rejected_and_the_rest_of_the_batch_settles(channel: EnterpriseAccount) -> None:
    account = uuid4()
    results = await settle(channel, charge(account, 100, currency="USD"), charge(account, 100))
    assert [result.outcome for result in results] == [Outcome.REJECTED, Outcome.SETTLED]
    assert await channel.balance(account) == cny(-100)


async def test_a_charge_may_stand_for_billions_of_units(channel: EnterpriseAccount) -> None:
    many = replace(charge(uuid4(), 5_000), units=5_000_000_000)
    assert [result.outcome for result in await settle(channel, many)] == [Outcome.SETTLED]
    (collected,) = await channel.reconcile(NOW, NOW + timedelta(seconds=1))
    assert collected.units == many.units


async def test_a_charge_that_fails_leaves_the_rest_of_the_batch_to_settle(channel: EnterpriseAccount) -> None:
    account = uuid4()
    results = await settle(channel, charge(account, 2**63), charge(account, 100))
    assert [result.outcome for result in results] == [Outcome.UNKNOWN, Outcome.SETTLED]
    assert await channel.balance(account) == cny(-100)


async def test_two_hundred_settlements_at_once_of_one_charge_collect_once(channel: EnterpriseAccount) -> None:
    account = uuid4()
    one = charge(account, 10_000)
    answers = await asyncio.gather(*(settle(channel, one) for _ in range(200)))
    assert len({answer[0].provider_reference for answer in answers}) == 1
    assert await channel.balance(account) == cny(-10_000)
    assert (await rows("guance_transaction"), await rows("guance_entry")) == (1, 2)


async def test_two_hundred_charges_at_once_among_top_ups_lose_no_fen(channel: EnterpriseAccount) -> None:
    accounts = [uuid4() for _ in range(4)]
    charges = [charge(accounts[n % 4], 101 + n) for n in range(200)]
    work = [settle(channel, one) for one in charges for _ in range(2)]
    topping = [top_up(channel, accounts[n % 4], 7_777, f"B-{n}") for n in range(40)]
    await asyncio.gather(*work, *topping)
    for number, account in enumerate(accounts):
        owed = sum(one.amount.minor for one in charges if one.account_id == account)
        assert await channel.balance(account) == cny(10 * 7_777 - owed), number
    assert await rows("guance_transaction") == 240


async def test_batches_that_name_wallets_in_opposite_order_do_not_deadlock(channel: EnterpriseAccount) -> None:
    a, b = uuid4(), uuid4()
    forth = [settle(channel, charge(a, 1), charge(b, 1)) for _ in range(40)]
    back = [settle(channel, charge(b, 1), charge(a, 1)) for _ in range(40)]
    async with asyncio.timeout(30):
        await asyncio.gather(*forth, *back)
    assert [await channel.balance(a), await channel.balance(b)] == [cny(-80), cny(-80)]


async def test_what_was_received_is_credited_not_what_was_announced(channel: EnterpriseAccount) -> None:
    account = uuid4()
    asked = await channel.request_top_up(account, cny(10_000), False, NOW)
    done = await channel.confirm_top_up(asked.id, "B-1", cny(9_900), "finance", NOW)
    assert (done.state, done.amount, done.received) == (TopUpState.CONFIRMED, cny(10_000), cny(9_900))
    assert (done.confirmed_by, done.confirmed_at) == ("finance", NOW)
    assert await channel.balance(account) == cny(9_900)


async def test_confirming_again_changes_nothing_and_with_other_data_is_refused(channel: EnterpriseAccount) -> None:
    account = uuid4()
    done = await top_up(channel, account, 10_000, "B-1")
    assert await channel.confirm_top_up(done.id, "B-1", cny(10_000), "another", NOW) == done
    assert await channel.confirm_top_up(done.id, " B-1 ", cny(10_000), "another", NOW) == done
    for reference, minor in (("B-2", 10_000), ("B-1", 9_999)):
        with pytest.raises(ChannelRefusal, match="it is confirmed already"):
            await channel.confirm_top_up(done.id, reference, cny(minor), "finance", NOW)
    with pytest.raises(ChannelRefusal, match="it is confirmed already"):
        await channel.cancel_top_up(done.id)
    assert await channel.balance(account) == cny(10_000)


@pytest.mark.parametrize("reference", ["B-1", " B-1", "B-1 "])
async def test_one_transfer_cannot_pay_two_top_ups(channel: EnterpriseAccount, reference: str) -> None:
    account = uuid4()
    await top_up(channel, account, 10_000, "B-1")
    other = await channel.request_top_up(account, cny(10_000), False, NOW)
    with pytest.raises(ChannelRefusal, match="B-1"):
        await channel.confirm_top_up(other.id, reference, cny(10_000), "finance", NOW)
    assert await channel.balance(account) == cny(10_000)


async def test_one_transfer_confirmed_for_many_top_ups_at_once_is_credited_once(channel: EnterpriseAccount) -> None:
    account = uuid4()
    asked = [await channel.request_top_up(account, cny(10_000), False, NOW) for _ in range(20)]
    answers = await asyncio.gather(
        *(channel.confirm_top_up(one.id, "B-1", cny(10_000), "finance", NOW) for one in asked), return_exceptions=True
    )
    assert {type(answer) for answer in answers} == {TopUp, ChannelRefusal}
    assert sum(isinstance(answer, TopUp) for answer in answers) == 1
    assert await channel.balance(account) == cny(10_000)


async def test_a_refused_transfer_leaves_the_callers_transaction_usable(channel: EnterpriseAccount) -> None:
    account = uuid4()
    await top_up(channel, account, 10_000, "B-1")
    other = await channel.request_top_up(account, cny(10_000), False, NOW)
    async with in_transaction():
        with pytest.raises(ChannelRefusal):
            await channel.confirm_top_up(other.id, "B-1", cny(10_000), "finance", NOW)
        await settle(channel, charge(account, 100))
    assert await channel.balance(account) == cny(9_900)


async def test_confirming_one_top_up_many_times_at_once_credits_once(channel: EnterpriseAccount) -> None:
    account = uuid4()
    asked = await channel.request_top_up(account, cny(10_000), False, NOW)
    confirm = [channel.confirm_top_up(asked.id, "B-1", cny(10_000), "finance", NOW) for _ in range(50)]
    assert len(set(await asyncio.gather(*confirm))) == 1
    assert await channel.balance(account) == cny(10_000)


async def test_a_cancelled_top_up_stays_cancelled(channel: EnterpriseAccount) -> None:
    account = uuid4()
    asked = await channel.request_top_up(account, cny(10_000), False, NOW)
    for _ in range(2):
        assert (await channel.cancel_top_up(asked.id)).state == TopUpState.CANCELLED
    with pytest.raises(ChannelRefusal, match="it is cancelled already"):
        await channel.confirm_top_up(asked.id, "B-1", cny(10_000), "finance", NOW)
    assert await channel.balance(account) == cny(0)


@pytest.mark.parametrize("amount", [cny(0), cny(-1), cny(10**18), Money(100, "USD")])
async def test_amounts_that_are_not_allowed_are_refused(channel: EnterpriseAccount, amount: Money) -> None:
    asked = await channel.request_top_up(uuid4(), cny(100), False, NOW)
    with pytest.raises(ChannelRefusal):
        await channel.request_top_up(uuid4(), amount, False, NOW)
    with pytest.raises(ChannelRefusal):
        await channel.confirm_top_up(asked.id, "B-1", amount, "finance", NOW)


@pytest.mark.parametrize("reference", ["", "   ", "a\x00b", "a\nb", "x" * 101])
async def test_a_bank_reference_is_printable_and_short(channel: EnterpriseAccount, reference: str) -> None:
    asked = await channel.request_top_up(uuid4(), cny(100), False, NOW)
    with pytest.raises(ChannelRefusal, match="1 to 100 printable"):
        await channel.confirm_top_up(asked.id, reference, cny(100), "finance", NOW)


async def test_top_ups_are_found_by_account_state_and_id(channel: EnterpriseAccount) -> None:
    a, b = uuid4(), uuid4()
    done = await top_up(channel, a, 100, "B-1")
    open_one = await channel.request_top_up(a, cny(200), False, NOW)
    await channel.request_top_up(b, cny(300), False, NOW)
    assert list(await channel.top_ups(account_id=a)) == [open_one, done]
    assert list(await channel.top_ups(account_id=a, state=TopUpState.CONFIRMED)) == [done]
    assert list(await channel.top_ups(id=done.id)) == [done]
    assert len(await channel.top_ups()) == 3
    with pytest.raises(ChannelRefusal):
        await channel.cancel_top_up(uuid4())


@pytest.mark.parametrize("statement", ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
@pytest.mark.parametrize("table", ["guance_entry", "guance_transaction"])
async def test_the_books_are_append_only(channel: EnterpriseAccount, table: str, statement: str) -> None:
    await settle(channel, charge(uuid4(), 100))
    with pytest.raises(RaiseError, match="never changed"):
        await get_connection("default").execute_query(statement.format(table))


async def test_entries_that_do_not_sum_to_zero_are_refused_at_commit(channel: EnterpriseAccount) -> None:
    account = uuid4()
    await settle(channel, charge(account, 100))
    with pytest.raises(RaiseError, match="sum to zero"):
        async with in_transaction() as connection:
            await connection.execute_query(
                "INSERT INTO guance_entry (id, transaction_id, account_id, place, amount_minor, currency) "
                "SELECT gen_random_uuid(), id, account_id, 'BANK', 1, 'CNY' FROM guance_transaction"
            )
    assert await channel.balance(account) == cny(-100)


async def test_one_refund_booked_for_many_top_ups_at_once_is_taken_once(channel: EnterpriseAccount) -> None:
    accounts = [uuid4() for _ in range(8)]
    paid = [await top_up(channel, account, 500) for account in accounts]
    answers = await asyncio.gather(
        *(channel.refund_top_up(one.id, cny(500), "R-1", "finance", NOW) for one in paid), return_exceptions=True
    )
    refused = [answer for answer in answers if isinstance(answer, ChannelRefusal)]
    assert ([refusal.field for refusal in refused], len(answers)) == (["reference"] * 7, 8)
    assert sorted([(await channel.balance(account)).minor for account in accounts]) == [0, *[500] * 7]
