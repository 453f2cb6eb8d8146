"""Nobody waits for sandboxes, for one busy account, or for one busy channel: not to be closed, settled or told."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from uuid import UUID

import pytest
from settlement_spec import ChargeBatch, Outcome, SettlementResult
from tortoise.transactions import in_transaction

from app import clock
from app.billing.books import trial_balance
from app.billing.models import Charge
from app.bootstrap import Runtime
from app.closing.day_status import day_status
from app.closing.days import close_busy, close_due, close_free
from app.db.locking import hold_for_usage
from app.journey.clockwork import lanes
from app.settlement.models import ChannelBinding, Settlement, SettlementState
from app.settlement.reconciliation import Reconciled, reconcile
from app.settlement.settling import settle_batch, settle_due
from app.statements.aging import accruals
from app.worker import run_until
from tests.api.driver import Api
from tests.api.wallets import staff
from tests.billing.factory import billed_account
from tests.conftest import TravellingClock
from tests.settlement.conftest import Scripted

FIRST = date(2026, 3, 1)
HOUR = timedelta(hours=1)


async def owing(days: int, sandbox: bool = False, channel: str = "scripted") -> UUID:
    """An account that owes for so many days up to yesterday, once they are closed."""
    yesterday = clock.local_day(clock.now(), "Asia/Shanghai") - timedelta(days=1)
    account_id = (await billed_account(yesterday - timedelta(days=days - 1), sandbox=sandbox)).account_id
    await ChannelBinding.filter(account_id=account_id).update(channel=channel)
    return account_id


async def settled() -> set[UUID]:
    return {one.account_id for one in await Settlement.filter(state=SettlementState.SETTLED)}


@pytest.mark.parametrize("scripted", [None], indirect=True)
async def test_accounts_take_turns_and_each_is_paid_in_the_order_of_its_days(
    runtime: Runtime, scripted: Scripted, travelling_clock: TravellingClock
) -> None:
    busy = await owing(days=9)
    others = {await owing(days=1) for _ in range(3)}
    await close_due()
    await settle_batch(runtime.host, "scripted", sandboxes=False)
    await settle_batch(runtime.host, "scripted", sandboxes=False)
    assert await settled() == {busy, *others}, "a batch is of three: each account's first come first"
    while await settle_batch(runtime.host, "scripted", sandboxes=False):
        pass
    days = [charge.day for charge in scripted.handed if charge.account_id == busy]
    assert days == sorted(days)
    assert len(days) == 9


@pytest.mark.parametrize("scripted", [None], indirect=True)
@pytest.mark.parametrize("sandboxes", [True, False])
async def test_a_batch_is_of_sandboxes_or_of_none(
    runtime: Runtime, scripted: Scripted, travelling_clock: TravellingClock, sandboxes: bool
) -> None:
    owed = {sandbox: await owing(days=2, sandbox=sandbox) for sandbox in (True, False)}
    await close_due()
    assert await settle_batch(runtime.host, "scripted", sandboxes) == 2
    assert {charge.account_id for charge in scripted.handed} == {owed[sandboxes]}
    assert await settle_batch(runtime.host, "scripted", sandboxes) == 0


@pytest.mark.parametrize("scripted", [None], indirect=True)
async def test_closing_and_settling_go_on_while_sandboxes_and_another_channel_hang(
    runtime: Runtime, scripted: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The scripted channel never answers, for anybody; neither do sandboxes of the enterprise account."""
    hanging = await owing(days=1)
    sandbox = await owing(days=1, sandbox=True, channel="guance")
    wallet = runtime.host.channel("guance")
    settle = wallet.settle

    async def never(batch: ChargeBatch) -> list[SettlementResult]:
        await asyncio.Event().wait()
        return []

    async def unless_sandbox(batch: ChargeBatch) -> object:
        return await (never(batch) if any(charge.sandbox for charge in batch.charges) else settle(batch))

    monkeypatch.setattr(scripted, "settle", never)
    monkeypatch.setattr(wallet, "settle", unless_sandbox)
    monkeypatch.setattr(runtime.settings, "worker_interval_seconds", 0.01)
    monkeypatch.setattr(runtime.settings, "close_delay_seconds", 0)
    working = asyncio.create_task(run_until(asyncio.Event(), runtime.settings, runtime.host))
    try:
        async with asyncio.timeout(10):
            while await Settlement.filter(claimed_until__isnull=False).count() < 2:
                await asyncio.sleep(0.01)
            prompt = await owing(days=1, channel="guance")
            while prompt not in await settled():
                await asyncio.sleep(0.01)
        assert not {hanging, sandbox} & await settled()
    finally:
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)


async def test_a_busy_account_is_closed_when_it_is_free_and_holds_up_nobody(
    database: str, travelling_clock: TravellingClock
) -> None:
    busy, other = sorted([(await billed_account(FIRST)).account_id for _ in range(2)])
    held, let_go = asyncio.Event(), asyncio.Event()

    async def upload() -> None:
        async with in_transaction():
            await hold_for_usage([busy])
            held.set()
            await let_go.wait()

    uploading = asyncio.create_task(upload())
    await held.wait()
    async with asyncio.timeout(10):
        assert (await close_free(sandboxes=False)).accounts == 1
    assert {charge.account_id for charge in await Charge.all()} == {other}
    waiting = asyncio.create_task(close_busy(sandboxes=False))
    await asyncio.sleep(0.1)
    assert not waiting.done()
    let_go.set()
    await uploading
    assert (await waiting).accounts == 1
    assert (await close_due()).charges == 0


def test_every_duty_is_done_for_production_and_for_sandboxes_apart(runtime: Runtime) -> None:
    done = [(lane.name, what) for lane in lanes(runtime.settings, runtime.host) for what in lane.duties]
    shared = {
        "announcing prices",
        "giving up what is overdue",
        "forgetting",
        "mailing invitations",
        "sealing the audit log",
        "mailing password resets",
        "mailing registrations",
        "mailing changes of addresses",
        "mailing security notices",
        "closing their days",
        "its own work",
    }
    ours = {what for name, what in done if not name.startswith("sandboxes'")} - shared
    theirs = {what for name, what in done if name.startswith("sandboxes'")}
    assert ours == theirs
    assert {name for name, what in done if what == "its own work"} == {
        f"{key}'s own work" for key in runtime.host.loaded()
    }


@pytest.mark.parametrize("scripted", [None], indirect=True)
async def test_the_books_are_of_real_customers_unless_sandboxes_are_asked_for(
    api: Api, runtime: Runtime, scripted: Scripted, travelling_clock: TravellingClock
) -> None:
    await owing(days=2)
    await owing(days=3, sandbox=True)
    scripted.answer = lambda charge: SettlementResult(charge.id, Outcome.REJECTED, "r")
    await close_due()
    await settle_due(runtime.host)
    finance = await staff(api)
    found = await finance.data(
        "{ ours: trialBalance { balance { amount } } all: trialBalance(sandboxes: true) { balance { amount } } "
        "owed: accruals { charges } allOwed: accruals(sandboxes: true) { charges } "
        "queue: settlements(state: NEEDS_ATTENTION) { totalCount } "
        "whole: settlements(state: NEEDS_ATTENTION, sandboxes: true) { totalCount } }"
    )
    assert {line["balance"]["amount"] for line in found["ours"]} == {"200.00", "-200.00"}
    assert {line["balance"]["amount"] for line in found["all"]} == {"500.00", "-500.00"}
    assert (found["owed"], found["allOwed"]) == ([{"charges": 2}], [{"charges": 5}])
    assert (found["queue"]["totalCount"], found["whole"]["totalCount"]) == (2, 5)
    assert [sum(one.closed for one in await day_status(9, sandboxes=asked)) for asked in (False, True)] == [2, 5]
    assert {len(await trial_balance(sandboxes=asked)) for asked in (False, True)} == {2}
    assert sum(line.charges for line in await accruals()) == 2


@pytest.mark.parametrize("scripted", [None], indirect=True)
async def test_reconciliation_leaves_play_money_out_unless_asked(
    api: Api, runtime: Runtime, scripted: Scripted, travelling_clock: TravellingClock
) -> None:
    await owing(days=1)
    await owing(days=1, sandbox=True)
    await close_due()
    await settle_due(runtime.host)
    window = (clock.now() - HOUR, clock.now() + HOUR)
    finance = await staff(api)
    cases = "{ our: reconciliationCases { totalCount } all: reconciliationCases(sandboxes: true) { totalCount } }"
    assert await reconcile(runtime.host, "scripted", *window) == Reconciled(compared=1, opened=1, closed=0)
    assert (await finance.data(cases)) == {"our": {"totalCount": 1}, "all": {"totalCount": 1}}
    asked = await reconcile(runtime.host, "scripted", *window, sandboxes=True)
    assert asked == Reconciled(compared=2, opened=1, closed=0)
    assert (await finance.data(cases)) == {"our": {"totalCount": 1}, "all": {"totalCount": 2}}
