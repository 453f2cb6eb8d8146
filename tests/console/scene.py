"""What the pages show: a customer's month, and what waits for staff, made by the API as clients make it."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote, urlsplit

import httpx

from tests.api.driver import Api, Enum, activate, advance, agreed
from tests.console.customers import applied, registered
from tests.console.served import BEGUN
from tests.console.staffed import staffed

DAY = 24 * 60 * 60


@dataclass
class Scene:
    """Who can be signed in, and the path of the customer's pages."""

    customer: str
    staff: str
    account: str

    def path(self, page: str) -> str:
        """Where a page of the customer's account is."""
        return f"/accounts/{quote(self.account, safe='')}/{page}".rstrip("/")


class ToServer(httpx.AsyncHTTPTransport):
    """Takes requests to a server, whatever address they were made and signed for."""

    def __init__(self, base: str) -> None:
        super().__init__()
        self._port = urlsplit(base).port

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        request.url = request.url.copy_with(host="127.0.0.1", port=self._port)
        return await super().handle_async_request(request)


async def made(base: str, data: Path) -> Scene:
    """The scene, on a server whose clock began at ``BEGUN``."""
    staff_token = json.loads((data / "demo-tokens.json").read_text())["staff"]
    async with httpx.AsyncClient(transport=ToServer(base), timeout=60) as http:
        staff = Api(http, staff_token, "zh")
        customer, account = await _customer(http)
        await _month(customer, account)
        await _money(customer, staff, account)
        await _rest(customer, account)
        await _applicant(http)
        await staffed(http, staff, customer, account)
        return Scene(str(customer.token), staff_token, account)


async def _customer(http: httpx.AsyncClient) -> tuple[Api, str]:
    customer, account = await registered(http, "limei@example.com", "李梅", "示例科技", sandbox=True)
    await customer.call("upgradeEdition", "account { id }", accountId=account, edition=Enum("PAY_AS_YOU_GO"))
    await agreed(customer, account)
    await customer.call("chooseSettlementChannel", "binding { id }", accountId=account, channel="guance")
    return customer, account


async def _month(customer: Api, account: str) -> None:
    """A license, a deployment, and twenty days, twelve of them with usage that grows past the minimum."""
    license = await customer.call("createLicense", "license { text }", accountId=account, label="上海机房")
    key = await customer.call("createAccessKey", "accessKey { ak } sk", accountId=account, label="上海机房")
    pair = (key["accessKey"]["ak"], key["sk"])
    activated = await activate(customer, license["license"]["text"], *pair, fingerprint="shanghai-01")
    assert activated["__typename"] == "ActivateLicenseSuccess", activated
    await advance(customer, account, 8 * DAY + 14 * 60 * 60)
    for day in range(12):
        begins = BEGUN.replace(hour=16, minute=0) + timedelta(days=7 + day)  # midnight in Shanghai
        reports = [
            {
                "hour": (begins + timedelta(hours=hour)).isoformat(),
                "dataKits": [f"host-{number:02}" for number in range(14 + 2 * day + hour % 5)],
            }
            for hour in range(24)
        ]
        reported = await customer.call(
            "reportUsage", "accepted { hour }", key=pair, fingerprint="shanghai-01", reports=reports
        )
        assert reported["__typename"] == "ReportUsageSuccess", reported
        await advance(customer, account, DAY)
    await _settled(customer, account)


async def _settled(customer: Api, account: str) -> None:
    """Wait until the worker has settled what was charged, so that what comes next pays none of it."""
    for _ in range(300):
        waiting = await customer.account(account, "charges(state: PENDING) { totalCount }")
        if not waiting["charges"]["totalCount"]:
            return
        await asyncio.sleep(0.1)
    raise AssertionError("the worker settles nothing")


async def _money(customer: Api, staff: Api, account: str) -> None:
    for amount in ("5000.00", "800.00"):
        asked = await customer.call("requestTopUp", "topUp { id }", accountId=account, amount=amount)
        if amount == "5000.00":
            await staff.call(
                "confirmTopUp",
                "topUp { id }",
                topUpId=asked["topUp"]["id"],
                bankReference="20260705001",
                receivedAmount=amount,
            )
    for voucher in ("200.00", "50.00"):
        await staff.call(
            "issueVoucher",
            "voucher { id }",
            accountId=account,
            amount=voucher,
            expiresAt="2026-12-31T16:00:00Z",
            note="新客户礼包",
            source=Enum("VOUCHER"),
        )
    await customer.call("purchaseCard", "card { id }", accountId=account, amount="1000.00")
    await customer.call(
        "setBudget",
        "budget { amount { amount } }",
        accountId=account,
        amount="3000.00",
        thresholds=[80, 100],
        currency="CNY",
        period=Enum("MONTH"),
    )
    await advance(customer, account, DAY)


async def _rest(customer: Api, account: str) -> None:
    await customer.call(
        "inviteMember", "invitation { id }", accountId=account, email="hanmei@example.com", role=Enum("FINANCE")
    )
    await customer.call("createServiceToken", "token", accountId=account, name="对账脚本", role=Enum("FINANCE"))


async def _applicant(http: httpx.AsyncClient) -> None:
    await applied(
        http,
        "wangwei@example.com",
        "王伟",
        "远航物流",
        contactPhone="13800138000",
        contactEmail="wangwei@example.com",
        expectedDataKits=500,
        remarks="希望按年结算，并支持两个机房。",
    )
