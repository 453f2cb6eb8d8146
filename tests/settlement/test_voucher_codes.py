"""Activation codes: each grants its voucher once, to whoever types it in."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from app.settlement.models import VoucherCode
from tests.api.driver import Api, registered
from tests.statements.conftest import Billed, billed, finance

__all__ = ["billed", "finance"]

TERMS = {"count": 2, "amount": "80.00", "expiresAt": "2026-12-01T00:00:00Z", "note": "autumn fair"}


async def issued(finance: Api, **terms: Any) -> Any:
    return await finance.call("issueVoucherCodes", "batch { id codes redeemed } codes", **{**TERMS, **terms})


async def redeem(billed: Billed, code: str) -> Any:
    fields = "voucher { amount { amount } left { amount } source note }"
    return await billed.api.call("redeemVoucherCode", fields, accountId=billed.account, code=code)


async def test_a_code_grants_its_voucher_which_pays(billed: Billed, finance: Api) -> None:
    made = await issued(finance)
    first, second = made["codes"]
    typed = first.lower().replace("-", " ").replace("0", "o").replace("1", "l")
    voucher = (await redeem(billed, typed))["voucher"]
    assert (voucher["left"]["amount"], voucher["note"], voucher["source"]) == ("80.00", "autumn fair", "VOUCHER")
    await billed.travel("2026-03-11T01:00:00")
    await billed.settle()
    wallet = (await billed.api.account(billed.account, "wallet { balance { amount } vouchers { state } }"))["wallet"]
    assert (wallet["balance"]["amount"], wallet["vouchers"]) == ("-20.00", [{"state": "USED_UP"}])
    batches = (await finance.data("{ voucherBatches { nodes { codes redeemed } } }"))["voucherBatches"]["nodes"]
    assert batches == [{"codes": 2, "redeemed": 1}]
    assert not await VoucherCode.filter(code_hash__in=[first, second]).exists()


async def test_a_code_is_redeemed_once_however_many_type_it_in_at_once(billed: Billed, finance: Api) -> None:
    code = (await issued(finance))["codes"][0]
    answers = await asyncio.gather(*(redeem(billed, code) for _ in range(4)))
    assert sorted("voucher" in answer for answer in answers) == [False, False, False, True]
    assert {answer["code"] for answer in answers if "code" in answer} == {"FUND_REFUSED"}
    wallet = (await billed.api.account(billed.account, "wallet { vouchers { id } }"))["wallet"]
    assert len(wallet["vouchers"]) == 1


async def test_what_is_not_redeemed(billed: Billed, finance: Api) -> None:
    withdrawn, dollars = await issued(finance), await issued(finance, currency="USD")
    await finance.call("withdrawVoucherCodes", "batch { id }", batchId=withdrawn["batch"]["id"])
    for code in (withdrawn["codes"][0], dollars["codes"][0], "0000-0000-0000-0000", "x", ""):
        assert (await redeem(billed, code))["code"] == "FUND_REFUSED", code
    mine, account = await registered(billed.api)
    code = (await issued(finance))["codes"][0]
    early = await mine.call("redeemVoucherCode", "voucher { id }", accountId=account, code=code)
    assert early["code"] == "STEP_OUT_OF_ORDER"
    assert "voucher" in await redeem(billed, code)


@pytest.mark.parametrize(
    ("terms", "path"),
    [
        ({"count": 0}, ["count"]),
        ({"count": 1001}, ["count"]),
        ({"amount": "0.00"}, ["amount"]),
        ({"currency": "QQQ"}, ["currency"]),
        ({"expiresAt": "2026-01-01T00:00:00Z"}, ["expiresAt"]),
        ({"note": " "}, ["note"]),
    ],
)
async def test_what_no_batch_may_say(billed: Billed, finance: Api, terms: dict[str, Any], path: list[str]) -> None:
    refused = await issued(finance, **terms)
    assert (refused["code"], refused["path"]) == ("INVALID_INPUT", path)
