"""Credits: limited by what the day still costs, and given back the way the credited charge was paid."""

from __future__ import annotations

import asyncio
from datetime import date

import pytest
from settlement_spec import Source

from app.accounts.models import Account
from app.billing import ledger
from app.billing.models import Charge, ChargeKind
from app.closing.days import close_due
from app.settlement.models import Settlement, SettlementState
from app.settlement.settling import settle_due
from app.settlement.wallets import paid_from
from tests.api.driver import Api
from tests.api.wallets import credit, granted, topped_up
from tests.db.restoring import execute
from tests.statements.conftest import Billed, billed, finance

__all__ = ["billed", "finance"]


async def count_again(billed: Billed, count: int) -> None:
    """The day's usage turns out to be another."""
    await execute(f"UPDATE usage_hour SET quantity = {count}")
    await execute("UPDATE billing_day SET late = true")
    await close_due()


async def amounts(billed: Billed) -> list[int]:
    charges = await Charge.filter(account_id=billed.key, day=date(2026, 3, 10)).order_by("sequence")
    return [charge.amount_minor for charge in charges]


async def wallet(billed: Billed) -> tuple[str, list[str]]:
    fields = "wallet { balance { amount } vouchers { nodes { left { amount } } } }"
    found = await billed.api.account(billed.account, fields)
    there = found["wallet"]
    return there["balance"]["amount"], [voucher["left"]["amount"] for voucher in there["vouchers"]["nodes"]]


async def test_a_credit_goes_back_the_way_its_own_day_was_paid(billed: Billed, finance: Api) -> None:
    await topped_up(billed.api, finance, billed.account, "100.00")
    await billed.travel("2026-03-11T12:00:00")
    await billed.settle()
    await granted(finance, billed.account, "100.00")
    await billed.travel("2026-03-12T12:00:00")
    await billed.settle()
    assert await wallet(billed) == ("0.00", ["0.00"])
    by_cash, by_voucher = await Charge.filter(account_id=billed.key).order_by("day")
    await credit(finance, by_voucher.id, "100.00")
    await billed.settle()
    assert await wallet(billed) == ("0.00", ["100.00"])
    await credit(finance, by_cash.id, "30.00")
    await billed.settle()
    assert await wallet(billed) == ("30.00", ["100.00"])
    assert await ledger.check() == []


async def test_a_credit_waits_until_what_it_gives_back_is_collected(billed: Billed, finance: Api) -> None:
    await granted(finance, billed.account, "100.00")
    await billed.travel("2026-03-11T12:00:00")
    (day,) = await Charge.filter(account_id=billed.key)
    await credit(finance, day.id, "40.00")
    await Settlement.filter(charge_id=day.id).update(state=SettlementState.NEEDS_ATTENTION)
    await billed.settle()
    assert await Settlement.filter(state=SettlementState.SETTLED).count() == 0
    await Settlement.filter(charge_id=day.id).update(state=SettlementState.PENDING)
    await billed.settle()
    assert await Settlement.filter(state=SettlementState.SETTLED).count() == 2
    assert await wallet(billed) == ("0.00", ["40.00"])


async def test_a_day_is_credited_at_most_what_it_still_costs(billed: Billed, finance: Api) -> None:
    await billed.travel("2026-03-10T12:00:00")
    await billed.report("2026-03-10T09:00:00", 31)
    await billed.travel("2026-03-11T12:00:00")
    (day,) = await Charge.filter(account_id=billed.key)
    await count_again(billed, 20)
    assert await amounts(billed) == [15_500, -5_500]
    over = await credit(finance, day.id, "100.01")
    assert (over["code"], over["path"]) == ("CREDIT_LIMIT", ["amount"])
    assert "100.00 CNY" in str(over["message"])
    assert (await credit(finance, day.id, "60.00"))["__typename"] == "IssueCreditNoteSuccess"
    assert "40.00 CNY" in str((await credit(finance, day.id, "40.01"))["message"])
    await credit(finance, day.id, "40.00")
    await billed.settle()
    assert await wallet(billed) == ("0.00", [])
    assert await ledger.check() == []


@pytest.mark.parametrize(
    ("credited", "counted", "raised"),
    [
        ("155.00", 20, []),
        ("30.00", 20, [-5_500]),
        ("100.00", 20, [-5_500]),
        ("120.00", 20, [-3_500]),
        ("155.00", 41, [5_000]),
    ],
)
async def test_a_day_that_was_credited_is_never_corrected_below_zero(
    billed: Billed, finance: Api, credited: str, counted: int, raised: list[int]
) -> None:
    await billed.travel("2026-03-10T12:00:00")
    await billed.report("2026-03-10T09:00:00", 31)
    await billed.travel("2026-03-11T12:00:00")
    (day,) = await Charge.filter(account_id=billed.key)
    await credit(finance, day.id, credited)
    await count_again(billed, counted)
    assert (await amounts(billed))[2:] == raised
    await count_again(billed, counted)
    assert (await amounts(billed))[2:] == raised
    await count_again(billed, 31)
    assert sum(await amounts(billed)) == 15_500 - int(credited.replace(".", ""))
    await billed.settle()
    assert await ledger.check() == []


async def test_a_correction_names_the_days_own_charge_and_a_credit_the_charge_it_gives_back(
    billed: Billed, finance: Api
) -> None:
    await billed.travel("2026-03-10T12:00:00")
    await billed.report("2026-03-10T09:00:00", 31)
    await billed.travel("2026-03-11T12:00:00")
    await count_again(billed, 41)
    day, more = await Charge.filter(account_id=billed.key).order_by("sequence")
    await credit(finance, more.id, "10.00")
    note = await Charge.get(kind=ChargeKind.CREDIT_NOTE)
    assert (day.corrects_id, more.corrects_id, note.corrects_id) == (None, day.id, more.id)
    over = await credit(finance, more.id, "40.01")
    assert over["code"] == "CREDIT_LIMIT"


@pytest.mark.parametrize("workers", [1, 4])
async def test_which_days_a_voucher_pays_is_defined_by_the_days(billed: Billed, finance: Api, workers: int) -> None:
    await granted(finance, billed.account, "100000.00", "2026-08-01T00:00:00+08:00")
    await billed.travel("2027-02-24T12:00:00")
    while any(await asyncio.gather(*(settle_due(billed.runtime.host) for _ in range(workers)))):
        pass
    charges = await Charge.filter(account_id=billed.key).order_by("day")
    assert len(charges) == 351
    paid = await paid_from(billed.runtime.host, [charge.id for charge in charges])
    by_voucher = {charge.day for charge in charges if paid[charge.id][0].source == Source.VOUCHER}
    assert by_voucher == {charge.day for charge in charges if charge.day < date(2026, 7, 31)}
    account = await Account.get(id=billed.key)
    assert account.sandbox
