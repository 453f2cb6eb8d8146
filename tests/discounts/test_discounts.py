"""Coupons take a percentage or an amount off billing days: lines that add up, in the books, on statements."""

from __future__ import annotations

import asyncio
import csv
from typing import Any

import pytest

from app.billing import ledger
from app.closing.days import close_due
from tests.api.driver import Api, registered
from tests.statements.conftest import Billed, billed, finance

__all__ = ["billed", "finance"]

LINES = "charges { nodes { day kind amount { amount } lines { kind amount { amount } discount { name } } } }"


async def coupon(finance: Api, **terms: Any) -> Any:
    made = await finance.call("createCoupon", "coupon { id code percentOff days }", **{"name": "Spring", **terms})
    return made["coupon"]


async def redeem(billed: Billed, code: str) -> Any:
    fields = "discount { id name percentOff amountOff { amount } firstDay lastDay }"
    return await billed.api.call("redeemCoupon", fields, accountId=billed.account, code=code)


async def charged(billed: Billed) -> list[tuple[str, str, list[tuple[str, str]]]]:
    """Each charge: its day, its amount, and its lines."""
    found = (await billed.api.account(billed.account, LINES))["charges"]["nodes"]
    return [
        (one["day"], one["amount"]["amount"], [(line["kind"], line["amount"]["amount"]) for line in one["lines"]])
        for one in found
    ]


async def test_a_percentage_for_two_days_from_the_first_billed_day(billed: Billed, finance: Api) -> None:
    await coupon(finance, code="spring-10", percentOff=15, days=2)
    given = (await redeem(billed, " Spring-10 "))["discount"]
    assert (given["percentOff"], given["firstDay"], given["lastDay"]) == (15, "2026-03-10", "2026-03-11")
    await billed.report("2026-03-02T18:00:00", 1)
    await billed.travel("2026-03-10T12:00:00")
    await billed.report("2026-03-10T09:00:00", 31)
    await billed.travel("2026-03-13T01:00:00")
    assert await charged(billed) == [
        ("2026-03-10", "131.75", [("USAGE", "155.00"), ("DISCOUNT", "-23.25")]),
        ("2026-03-11", "85.00", [("USAGE", "100.00"), ("DISCOUNT", "-15.00")]),
        ("2026-03-12", "100.00", [("USAGE", "100.00")]),
    ]
    totals = await ledger.balances(billed.key)
    assert (totals["revenue", "CNY"], totals["discounts", "CNY"]) == (-35_500, 3_825)
    assert await ledger.check() == []


async def test_an_amount_takes_at_most_what_the_day_costs(billed: Billed, finance: Api) -> None:
    await coupon(finance, code="ALLFREE", amountOff="120.00", days=1)
    await redeem(billed, "ALLFREE")
    await billed.travel("2026-03-12T01:00:00")
    assert await charged(billed) == [
        ("2026-03-10", "0.00", [("USAGE", "100.00"), ("DISCOUNT", "-100.00")]),
        ("2026-03-11", "100.00", [("USAGE", "100.00")]),
    ]
    await billed.settle()
    assert await ledger.check() == []


async def test_several_take_of_what_those_before_left(billed: Billed, finance: Api) -> None:
    await coupon(finance, code="HALF", percentOff=50)
    await coupon(finance, code="TENTH", percentOff=10, name="Tenth")
    await redeem(billed, "HALF")
    await redeem(billed, "TENTH")
    await billed.travel("2026-03-11T01:00:00")
    found = await billed.api.account(billed.account, LINES)
    lines = found["charges"]["nodes"][0]["lines"]
    assert [(line["amount"]["amount"], line["discount"]) for line in lines] == [
        ("100.00", None),
        ("-50.00", {"name": "Spring"}),
        ("-5.00", {"name": "Tenth"}),
    ]


async def test_late_usage_is_discounted_as_its_day_was(billed: Billed, finance: Api) -> None:
    await coupon(finance, code="FIFTH", percentOff=20, days=1)
    await redeem(billed, "FIFTH")
    await billed.travel("2026-03-12T01:00:00")
    await billed.report("2026-03-10T09:00:00", 31)
    await close_due()
    assert (await charged(billed))[2] == ("2026-03-10", "44.00", [("USAGE", "55.00"), ("DISCOUNT", "-11.00")])
    assert await ledger.check() == []


async def test_staff_give_one_without_a_code_and_end_it(billed: Billed, finance: Api) -> None:
    answer = "... on CreateCouponSuccess { coupon { id code days } }"
    document = f'mutation {{ createCoupon(name: "x", percentOff: 30, days: null) {{ {answer} }} }}'
    made = (await finance.data(document))["createCoupon"]["coupon"]
    assert (made["code"], made["days"]) == (None, None)
    given = await finance.call("applyCoupon", "discount { id lastDay }", accountId=billed.account, couponId=made["id"])
    assert given["discount"]["lastDay"] is None
    await billed.travel("2026-03-12T01:00:00")
    ended = await finance.call("endDiscount", "discount { lastDay }", discountId=given["discount"]["id"], reason="over")
    assert ended["discount"]["lastDay"] == "2026-03-11"
    await billed.travel("2026-03-13T01:00:00")
    assert [amount for _, amount, _ in await charged(billed)] == ["70.00", "70.00", "100.00"]
    events = await billed.api.account(billed.account, "events(last: 50) { nodes { type } }")
    types = [event["type"] for event in events["events"]["nodes"]]
    assert {"discount.applied", "discount.ended"} <= set(types)


@pytest.mark.parametrize(
    ("terms", "path"),
    [
        ({}, ["percentOff"]),
        ({"percentOff": 10, "amountOff": "1.00"}, ["percentOff"]),
        ({"percentOff": 0}, ["percentOff"]),
        ({"percentOff": 101}, ["percentOff"]),
        ({"amountOff": "0.00"}, ["amountOff"]),
        ({"amountOff": "1.001"}, ["amountOff"]),
        ({"amountOff": "1.00", "currency": "QQQ"}, ["currency"]),
        ({"percentOff": 10, "days": 0}, ["days"]),
        ({"percentOff": 10, "code": "a b"}, ["code"]),
        ({"percentOff": 10, "name": " "}, ["name"]),
        ({"percentOff": 10, "maxRedemptions": 0}, ["maxRedemptions"]),
        ({"percentOff": 10, "redeemBy": "2026-01-01T00:00:00Z"}, ["redeemBy"]),
    ],
)
async def test_what_no_coupon_may_say(billed: Billed, finance: Api, terms: dict[str, Any], path: list[str]) -> None:
    refused = await finance.call("createCoupon", "coupon { id }", **{"name": "x", **terms})
    assert (refused["code"], refused["path"]) == ("INVALID_INPUT", path)


async def test_what_cannot_be_redeemed(billed: Billed, finance: Api) -> None:
    made = await coupon(finance, code="ONCE", percentOff=10)
    again = await finance.call("createCoupon", "coupon { id }", name="x", code="once", percentOff=5)
    assert (again["code"], again["path"]) == ("COUPON_REFUSED", ["code"])
    assert (await redeem(billed, "ONCE"))["discount"]["name"] == "Spring"
    await coupon(finance, code="DOLLARS", amountOff="1.00", currency="USD")
    withdrawn = await coupon(finance, code="GONE", percentOff=10)
    await finance.call("withdrawCoupon", "coupon { id }", couponId=withdrawn["id"])
    await coupon(finance, code="PAST", percentOff=10, redeemBy="2026-03-05T00:00:00Z")
    await billed.travel("2026-03-06T00:00:00")
    for code in ("ONCE", "DOLLARS", "GONE", "PAST", "UNKNOWN", "x" * 50):
        refused = await redeem(billed, code)
        assert (refused["code"], refused["path"]) == ("COUPON_REFUSED", ["code"]), code
    stranger, _ = await registered(billed.api)
    assert (await stranger.call("applyCoupon", "discount { id }", accountId=billed.account, couponId=made["id"]))[
        "code"
    ] == "PERMISSION_DENIED"


async def test_only_so_many_accounts_redeem_it_at_once(api: Api, billed: Billed, finance: Api) -> None:
    await coupon(finance, code="FIRST-TWO", percentOff=10, maxRedemptions=2)
    customers = [await registered(api, sandbox=False) for _ in range(5)]
    answers = await asyncio.gather(
        *(
            mine.call("redeemCoupon", "discount { id }", accountId=account, code="FIRST-TWO")
            for mine, account in customers
        )
    )
    assert (
        sorted(answer["__typename"] for answer in answers) == ["CouponRefusedError"] * 3 + ["RedeemCouponSuccess"] * 2
    )
    assert (await redeem(billed, "FIRST-TWO"))["discount"]["name"] == "Spring", "sandboxes do not count"


async def test_statements_and_focus_show_it(billed: Billed, finance: Api) -> None:
    await coupon(finance, code="QUARTER", percentOff=25, days=1)
    await redeem(billed, "QUARTER")
    await billed.travel("2026-03-12T01:00:00")
    rows = list(csv.DictReader((await billed.download("2026-03", "csv")).text.splitlines()))
    assert [(row["amount"], row["discount"]) for row in rows] == [("75.00", "-25.00"), ("100.00", "0.00")]
    focus = list(csv.DictReader((await billed.download("2026-03", "focus.csv")).text.splitlines()))
    assert [(row["ChargeCategory"], row["BilledCost"], row["ListCost"]) for row in focus] == [
        ("Usage", "100.00", "100.00"),
        ("Credit", "-25.00", "-25.00"),
        ("Usage", "100.00", "100.00"),
    ]
    assert "Spring" in focus[1]["ChargeDescription"]


async def test_a_channel_that_cannot_carry_discounts_and_a_discount_exclude_each_other(
    billed: Billed, finance: Api
) -> None:
    await coupon(finance, code="TENOFF", percentOff=10)
    await redeem(billed, "TENOFF")
    chosen = await billed.api.call(
        "chooseSettlementChannel", "binding { id }", accountId=billed.account, channel="aws", configuration={}
    )
    assert chosen["code"] == "BINDING_REJECTED"
    assert "discounts" in chosen["message"]
