"""Any sequence of what can happen to a wallet, against a plain model of it; and a thousand things at once."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import uuid4

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from settlement_guance.channel import EnterpriseAccount
from settlement_guance.deduction import Held, deduct, pay_back
from settlement_spec import ChannelRefusal, Source

from tests.plugins.guance.books import NOW, charge, cny, differences, settle, top_up

DAY = timedelta(days=1)
AMOUNTS = st.integers(1, 50_000)
STEPS = st.one_of(
    st.tuples(st.just("top up"), AMOUNTS),
    st.tuples(st.just("issue"), AMOUNTS, st.integers(1, 40), st.sampled_from([Source.VOUCHER, Source.FULL_REDUCTION])),
    st.tuples(st.just("buy"), st.integers(1, 5)),
    st.tuples(st.just("charge"), AMOUNTS, st.booleans()),
    st.tuples(st.just("credit"), AMOUNTS),
    st.tuples(st.just("travel"), st.integers(1, 400)),
    st.tuples(
        st.just("tick"),
    ),
)
HELD = st.builds(
    Held,
    st.sampled_from([Source.VOUCHER, Source.FULL_REDUCTION, Source.CARD]),
    AMOUNTS,
    st.uuids(),
    st.integers(-5, 30).map(lambda days: NOW + days * DAY),
)


@dataclass
class ModelFund:
    """A voucher or card: what is left of it, and what charges took."""

    rank: int
    expires_at: datetime
    left: int
    taken: int = 0


@dataclass
class Model:
    """What a wallet should have."""

    cash: int = 0
    cash_taken: int = 0
    funds: list[ModelFund] = field(default_factory=list)

    def in_order(self) -> list[ModelFund]:
        return sorted(self.funds, key=lambda fund: (fund.rank, fund.expires_at))

    def usable(self, now: datetime) -> int:
        return sum(fund.left for fund in self.funds if fund.expires_at > now)

    def charge(self, minor: int, now: datetime) -> None:
        for fund in self.in_order():
            if fund.expires_at > now:
                share = min(minor, fund.left)
                fund.left, fund.taken, minor = fund.left - share, fund.taken + share, minor - share
        self.cash, self.cash_taken = self.cash - minor, self.cash_taken + minor

    def credit(self, minor: int) -> None:
        if minor > self.cash_taken + sum(fund.taken for fund in self.funds):
            return
        share = min(minor, self.cash_taken)
        self.cash, self.cash_taken, minor = self.cash + share, self.cash_taken - share, minor - share
        for fund in reversed(self.in_order()):
            share = min(minor, fund.taken)
            fund.left, fund.taken, minor = fund.left + share, fund.taken - share, minor - share


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEPS, min_size=4, max_size=14))
async def test_any_sequence_leaves_what_a_plain_model_says(
    channel: EnterpriseAccount, steps: list[tuple[object, ...]]
) -> None:
    account, model, now = uuid4(), Model(), NOW
    for position, step in enumerate(steps):
        match step:
            case ("top up", int(minor)):
                await top_up(channel, account, minor, now=now)
                model.cash += minor
            case ("issue", int(minor), int(days), Source() as source):
                end = now + days * DAY + timedelta(seconds=position)
                await channel.issue_voucher(account, source, cny(minor), end, "x", "finance", now)
                model.funds.append(ModelFund(0 if source == Source.VOUCHER else 1, end, minor))
            case ("buy", int(hundreds)):
                minor = hundreds * 10_000
                try:
                    (card,) = await channel.buy_card(account, cny(minor), "owner", now)
                except ChannelRefusal:
                    assert model.cash < minor
                else:
                    model.cash -= minor
                    model.funds.append(ModelFund(2, card.expires_at, minor))
            case ("charge", int(minor), bool(twice)):
                one = charge(account, minor, due=now)
                await settle(channel, *[one] * (1 + twice), now=now)
                model.charge(minor, now)
            case ("credit", int(minor)):
                await settle(channel, charge(account, -minor, due=now), now=now)
                model.credit(minor)
            case ("travel", int(hours)):
                now += timedelta(hours=hours)
            case _:
                await channel.tick(now)
        assert (await channel.balance(account)).minor == model.cash
        assert sum(fund.left.minor for fund in await channel.funds(now, account)) == model.usable(now)
        assert [owed.amount.minor for owed in await channel.owing(account)] == [-model.cash][: model.cash < 0]
    assert await differences() == []


@given(minor=st.integers(0, 200_000), funds=st.lists(HELD, max_size=8, unique_by=lambda held: held.fund_id))
def test_what_pays_is_in_order_unexpired_and_exact(minor: int, funds: list[Held]) -> None:
    parts = deduct(minor, funds, NOW)
    left = {fund.fund_id: fund.minor for fund in funds}
    assert sum(part.minor for part in parts) == minor
    ranks = [(list(Source).index(part.source), part.expires_at or NOW) for part in parts]
    assert ranks == sorted(ranks)
    assert all(part.minor > 0 for part in parts)
    of_funds = [part for part in parts if part.fund_id]
    assert all(part.expires_at and part.expires_at > NOW and part.minor <= left[part.fund_id] for part in of_funds)
    assert all(part.minor == left[part.fund_id] for part in of_funds[: len(parts) - 1])


@given(minor=st.integers(0, 200_000), taken=st.lists(HELD, max_size=8, unique_by=lambda held: held.fund_id))
def test_what_is_paid_back_is_never_more_than_was_taken(minor: int, taken: list[Held]) -> None:
    parts, rest = pay_back(minor, taken)
    left = {held.fund_id: held.minor for held in taken}
    assert rest == max(0, minor - sum(left.values()))
    assert sum(part.minor for part in parts) == minor - rest
    assert all(0 < part.minor <= left[part.fund_id] for part in parts)


async def test_a_thousand_deductions_and_top_ups_at_once_lose_no_fen(channel: EnterpriseAccount) -> None:
    account = uuid4()
    for n in range(10):
        await channel.issue_voucher(account, Source.VOUCHER, cny(1_001 + n), NOW + (n + 1) * DAY, "x", "f", NOW)
    charges = [charge(account, 101 + n % 7) for n in range(400)]
    deductions = [settle(channel, one) for one in charges]
    again = [settle(channel, *charges[n : n + 2]) for n in range(0, 400, 2)]
    topping = [top_up(channel, account, 77 + n % 3) for n in range(400)]
    await asyncio.gather(*deductions, *again, *topping)
    paid_in = sum(77 + n % 3 for n in range(400))
    granted = sum(1_001 + n for n in range(10))
    assert await channel.balance(account) == cny(paid_in + granted - sum(one.amount.minor for one in charges))
    assert all(fund.left.minor == 0 for fund in await channel.funds(NOW, account))
