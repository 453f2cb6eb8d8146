"""Any sequence of what can happen to a wallet, against a plain model of it; and a thousand things at once."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import uuid4

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from settlement_guance.channel import EnterpriseAccount
from settlement_guance.deduction import Held, Taken, deduct, pay_back
from settlement_spec import ChannelRefusal, Charge, Source

from tests.plugins.guance.books import NOW, charge, cny, correction, differences, settle, top_up

DAY = timedelta(days=1)
AMOUNTS = st.integers(1, 50_000)
STEPS = st.one_of(
    st.tuples(st.just("top up"), AMOUNTS),
    st.tuples(st.just("issue"), AMOUNTS, st.integers(1, 40), st.sampled_from([Source.VOUCHER, Source.FULL_REDUCTION])),
    st.tuples(st.just("buy"), st.integers(1, 5)),
    st.tuples(st.just("charge"), AMOUNTS, st.booleans()),
    st.tuples(st.just("credit"), AMOUNTS, st.integers(0, 9)),
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


CASH = -1


@dataclass
class ModelFund:
    """A voucher or card: what is left of it."""

    rank: int
    expires_at: datetime
    left: int


@dataclass
class ModelDay:
    """A day: its charge, what that can still give back, and what each part of the wallet is down by it."""

    charge: Charge
    owed: int
    taken: dict[int, int]


@dataclass
class Model:
    """What a wallet should have. A part of it is the position of a voucher or card, or ``CASH``."""

    cash: int = 0
    funds: list[ModelFund] = field(default_factory=list)
    days: list[ModelDay] = field(default_factory=list)

    def in_order(self) -> list[int]:
        return sorted(range(len(self.funds)), key=lambda of: (self.funds[of].rank, self.funds[of].expires_at))

    def usable(self, now: datetime) -> int:
        return sum(fund.left for fund in self.funds if fund.expires_at > now)

    def charge(self, charge: Charge, now: datetime) -> None:
        minor, taken = charge.amount.minor, {}
        for position in self.in_order():
            fund = self.funds[position]
            if fund.expires_at > now:
                taken[position] = min(minor, fund.left)
                fund.left, minor = fund.left - taken[position], minor - taken[position]
        self.cash -= minor
        self.days.append(ModelDay(charge, charge.amount.minor, {**taken, CASH: minor}))

    def credit(self, day: ModelDay, minor: int) -> None:
        day.owed -= minor
        for position in [CASH, *reversed(self.in_order())]:
            share = min(minor, day.taken.get(position, 0))
            if share:
                day.taken[position], minor = day.taken[position] - share, minor - share
                if position == CASH:
                    self.cash += share
                else:
                    self.funds[position].left += share


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
                model.charge(one, now)
            case ("credit", int(minor), int(of)) if model.days:
                day = model.days[of % len(model.days)]
                if back := min(minor, day.owed):
                    await settle(channel, correction(day.charge, -back, due=now), now=now)
                    model.credit(day, back)
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


@given(
    minor=st.integers(0, 200_000),
    taken=st.lists(
        st.builds(Taken, HELD, st.integers(0, 60_000)), max_size=8, unique_by=lambda part: part.held.fund_id
    ),
)
def test_what_is_paid_back_is_never_more_than_was_taken_and_first_what_the_charge_itself_took(
    minor: int, taken: list[Taken]
) -> None:
    parts, rest = pay_back(minor, taken)
    left = {part.held.fund_id: part.held.minor for part in taken}
    own = {part.held.fund_id: min(part.own, part.held.minor) for part in taken}
    assert rest == max(0, minor - sum(left.values()))
    assert sum(part.minor for part in parts) == minor - rest
    assert len({part.fund_id for part in parts}) == len(parts)
    assert all(0 < part.minor <= left[part.fund_id] for part in parts)
    from_others = sum(max(0, part.minor - own[part.fund_id]) for part in parts)
    assert from_others == max(0, minor - rest - sum(own.values()))


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
