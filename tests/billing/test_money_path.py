"""Whatever customers, providers, staff and workers do, and in whatever order: the money is right after every step.

``pytest --hypothesis-profile thorough tests/billing/test_money_path.py`` looks for minutes instead of seconds.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any, TypeVar
from uuid import UUID

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from settlement_spec import BindState, Funds, FundState
from tortoise.connection import get_connection

from app.billing import ledger
from app.billing.books import trial_balance
from app.billing.models import Charge, ChargeKind
from app.closing.models import BillingDay
from app.closing.retention import prune_usage
from app.settings import get_settings
from app.settlement.arrears import update_standings
from app.settlement.audit import wallets_equal_ledger
from app.settlement.models import Settlement, SettlementState
from app.settlement.reconciliation import reconcile
from app.statements.issuing import issue_due
from tests.billing.market import Market, market
from tests.billing.moody import Mood
from tests.billing.oracle import CHINA, DAY, HOMES, Customer, Home, Step
from tests.conftest import TravellingClock, fresh_database
from tests.plugins.guance.books import differences

T = TypeVar("T")
WHO = st.integers(0, 2)
COUNTS = st.tuples(*[st.integers(0, 45)] * 3)
CHANNELS = st.sampled_from(["guance", "moody"])
LEAPS = st.sampled_from([timedelta(minutes=5), timedelta(hours=7), DAY, 3 * DAY, 8 * DAY, 17 * DAY])
COLLECTED_SQL = """
SELECT t.reference AS id, t.account_id AS payer, coalesce(bool_and(e.place <> 'CASH'), true) AS from_funds
FROM guance_transaction AS t LEFT JOIN guance_entry AS e ON e.transaction_id = t.id
WHERE t.kind = 'CHARGE' GROUP BY t.id
"""


class MoneyPath(RuleBasedStateMachine):
    """Three customers, one of them in a sandbox, some with prices in other currencies and time zones; each step is one
    thing that somebody does."""

    def __init__(self, server_url: str, template: str, clock: TravellingClock) -> None:
        super().__init__()
        clock.__init__()  # type: ignore[misc]
        self.clock = clock
        self.runner = asyncio.Runner()
        self.opened = AsyncExitStack()
        self.market = self.do(self._open(server_url, template))

    async def _open(self, server_url: str, template: str) -> Market:
        url = await self.opened.enter_async_context(fresh_database(server_url, template))
        return await self.opened.enter_async_context(market(url, self.clock))

    def do(self, work: Awaitable[T]) -> T:
        async def done() -> T:
            return await work

        return self.runner.run(done())

    def teardown(self) -> None:
        self.do(self.opened.aclose())
        self.runner.close()

    @initialize(
        steps=st.tuples(*[st.sampled_from([5, 5, 5, 3, 1])] * 3),
        channels=st.tuples(*[CHANNELS] * 3),
        homes=st.tuples(*[st.sampled_from([CHINA, CHINA, *HOMES])] * 3),
    )
    def customers_come(self, steps: tuple[int, ...], channels: tuple[str, ...], homes: tuple[Home, ...]) -> None:
        for number, (count, channel, home) in enumerate(zip(steps, channels, homes, strict=True)):
            customer = self.do(self.market.arrive(number == 0, home))
            for _ in range(count):
                self.do(self.market.go_on(customer, channel))
        self.clock.at += 7 * DAY

    def customer(self, who: int) -> Customer:
        return self.market.customers[who]

    @rule(who=WHO, channel=CHANNELS)
    def goes_on(self, who: int, channel: str) -> None:
        self.do(self.market.go_on(self.customer(who), channel))

    @rule(who=WHO, ago=st.integers(0, 60), first=st.integers(0, 20), count=st.integers(1, 40), which=st.integers(0, 1))
    def reports(self, who: int, ago: int, first: int, count: int, which: int) -> None:
        if self.customer(who).deployments:
            self.do(self.market.report(self.customer(who), which, ago, first, count))

    @rule(who=WHO, ago=st.integers(24, 480), count=st.integers(18, 45))
    def reports_late(self, who: int, ago: int, count: int) -> None:
        if self.customer(who).deployments:
            self.do(self.market.report(self.customer(who), 0, ago, 0, count))

    @rule(who=WHO, which=st.integers(0, 200), first=st.integers(0, 20), count=st.integers(0, 45))
    def staff_correct_usage(self, who: int, which: int, first: int, count: int) -> None:
        if any(self.customer(who).usage.values()):
            self.do(self.market.correct(self.customer(who), which, first, count))

    @rule(who=WHO, percent=st.integers(1, 100), days=st.none() | st.integers(1, 20))
    def gets_a_percentage_off(self, who: int, percent: int, days: int | None) -> None:
        self.do(self.market.discount(self.customer(who), percent, 0, days))

    @rule(who=WHO, minor=st.integers(1, 20_000), days=st.integers(1, 20))
    def gets_an_amount_off(self, who: int, minor: int, days: int) -> None:
        self.do(self.market.discount(self.customer(who), None, minor, days))

    @rule(who=WHO, which=st.integers(0, 3))
    def a_discount_ends(self, who: int, which: int) -> None:
        if self.customer(who).cuts:
            self.do(self.market.end_discount(self.customer(who), which))

    @rule(days=st.integers(1, 4), counts=COUNTS, close=st.booleans(), settle=st.booleans())
    def days_go_by(self, days: int, counts: tuple[int, ...], close: bool, settle: bool) -> None:
        for _ in range(days):
            for customer, count in zip(self.market.customers, counts, strict=True):
                if customer.deployments and count:
                    self.do(self.market.report(customer, 0, 1, 0, count))
            self.clock.at += DAY
            if close:
                self.days_close()
            if settle:
                self.do(self.market.settle())

    @rule(leap=LEAPS)
    def time_passes(self, leap: timedelta) -> None:
        self.clock.at += leap

    @rule(leap=LEAPS)
    def a_sandbox_travels(self, leap: timedelta) -> None:
        self.do(self.market.travel(self.customer(0), leap))

    @rule()
    def days_close(self) -> None:
        self.do(self.market.close())
        self.do(self.every_day_that_ended_is_billed())

    @rule(mood=st.sampled_from(Mood))
    def the_provider_is(self, mood: Mood) -> None:
        self.market.moody.mood = mood

    @rule()
    def a_worker_settles(self) -> None:
        self.do(self.market.settle())

    @rule()
    def a_worker_dies_settling(self) -> None:
        self.do(self.market.die_settling())

    @rule(count=st.integers(10, 40))
    def all_at_once(self, count: int) -> None:
        self.do(self.market.rush([one for one in self.market.customers if one.deployments], count))

    @rule(who=WHO, channel=CHANNELS)
    def changes_channel(self, who: int, channel: str) -> None:
        customer = self.customer(who)
        if customer.channel and customer.step not in (Step.COMMUNITY, Step.CHOSEN):
            self.do(self.market.choose(self.customer(who), channel))

    @rule(state=st.sampled_from(BindState))
    def the_provider_links(self, state: BindState) -> None:
        self.market.moody.binds = state

    @rule(who=WHO)
    def the_provider_confirms(self, who: int) -> None:
        self.do(self.market.provider_confirms(self.customer(who)))

    @rule(who=WHO)
    def unsubscribes_at_the_provider(self, who: int) -> None:
        self.do(self.market.leave_provider(self.customer(who)))

    @rule(who=WHO, minor=st.integers(1, 60_000))
    def tops_up(self, who: int, minor: int) -> None:
        if self.customer(who).home == CHINA:
            self.do(self.market.top_up(self.customer(who), minor))

    @rule(who=WHO, minor=st.integers(1, 60_000), days=st.integers(1, 60))
    def gets_a_voucher(self, who: int, minor: int, days: int) -> None:
        if self.customer(who).home == CHINA:
            self.do(self.market.grant(self.customer(who), minor, days))

    @rule(owner=WHO, member=WHO)
    def pays_for_another(self, owner: int, member: int) -> None:
        if owner != member:
            self.do(self.market.let_in(self.customer(owner), self.customer(member)))

    @rule(who=WHO)
    def pays_for_itself_again(self, who: int) -> None:
        if self.customer(who).share:
            self.do(self.market.part(self.customer(who)))

    @rule(who=WHO, which=st.integers(0, 9), minor=st.integers(1, 11_000))
    def gets_a_credit(self, who: int, which: int, minor: int) -> None:
        self.do(self.market.credit(self.customer(who), which, minor))

    @rule()
    def staff_attend(self) -> None:
        self.do(self.market.attend())

    @rule(who=WHO)
    def loses_its_service(self, who: int) -> None:
        self.do(update_standings(self.market.runtime.host))
        self.do(self.market.end_service(self.customer(who)))

    @rule()
    def prices_rise(self) -> None:
        self.do(self.market.raise_prices())

    @rule()
    def old_things_are_put_away(self) -> None:
        self.do(prune_usage(94))
        self.do(issue_due())

    @rule()
    def everybody_comes_to_rest(self) -> None:
        self.do(self._come_to_rest())

    async def _come_to_rest(self) -> None:
        """The provider is well, workers and staff do all there is to do: then everything owed is collected, once."""
        self.market.moody.mood = Mood.SETTLES
        await self.market.close()
        for _ in range(8):
            await self.market.settle()
            await self.market.attend()
            self.clock.at += timedelta(hours=4)
        assert not await Settlement.exclude(state=SettlementState.SETTLED).exists()
        assert await wallets_equal_ledger(self.market.runtime.host) == []
        books = await self.collected()
        for customer in self.market.customers:
            charges = await Charge.filter(account_id=customer.id)
            paid = sum(one.amount_minor for one in charges if one.id in books or one.id in self.market.by_hand)
            owed = sum((await self.billed(customer)).values()) - sum(customer.credited.values())
            assert paid == owed
        for channel in ("guance", "moody"):
            found = await reconcile(
                self.market.runtime.host, channel, self.clock.at - 4000 * DAY, self.clock.at + 4000 * DAY
            )
            assert found.opened <= len(self.market.by_hand)

    async def wallets(self) -> dict[UUID, tuple[UUID, bool]]:
        """Whose wallet paid what, by its books, and whether vouchers alone did."""
        rows = await get_connection("default").execute_query_dict(COLLECTED_SQL)
        return {row["id"]: (row["payer"], row["from_funds"]) for row in rows}

    async def collected(self) -> dict[UUID, str]:
        """Who collected what, by the books of the wallet and of the provider."""
        wallet, provider = set(await self.wallets()), set(self.market.moody.book)
        assert not wallet & provider, "collected twice"
        return dict.fromkeys(wallet, "guance") | dict.fromkeys(provider, "moody")

    async def billed(self, customer: Customer) -> dict[Any, int]:
        """What was charged for each day that is closed, credits aside."""
        found = dict.fromkeys([day.day for day in await BillingDay.filter(account_id=customer.id)], 0)
        for charge in await Charge.filter(account_id=customer.id).exclude(kind=ChargeKind.CREDIT_NOTE):
            found[charge.day] += charge.amount_minor
        return found

    async def every_day_that_ended_is_billed(self) -> None:
        for customer in self.market.customers:
            assert await self.billed(customer) == customer.owed(self.market.now(customer))
            assert not await BillingDay.exists(account_id=customer.id, late=True)

    @invariant()
    def the_money_is_right(self) -> None:
        if self.market.customers:
            self.do(self._check())

    async def _check(self) -> None:
        await self.market.note_payers()
        assert await ledger.check() == []
        assert await differences() == []
        assert sum(line.balance_minor for line in await trial_balance()) == 0
        await self.no_day_is_billed_twice_or_wrongly()
        await self.no_charge_is_collected_twice_or_lost()
        await self.everybody_sees_only_their_own()

    async def no_day_is_billed_twice_or_wrongly(self) -> None:
        for customer in self.market.customers:
            owed, billed = customer.owed(self.market.now(customer)), await self.billed(customer)
            late = await BillingDay.filter(account_id=customer.id, late=True).values_list("day", flat=True)
            for day, minor in billed.items():
                assert day in owed, f"{day} is not to be billed"
                assert minor == owed[day] or day in late, f"{day} costs {owed[day]}, and {minor} was charged"

    async def no_charge_is_collected_twice_or_lost(self) -> None:
        books, wallets_of = await self.collected(), await self.wallets()
        there = {
            customer.id: customer.topped_up + sum(minor for minor, _ in customer.vouchers)
            for customer in self.market.customers
        }
        for one in await Settlement.all().select_related("charge"):
            by = books.get(one.charge_id)
            if by == "guance":
                payer, from_funds = wallets_of[one.charge_id]
                there[payer] -= one.charge.amount_minor
                assert payer in self.may_pay(one.charge, wallets_of, from_funds), "another balance paid than was to"
            if one.state == SettlementState.SETTLED:
                assert by == one.channel or one.charge_id in self.market.by_hand
            elif by is not None:
                assert one.uncertain, "it was collected, and is taken for not collected"
                assert by in (one.channel, "guance"), "somebody collected it who was not to"
        for record in self.market.moody.book.values():
            assert (await Charge.get(id=record.charge_id)).amount_minor == record.amount.minor
        wallets = self.market.runtime.host.channel("guance")
        assert isinstance(wallets, Funds)
        for customer in self.market.customers:
            now = self.market.now(customer)
            funds = await wallets.funds(now, account_id=customer.id)
            left = sum(fund.left.minor for fund in funds if fund.state == FundState.USABLE)
            void = there[customer.id] - (await wallets.balance(customer.id)).minor - left
            assert 0 <= void <= sum(minor for minor, ends in customer.vouchers if ends <= now)

    def may_pay(self, charge: Charge, wallets: dict[UUID, tuple[UUID, bool]], from_funds: bool) -> set[UUID]:
        """Whose balances may have paid a charge, or got it back: who paid what it corrects; or who was to pay when it
        was raised; or the customer's own vouchers, instead of a provider."""
        customer = next(one for one in self.market.customers if one.id == charge.account_id)
        if charge.amount_minor < 0 and charge.corrects_id:
            return {wallets.get(charge.corrects_id, (customer.id, True))[0]}
        return {customer.payers.get(charge.id, customer.pays())} | ({customer.id} if from_funds else set())

    async def everybody_sees_only_their_own(self) -> None:
        for number, customer in enumerate(self.market.customers):
            seen = await customer.api.account(customer.account, "charges(last: 100) { nodes { id } totalCount }")
            own = await Charge.filter(account_id=customer.id).count()
            assert seen["charges"]["totalCount"] == own
            other = self.market.customers[number - 1]
            for node in [other.account, *[one["id"] for one in seen["charges"]["nodes"][:1]]]:
                viewer = customer if node == other.account else other
                refused = await viewer.api.data("query ($id: ID!) { node(id: $id) { id } }", id=node)
                assert refused["node"] is None


LOOK = settings(
    max_examples=6,
    stateful_step_count=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
    report_multiple_bugs=False,
)


@pytest.mark.slow
def test_the_money_is_right_whatever_happens(
    server_url: str, template_database: str, travelling_clock: TravellingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(get_settings(), "session_days", 9_000)
    thorough = settings.get_current_profile_name() == "thorough"
    run_state_machine_as_test(
        lambda: MoneyPath(server_url, template_database, travelling_clock),  # type: ignore[arg-type]
        settings=settings(LOOK, derandomize=False, max_examples=200, stateful_step_count=60) if thorough else LOOK,
    )
