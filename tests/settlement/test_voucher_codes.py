"""Activation codes: each grants its voucher once, to whoever types it in."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from app.bootstrap import Runtime
from app.settlement.models import VoucherCode
from app.worker import run_once
from tests.api.driver import Api, activate, license_and_key, registered, upgraded
from tests.conftest import TravellingClock
from tests.statements.conftest import Billed, finance

__all__ = ["finance"]

TERMS = {"count": 2, "amount": "80.00", "expiresAt": "2026-12-01T00:00:00Z", "note": "autumn fair"}


@pytest.fixture
async def billed(api: Api, travelling_clock: TravellingClock, runtime: Runtime) -> Billed:
    """A production account, billed from 2026-03-10 on."""
    mine, account = await upgraded(api, sandbox=False)
    text, ak, sk = await license_and_key(mine, account)
    await activate(mine, text, ak, sk)
    return Billed(mine, account, ak, sk, runtime)


async def issued(finance: Api, **terms: Any) -> Any:
    return await finance.call("issueVoucherCodes", "batch { id codes redeemed } codes", **{**TERMS, **terms})


async def redeem(billed: Billed, code: str) -> Any:
    fields = "voucher { amount { amount } left { amount } source note }"
    return await billed.api.call("redeemVoucherCode", fields, accountId=billed.account, code=code)


async def test_a_code_grants_its_voucher_which_pays(
    billed: Billed, finance: Api, travelling_clock: TravellingClock
) -> None:
    made = await issued(finance)
    first, second = made["codes"]
    typed = first.lower().replace("-", " ").replace("0", "o").replace("1", "l")
    voucher = (await redeem(billed, typed))["voucher"]
    assert (voucher["left"]["amount"], voucher["note"], voucher["source"]) == ("80.00", "autumn fair", "VOUCHER")
    travelling_clock.at = datetime(2026, 3, 10, 17, tzinfo=UTC)
    await run_once(billed.runtime.settings, billed.runtime.host)
    fields = "wallet { balance { amount } vouchers { nodes { state } } }"
    wallet = (await billed.api.account(billed.account, fields))["wallet"]
    assert (wallet["balance"]["amount"], wallet["vouchers"]["nodes"]) == ("-20.00", [{"state": "USED_UP"}])
    batches = (await finance.data("{ voucherBatches { nodes { codes redeemed } } }"))["voucherBatches"]["nodes"]
    assert batches == [{"codes": 2, "redeemed": 1}]
    assert not await VoucherCode.filter(code_hash__in=[first, second]).exists()


async def test_a_code_is_redeemed_once_however_many_type_it_in_at_once(billed: Billed, finance: Api) -> None:
    code = (await issued(finance))["codes"][0]
    answers = await asyncio.gather(*(redeem(billed, code) for _ in range(4)))
    assert sorted("voucher" in answer for answer in answers) == [False, False, False, True]
    assert {answer["code"] for answer in answers if "code" in answer} == {"FUND_REFUSED"}
    wallet = (await billed.api.account(billed.account, "wallet { vouchers { totalCount } }"))["wallet"]
    assert wallet["vouchers"]["totalCount"] == 1


async def test_what_is_not_redeemed(billed: Billed, finance: Api) -> None:
    withdrawn, dollars = await issued(finance), await issued(finance, currency="USD")
    await finance.call("withdrawVoucherCodes", "batch { id }", batchId=withdrawn["batch"]["id"])
    for code in (withdrawn["codes"][0], dollars["codes"][0], "0000-0000-0000-0000", "x", ""):
        assert (await redeem(billed, code))["code"] == "FUND_REFUSED", code
    mine, account = await registered(billed.api, sandbox=False)
    code = (await issued(finance))["codes"][0]
    early = await mine.call("redeemVoucherCode", "voucher { id }", accountId=account, code=code)
    assert early["code"] == "STEP_OUT_OF_ORDER"
    assert "voucher" in await redeem(billed, code)


async def test_a_sandbox_uses_up_no_code(billed: Billed, finance: Api) -> None:
    code = (await issued(finance))["codes"][0]
    mine, sandbox = await upgraded(billed.api)
    tried = await mine.call("redeemVoucherCode", "voucher { id }", accountId=sandbox, code=code)
    assert tried["code"] == "FUND_REFUSED"
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
