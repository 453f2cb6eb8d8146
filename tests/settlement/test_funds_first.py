"""Vouchers and cards pay before a cloud does, and every charge is collected once, whatever is lost in between."""

from __future__ import annotations

from typing import Any

import pytest
from settlement_spec import Outcome, SettlementResult

from app.accounts.models import StaffRole
from app.api.node import encode_id
from app.billing.books import trial_balance
from app.billing.ledger import check
from app.bootstrap import Runtime
from app.settings import get_settings
from app.settlement.models import Settlement
from app.settlement.settling import settle_due
from tests.api.driver import Api
from tests.api.wallets import granted, staff
from tests.conftest import TravellingClock
from tests.settlement.conftest import Owing, Scripted


async def vouchers(api: Api, account: str, *amounts: str) -> None:
    finance = await staff(api, [StaffRole.FINANCE])
    for amount in amounts:
        await granted(finance, account, amount)


async def collected() -> list[tuple[str, str]]:
    return [(str(one.channel), str(one.state)) for one in await Settlement.all().order_by("due_from", "charge_id")]


async def left(mine: Api, account: str) -> list[str]:
    found = await mine.account(account, "wallet { vouchers { nodes { left { amount } } } }")
    return [voucher["left"]["amount"] for voucher in found["wallet"]["vouchers"]["nodes"]]


async def settle(runtime: Runtime, clock: TravellingClock, rounds: int = 1) -> None:
    for _ in range(rounds):
        await settle_due(runtime.host)
        clock.forward(minutes=5)


@pytest.mark.parametrize("scripted", [None], indirect=True)
async def test_what_vouchers_cover_whole_is_not_handed_to_the_cloud(
    owing: Owing, runtime: Runtime, scripted: Scripted, travelling_clock: TravellingClock
) -> None:
    mine, account, _ = await owing(days=2)
    await vouchers(mine, account, "60.00", "90.00")
    await settle(runtime, travelling_clock, 2)
    assert await collected() == [("guance", "SETTLED"), ("scripted", "SETTLED")]
    assert [charge.amount.minor for charge in scripted.handed] == [10_000]
    assert sorted(await left(mine, account)) == ["0.00", "50.00"]
    found = await mine.account(account, "wallet { balance { amount } } standing { state }")
    assert found == {"wallet": {"balance": {"amount": "0.00"}}, "standing": {"state": "GOOD"}}
    assert await check() == []


async def test_an_answer_lost_by_the_cloud_is_not_paid_from_a_voucher_that_comes_later(
    owing: Owing, runtime: Runtime, scripted: Scripted, travelling_clock: TravellingClock
) -> None:
    mine, account, _ = await owing()
    scripted.answer = lambda charge: SettlementResult(charge.id, Outcome.UNKNOWN, reason="lost")
    await settle(runtime, travelling_clock)
    await vouchers(mine, account, "500.00")
    await settle(runtime, travelling_clock)
    assert (await collected(), len(scripted.handed)) == ([("scripted", "PENDING")], 2)
    assert await left(mine, account) == ["500.00"]


async def test_what_the_cloud_certainly_did_not_take_is_paid_from_a_voucher_that_came_meanwhile(
    owing: Owing, runtime: Runtime, scripted: Scripted, travelling_clock: TravellingClock
) -> None:
    mine, account, _ = await owing()
    scripted.answer = lambda charge: SettlementResult(charge.id, Outcome.RETRY_LATER, reason="later")
    await settle(runtime, travelling_clock)
    await vouchers(mine, account, "100.00")
    await settle(runtime, travelling_clock)
    assert (await collected(), len(scripted.handed)) == ([("guance", "SETTLED")], 1)


@pytest.fixture
async def paid_and_not_noted(
    owing: Owing, runtime: Runtime, travelling_clock: TravellingClock, monkeypatch: pytest.MonkeyPatch
) -> tuple[Api, str]:
    """An account whose voucher paid a day that a cloud was to collect, of which nobody knows yet."""
    mine, account, _ = await owing()
    await vouchers(mine, account, "300.00")

    async def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr("app.settlement.settling._write_down", die)
        with pytest.raises(KeyboardInterrupt):
            await settle_due(runtime.host)
    travelling_clock.forward(minutes=5)
    return mine, account


async def test_a_voucher_that_paid_before_the_process_died_pays_once_and_the_cloud_nothing(
    paid_and_not_noted: tuple[Api, str], runtime: Runtime, scripted: Scripted, travelling_clock: TravellingClock
) -> None:
    assert await collected() == [("scripted", "PENDING")]
    await settle(runtime, travelling_clock)
    assert (await collected(), scripted.handed) == ([("guance", "SETTLED")], [])
    assert await left(*paid_and_not_noted) == ["200.00"]
    assert await check() == []


async def test_what_a_voucher_paid_stays_paid_when_the_vendor_changes_the_order_before_that_is_known(
    paid_and_not_noted: tuple[Api, str],
    runtime: Runtime,
    scripted: Scripted,
    travelling_clock: TravellingClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(get_settings(), "funds_first", False)
    await settle(runtime, travelling_clock)
    assert (await collected(), scripted.handed) == ([("guance", "SETTLED")], [])


async def test_staff_note_what_a_voucher_paid_and_move_it_nowhere(
    paid_and_not_noted: tuple[Api, str], runtime: Runtime, scripted: Scripted, travelling_clock: TravellingClock
) -> None:
    mine, account = paid_and_not_noted
    finance = await staff(mine, [StaffRole.FINANCE])
    travelling_clock.forward(hours=7)
    await settle(runtime, travelling_clock)
    assert (await collected(), scripted.handed) == ([("scripted", "NEEDS_ATTENTION")], [])
    given: dict[str, Any] = {"settlementId": encode_id("Settlement", (await Settlement.get()).id), "reason": "looked"}
    moved = await finance.call("moveSettlement", "settlement { id }", confirmUncollected=True, **given)
    assert (moved["code"], await collected()) == ("SETTLEMENT_CONFLICT", [("scripted", "NEEDS_ATTENTION")])
    await finance.call("settleByHand", "settlement { id }", providerReference="the wallet", **given)
    assert await collected() == [("guance", "SETTLED")]
    booked = {line.ledger_account: line.balance_minor for line in await trial_balance()}
    assert booked == {"revenue": -10_000, "discounts": 10_000, "receivable": 0}
    assert (await left(mine, account), await check()) == (["200.00"], [])


async def test_while_nobody_says_what_vouchers_paid_the_cloud_is_handed_nothing(
    owing: Owing,
    runtime: Runtime,
    scripted: Scripted,
    travelling_clock: TravellingClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    mine, account, _ = await owing()
    await vouchers(mine, account, "300.00")
    wallets: Any = runtime.host.channel("guance")

    async def fail(*_: object) -> None:
        raise OSError

    with monkeypatch.context() as broken:
        broken.setattr(wallets, "settle_from_funds", fail)
        broken.setattr(wallets, "paid_from", fail)
        await settle(runtime, travelling_clock, 2)
    assert (await collected(), scripted.handed) == ([("scripted", "PENDING")], [])
    await settle(runtime, travelling_clock)
    assert (await collected(), len(scripted.handed)) == ([("scripted", "SETTLED")], 1)
    assert await left(mine, account) == ["300.00"]


async def test_a_credit_goes_back_to_the_voucher_that_paid_instead_of_the_cloud(
    owing: Owing, runtime: Runtime, travelling_clock: TravellingClock
) -> None:
    mine, account, _ = await owing()
    await vouchers(mine, account, "150.00")
    await settle(runtime, travelling_clock)
    finance = await staff(mine, [StaffRole.FINANCE])
    charge = (await Settlement.get()).charge_id
    given: dict[str, Any] = {"chargeId": encode_id("Charge", charge), "amount": "40.00", "reason": "sorry"}
    assert "code" not in await finance.call("issueCreditNote", "creditNote { id }", **given)
    await settle(runtime, travelling_clock)
    assert await left(mine, account) == ["90.00"]
    assert await check() == []


async def test_where_the_vendor_says_so_the_cloud_pays_first(
    owing: Owing,
    runtime: Runtime,
    scripted: Scripted,
    travelling_clock: TravellingClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(get_settings(), "funds_first", False)
    mine, account, _ = await owing()
    await vouchers(mine, account, "300.00")
    await settle(runtime, travelling_clock)
    assert (await collected(), len(scripted.handed)) == ([("scripted", "SETTLED")], 1)
