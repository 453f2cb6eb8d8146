"""Vouchers, cards and refunds in the books: what is revenue, what is owed to customers, and what was given away."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from tortoise.connection import get_connection

from app.billing.books import trial_balance
from app.billing.models import Charge
from app.bootstrap import Runtime
from app.settlement.audit import QUESTIONS, check
from tests.api.driver import Api, upgraded
from tests.api.wallets import credit, granted, staff, topped_up
from tests.conftest import TravellingClock
from tests.statements.conftest import Billed, billed, finance

__all__ = ["billed", "finance"]


@pytest.fixture(name="account")
async def checked(billed: Billed) -> AsyncIterator[Billed]:
    """A billed account, whose books are right in the end."""
    yield billed
    assert await check(billed.runtime.host) == []


async def balances() -> dict[str, int]:
    return {
        line.ledger_account: line.balance_minor for line in await trial_balance(sandboxes=True) if line.balance_minor
    }


async def test_what_a_voucher_pays_is_a_discount_and_nobodys_debt(account: Billed, finance: Api) -> None:
    await granted(finance, account.account, "130.00")
    await account.travel("2026-03-12T12:00:00")
    await account.settle()
    assert await balances() == {"revenue": -20_000, "discounts": 13_000, "prepaid:guance": 7_000}
    first, _ = await Charge.filter(account_id=account.key).order_by("day")
    assert (await credit(finance, first.id, "100.00"))["__typename"] == "IssueCreditNoteSuccess"
    await account.settle()
    assert await balances() == {"revenue": -10_000, "discounts": 3_000, "prepaid:guance": 7_000}


async def test_a_card_is_owed_to_the_customer_until_it_is_used_or_expires(account: Billed, finance: Api) -> None:
    await topped_up(account.api, finance, account.account, "500.00")
    bought = await account.api.call("purchaseCard", "card { id }", accountId=account.account, amount="300")
    assert await balances() == {"bank": 50_000, "prepaid:guance": -20_000, "cards:guance": -30_000}
    await account.travel("2026-03-11T12:00:00")
    await account.settle()
    used = {"bank": 50_000, "prepaid:guance": -20_000, "cards:guance": -20_000, "revenue": -10_000}
    assert await balances() == used
    (day,) = await Charge.filter(account_id=account.key)
    await get_connection("default").execute_query("UPDATE guance_fund SET expires_at = '2026-03-11T12:30:00+08:00'")
    expired = {"bank": 50_000, "prepaid:guance": -20_000, "revenue": -10_000, "breakage": -20_000}
    for later in ("13:00", "13:30"):
        await account.travel(f"2026-03-11T{later}:00")
        await granted(finance, account.account, "1.00", "2026-03-20T00:00:00+08:00")
        assert await balances() == expired
    assert (await credit(finance, day.id, "40.00"))["__typename"] == "IssueCreditNoteSuccess"
    await account.settle()
    assert await balances() == {"bank": 50_000, "prepaid:guance": -20_000, "revenue": -6_000, "breakage": -24_000}
    shown = await account.api.account(
        account.account,
        "charges(last: 1) { nodes { settlement { paidFrom { source fundId void amount { amount } } } } }",
    )
    (note,) = shown["charges"]["nodes"]
    assert note["settlement"]["paidFrom"] == [
        {"source": "CARD", "fundId": bought["card"]["id"], "void": True, "amount": {"amount": "40.00"}}
    ]


async def test_a_refund_leaves_bank_balance_and_what_may_be_invoiced(account: Billed, finance: Api) -> None:
    asked = await account.api.call("requestTopUp", "topUp { id }", accountId=account.account, amount="500.00")
    top_up = asked["topUp"]["id"]
    right: dict[str, Any] = {"topUpId": top_up, "amount": "120.00", "reference": "R-1", "reason": " a lost dispute "}
    early = await finance.call("refundTopUp", "topUp { id }", **right)
    assert (early["code"], early["path"]) == ("TOP_UP_CONFLICT", ["amount"])
    await finance.call("confirmTopUp", "topUp { id }", topUpId=top_up, bankReference="B-1", receivedAmount="500.00")
    for _ in range(2):
        refunded = await finance.call("refundTopUp", "topUp { refunded { amount } }", **right)
        assert refunded["topUp"] == {"refunded": {"amount": "120.00"}}
    assert await balances() == {"bank": 38_000, "prepaid:guance": -38_000}
    shown = await account.api.account(
        account.account,
        "wallet { balance { amount } movements(first: 1) { nodes { kind causeId parts { amount { amount } } } } } "
        "invoiceable { amount } incomeAndExpense { nodes { kind amount { amount } } } "
        "events(last: 1) { nodes { type before after reason } }",
    )
    assert shown == {
        "wallet": {
            "balance": {"amount": "380.00"},
            "movements": {
                "nodes": [{"kind": "REFUND", "causeId": top_up, "parts": [{"amount": {"amount": "-120.00"}}]}]
            },
        },
        "invoiceable": [{"amount": "380.00"}],
        "incomeAndExpense": {
            "nodes": [
                {"kind": "TOP_UP_CONFIRMED", "amount": {"amount": "500.00"}},
                {"kind": "TOP_UP_REFUNDED", "amount": {"amount": "-120.00"}},
            ]
        },
        "events": {
            "nodes": [
                {
                    "type": "top_up.refunded",
                    "before": {"topUp": top_up},
                    "after": {"amountMinor": 12_000, "reference": "R-1"},
                    "reason": "a lost dispute",
                }
            ]
        },
    }
    await finance.call("refundTopUp", "topUp { id }", **right | {"reference": "R-2", "amount": "380.00"})
    assert await balances() == {}


@pytest.mark.parametrize(
    ("wrong", "code", "path"),
    [
        ({"amount": "500.01"}, "TOP_UP_CONFLICT", ["amount"]),
        ({"amount": "0.00"}, "INVALID_INPUT", ["amount"]),
        ({"amount": "-1.00"}, "INVALID_INPUT", ["amount"]),
        ({"amount": "99.00", "reference": "R-1"}, "TOP_UP_CONFLICT", ["reference"]),
        ({"reference": " "}, "TOP_UP_CONFLICT", ["reference"]),
        ({"reason": ""}, "INVALID_INPUT", ["reason"]),
    ],
)
async def test_a_refund_that_cannot_be_is_refused_and_books_nothing(
    account: Billed, finance: Api, wrong: dict[str, str], code: str, path: list[str]
) -> None:
    asked = await account.api.call("requestTopUp", "topUp { id }", accountId=account.account, amount="600.00")
    top_up = asked["topUp"]["id"]
    await finance.call("confirmTopUp", "topUp { id }", topUpId=top_up, bankReference="B-1", receivedAmount="600.00")
    right: dict[str, Any] = {"topUpId": top_up, "amount": "100.00", "reference": "R-1", "reason": "x"}
    await finance.call("refundTopUp", "topUp { id }", **right)
    before = await balances()
    refused = await finance.call("refundTopUp", "topUp { id }", **right | {"reference": "R-2"} | wrong)
    assert (refused["code"], refused["path"]) == (code, path)
    assert await balances() == before == {"bank": 50_000, "prepaid:guance": -50_000}
    denied = await account.api.call("refundTopUp", "topUp { id }", **right)
    assert denied["code"] == "PERMISSION_DENIED"


async def test_a_refund_of_what_is_spent_is_owed(account: Billed, finance: Api) -> None:
    await topped_up(account.api, finance, account.account, "100.00")
    await account.travel("2026-03-11T12:00:00")
    await account.settle()
    top_up = (await account.api.account(account.account, "topUps { nodes { id } }"))["topUps"]["nodes"][0]["id"]
    await finance.call("refundTopUp", "topUp { id }", topUpId=top_up, amount="100.00", reference="R", reason="x")
    shown = await account.api.account(account.account, "standing { state owed { amount } }")
    assert shown["standing"] == {"state": "SUSPENDED", "owed": [{"amount": "100.00"}]}


CORRUPTIONS = {
    "top_ups_equal_paid_in": "UPDATE guance_top_up SET received_minor = received_minor + 1",
    "wallets_equal_ledger": "UPDATE guance_wallet SET cash_minor = cash_minor + 1",
}


@pytest.mark.parametrize("question", QUESTIONS)
async def test_each_question_that_channels_answer_finds_what_it_is_asked_for(
    api: Api, runtime: Runtime, travelling_clock: TravellingClock, question: str
) -> None:
    mine, account = await upgraded(api)
    await topped_up(mine, await staff(api), account, "500.00")
    assert await check(runtime.host) == []
    await get_connection("default").execute_query(CORRUPTIONS[question])
    answers = await QUESTIONS[question](runtime.host)
    assert len(answers) == 1
    assert answers == await check(runtime.host)


def test_every_question_that_channels_answer_is_made_to() -> None:
    assert set(CORRUPTIONS) == set(QUESTIONS)
