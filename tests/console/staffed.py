"""What the staff's pages show: what they made, and what waits for them."""

from __future__ import annotations

from typing import Any

import httpx

from tests.api.driver import Api, Enum
from tests.console.customers import applied

ENDS = "2026-12-31T16:00:00Z"
OFFER: dict[str, Any] = {
    "price": "96000.00",
    "currency": "CNY",
    "dkLimit": 200,
    "startsOn": "2026-07-01",
    "endsOn": "2027-06-30",
    "validUntil": "2026-06-30T16:00:00Z",
    "schedule": [{"dueOn": "2026-07-01", "amount": "48000.00"}, {"dueOn": "2027-01-01", "amount": "48000.00"}],
}
MADE: tuple[tuple[str, dict[str, Any]], ...] = (
    ("putPriceGroup", {"group": "strategic", "name": {"zh": "战略客户", "en": "Strategic customers"}}),
    ("publishRelease", {"version": "1.92.3", "releasedAt": "2026-05-20T00:00:00Z"}),
    ("publishRelease", {"version": "1.94.0", "releasedAt": "2026-08-20T00:00:00Z"}),
    ("createCoupon", {"name": "新客户八折", "code": "NEW-2026", "percentOff": 20, "days": 30, "maxRedemptions": 100}),
    ("issueVoucherCodes", {"count": 20, "amount": "100.00", "expiresAt": ENDS, "note": "2026 用户大会"}),
    (
        "publishMeter",
        {"meter": "log_gb", "name": {"zh": "日志存储", "en": "Logs"}, "unit": "GB", "aggregation": Enum("SUM")},
    ),
)
ANSWERS = {"createCoupon": "coupon { id }", "issueVoucherCodes": "batch { id }"}


async def staffed(http: httpx.AsyncClient, staff: Api, customer: Api, account: str) -> None:
    """Let staff make what they make, and customers ask for what they decide."""
    for mutation, given in MADE:
        await _done(staff, mutation, ANSWERS.get(mutation, "__typename"), **given)
    await _done(staff, "setPriceGroup", "__typename", accountId=account, group="strategic")
    company = {"name": "示例科技有限公司", "taxNumber": "91110000600037341L"}
    await _done(customer, "submitCompanyVerification", "__typename", accountId=account, **company)
    await _offered(http, staff)


async def _offered(http: httpx.AsyncClient, staff: Api) -> None:
    application = await applied(
        http, "zhaolei@example.com", "赵磊", "北辰制造", expectedDataKits=200, remarks="替换现有监控。"
    )
    await _done(staff, "takeApplication", "__typename", applicationId=application)
    await _done(
        staff, "addApplicationNote", "__typename", applicationId=application, text="已演示。", kind=Enum("CONTACT")
    )
    await _done(staff, "makeOffer", "__typename", applicationId=application, **OFFER)


async def _done(who: Api, mutation: str, fields: str, **given: Any) -> None:
    answer = await who.call(mutation, fields, **given)
    assert "code" not in answer, answer
