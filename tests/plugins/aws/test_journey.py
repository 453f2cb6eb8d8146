"""From "Set up your account" at AWS to an account that AWS pays for: buyer, AWS and billing center."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import datetime

import httpx
import pytest

from app.bootstrap import Runtime
from app.closing.days import close_due
from app.db.connection import tortoise_config
from app.deployments.models import Deployment
from app.journey.callbacks import Callbacks
from app.main import create_app
from app.settings import get_settings
from app.settlement.arrears import update_standings
from app.settlement.audit import check
from app.settlement.host import ChannelHost
from app.settlement.settling import settle_due
from tests.api.driver import PAY_AS_YOU_GO, Api, activate, agreed, license_and_key, registered
from tests.billing.factory import report
from tests.conftest import TravellingClock
from tests.plugins.aws.conftest import ACCOUNT, ARN
from tests.standins.aws import PRODUCT, Aws

ENDPOINTS = "http://billing.test/channels/aws"


@pytest.fixture
async def marketplace(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Aws]:
    """AWS's stand-in, which the billing center is set to."""
    async with Aws().serving() as aws:
        for name, value in aws.settings().items():
            monkeypatch.setenv(f"BILLING_CHANNEL_AWS_{name.upper()}", value)
        aws.customer(ACCOUNT, ARN, "cust-1")
        yield aws


async def claim_code(api: Api, marketplace: Aws, arn: str = ARN, customer: str = "cust-1") -> str:
    """What the buyer is shown who comes from AWS."""
    token = marketplace.token(ACCOUNT, arn, customer)
    page = await api.http.post(f"{ENDPOINTS}/register", data={"x-amzn-marketplace-token": token})
    found = re.search(r"<code>(\w+)</code>", page.text)
    assert found, page.text
    return found[1]


async def announce(api: Api, marketplace: Aws, action: str, customer: str = "cust-1") -> None:
    """AWS announces what became of the subscription."""
    message = {"action": action, "customer-identifier": customer, "product-code": PRODUCT}
    answer = await api.http.post(f"{ENDPOINTS}/sns", json=marketplace.notification(message))
    assert answer.status_code == 200, answer.text


async def upgrading(api: Api) -> tuple[Api, str]:
    """An account that has yet to choose how it is paid for."""
    mine, account = await registered(api, sandbox=False)
    await mine.call("upgradeEdition", "account { id }", accountId=account, edition=PAY_AS_YOU_GO)
    await agreed(mine, account)
    return mine, account


async def choose(api: Api, account: str, code: str) -> dict[str, object]:
    """Choose AWS, with a claim code."""
    made = await api.call(
        "chooseSettlementChannel",
        "binding { state externalReference }",
        accountId=account,
        channel="aws",
        configuration={"claimCode": code},
    )
    return dict(made)


async def test_a_claim_code_links_the_account_and_the_subscription_upgrades_it(marketplace: Aws, api: Api) -> None:
    mine, account = await upgrading(api)
    code = await claim_code(api, marketplace)
    chosen = await choose(mine, account, code)
    assert chosen["binding"] == {"state": "PENDING", "externalReference": f"{ACCOUNT}/{ARN}"}
    fields = "edition settlementBinding { channel state endedBy }"
    assert (await mine.account(account, fields))["edition"] == "COMMUNITY"
    await announce(api, marketplace, "subscribe-success")
    assert await mine.account(account, fields) == {
        "edition": "PAY_AS_YOU_GO",
        "settlementBinding": {"channel": "aws", "state": "BOUND", "endedBy": None},
    }
    await announce(api, marketplace, "unsubscribe-success")
    after = await mine.account(account, fields)
    assert after["settlementBinding"] == {"channel": "guance", "state": "BOUND", "endedBy": None}


async def test_what_was_used_on_the_last_day_is_metered_before_the_agreement_ends(
    monkeypatch: pytest.MonkeyPatch, database: str, travelling_clock: TravellingClock
) -> None:
    travelling_clock.at = datetime.fromisoformat("2026-03-10T12:00:00+08:00")
    async with Aws(travelling_clock).serving() as aws, AsyncExitStack() as stack:
        for name, value in {**aws.settings(), "eventbridge_api_key": "event-key"}.items():
            monkeypatch.setenv(f"BILLING_CHANNEL_AWS_{name.upper()}", value)
        host = ChannelHost()
        await host.start(lambda key: Callbacks(host, key))
        stack.push_async_callback(host.stop)
        runtime = Runtime(get_settings(), database, tortoise_config(database, host.tortoise_apps()), host, database)
        http = await stack.enter_async_context(
            httpx.AsyncClient(transport=httpx.ASGITransport(app=create_app(runtime)))
        )
        aws.customer(ACCOUNT, ARN, "cust-1")
        aws.agreement("agmt-1", ACCOUNT, ARN)
        mine, account = await upgrading(Api(http))
        await choose(mine, account, await claim_code(mine, aws))

        async def say(name: str, status: str) -> None:
            about = {"agreement": {"id": "agmt-1", "status": status}, "license": {"arn": ARN}}
            at = travelling_clock().isoformat()
            news = {"id": name, "detail-type": name, "source": "aws.agreement-marketplace", "time": at, "detail": about}
            assert (await http.post(f"{ENDPOINTS}/events", json=news, headers={"x-api-key": "event-key"})).is_success

        await say("License Updated - Manufacturer", "ACTIVE")
        await activate(mine, *await license_and_key(mine, account))
        travelling_clock.at = datetime.fromisoformat("2026-03-18T20:00:00+08:00")
        await report(await Deployment.get(), datetime.fromisoformat("2026-03-18T08:00:00+08:00"), 50)
        await say("Purchase Agreement Ended - Proposer", "CANCELLED")
        await settle_due(host)
        travelling_clock.forward(hours=1)
        aws.agreement("agmt-1", ACCOUNT, ARN, "CANCELLED")
        await say("License Deprovisioned - Manufacturer", "CANCELLED")
        travelling_clock.forward(hours=4)
        await close_due()
        await settle_due(host)
        await update_standings(host)
        assert [(key[3], held["record"]["Quantity"]) for key, held in aws.book.items()] == [("2026-03-18T11", 50)]
        found = await mine.account(account, "settlementBinding { channel } standing { state owed { amount } }")
        assert found == {"settlementBinding": {"channel": "guance"}, "standing": {"state": "GOOD", "owed": []}}
        assert await check(host) == []


@pytest.mark.parametrize("confirmed_first", [True, False])
async def test_the_end_of_a_former_agreement_leaves_the_one_that_replaced_it_paying(
    marketplace: Aws, api: Api, confirmed_first: bool
) -> None:
    renewed = f"{ARN}-2"
    marketplace.customer(ACCOUNT, renewed, "cust-2")
    mine, account = await upgrading(api)
    await choose(mine, account, await claim_code(api, marketplace))
    await announce(api, marketplace, "subscribe-success")
    code = await claim_code(api, marketplace, renewed, "cust-2")
    if confirmed_first:
        await announce(api, marketplace, "subscribe-success", "cust-2")
    await choose(mine, account, code)
    for action in ("unsubscribe-pending", "unsubscribe-success"):
        await announce(api, marketplace, action)
    if not confirmed_first:
        await announce(api, marketplace, "subscribe-success", "cust-2")
    found = await mine.account(account, "settlementBinding { channel state externalReference }")
    expected = {"channel": "aws", "state": "BOUND", "externalReference": f"{ACCOUNT}/{renewed}"}
    assert found["settlementBinding"] == expected


async def test_a_code_that_another_account_used_or_that_never_was_is_refused(marketplace: Aws, api: Api) -> None:
    mine, account = await upgrading(api)
    code = await claim_code(api, marketplace)
    await choose(mine, account, code)
    other, another = await upgrading(api)
    for wrong in (code, "UNKNOWN"):
        refused = await choose(other, another, wrong)
        assert refused["code"] == "BINDING_REJECTED"
        assert refused["path"] == ["configuration", "claimCode"]
        assert "Set up your account" in str(refused["message"])
    assert (await other.account(another, "edition"))["edition"] == "COMMUNITY"
