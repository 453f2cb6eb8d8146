"""From AWS Marketplace to a linked account: only who came with a token may bind the subscription."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from jsonschema import Draft202012Validator
from settlement_aws.channel import AwsMarketplace
from settlement_aws.models import ClaimCode, Subscription
from settlement_spec import BindState, Capability, ChannelRefusal, HealthStatus, Outcome, capabilities_of

from tests.plugins.aws.conftest import ACCOUNT, ARN, Host, Seller
from tests.plugins.aws.helpers import REFERENCE, announce, bind, charge, code_of, settle, subscribed


def test_it_describes_what_it_can_do() -> None:
    about = AwsMarketplace().describe()
    Draft202012Validator.check_schema(dict(about.configuration_schema))
    assert capabilities_of(AwsMarketplace()) == {
        Capability.EXTERNAL_SUBSCRIPTION,
        Capability.METERED_PUSH,
        Capability.RECONCILIATION,
    }
    assert (about.limits.batch_size, about.limits.push_within) == (25, timedelta(hours=24))


@pytest.mark.parametrize("settings", [{}, {"rhythm": "weekly", "timeout_seconds": "soon", "access_key_id": "AKID"}])
async def test_without_settings_it_says_what_to_set_and_does_not_raise(database: str, settings: dict[str, str]) -> None:
    channel = AwsMarketplace()
    await channel.start(Host(settings))
    health = await channel.health()
    assert health.status == HealthStatus.NOT_CONFIGURED
    for name in ("PRODUCT_CODE", "DIMENSION", *(key.upper() for key in settings)):
        assert f"BILLING_CHANNEL_AWS_{name}" in health.message


async def test_the_buyer_is_shown_a_claim_code_that_links_the_account(seller: Seller) -> None:
    page = await seller.register(seller.aws.token(ACCOUNT, ARN, "cust-1"))
    assert (page.status_code, page.headers["cache-control"]) == (200, "no-store")
    assert "https://console.example.com/billing#claimCode=" in page.text
    account, code = uuid4(), await code_of(seller, old="cust-1")
    bound = await bind(seller, account, claimCode=code)
    assert (bound.state, bound.external_reference) == (BindState.PENDING, REFERENCE)
    assert code not in str(await ClaimCode.all().values())
    assert await announce(seller, "subscribe-success") == 200
    assert seller.host.calls == [("confirmed", account, REFERENCE)]
    for configuration in ({"claimCode": code}, {"customerAWSAccountId": ACCOUNT, "licenseArn": ARN}):
        assert (await bind(seller, account, **configuration)).state == BindState.BOUND


async def test_an_announcement_that_came_before_the_buyer_counts(seller: Seller) -> None:
    assert await announce(seller, "subscribe-success") == 200
    assert (await bind(seller, uuid4(), claimCode=await code_of(seller, old="cust-1"))).state == BindState.BOUND


async def test_typing_somebody_elses_account_id_links_nothing(seller: Seller) -> None:
    await subscribed(seller)
    with pytest.raises(ChannelRefusal) as refusal:
        await bind(seller, uuid4(), customerAWSAccountId=ACCOUNT, licenseArn=ARN)
    assert refusal.value.field == "customerAWSAccountId"


async def test_a_code_is_used_once_expires_and_cannot_be_guessed(seller: Seller) -> None:
    used, late = await code_of(seller), await code_of(seller)
    await bind(seller, uuid4(), claimCode=used)
    seller.world.forward(hours=24)
    for code in (used, late, "", "A" * 20):
        with pytest.raises(ChannelRefusal) as refusal:
            await bind(seller, uuid4(), claimCode=code)
        assert refusal.value.field == "claimCode"


async def test_an_ended_subscription_cannot_be_bound_until_it_begins_again(seller: Seller) -> None:
    code = await code_of(seller, old="cust-1")
    await announce(seller, "unsubscribe-success")
    with pytest.raises(ChannelRefusal, match="ended"):
        await bind(seller, uuid4(), claimCode=code)
    assert (await bind(seller, uuid4(), claimCode=await code_of(seller, old="cust-1"))).state == BindState.PENDING


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"x-amzn-marketplace-token": "expired"}, 400),
        ({"x-amzn-marketplace-token": "<script>"}, 400),
        ({}, 400),
        ({"x-amzn-marketplace-token": "x" * 20_000}, 400),
    ],
)
async def test_a_wrong_token_answers_a_page_and_writes_nothing(
    seller: Seller, form: dict[str, Any], status: int
) -> None:
    page = await seller.http.post("/register", data=form)
    assert (page.status_code, "<h1>" in page.text, "<script>" in page.text) == (status, True, False)
    assert await Subscription.all().count() == await ClaimCode.all().count() == 0


@pytest.mark.parametrize("trouble", ["throttle", "fail", "drop"])
async def test_when_aws_does_not_answer_the_buyer_may_try_again(seller: Seller, trouble: str) -> None:
    token = seller.aws.token(ACCOUNT, ARN)
    seller.aws.misbehave[trouble] = 2
    page = await seller.register(token)
    assert (page.status_code, page.headers.get("retry-after")) == (503, "60"), page.text
    seller.aws.misbehave.clear()
    assert (await seller.register(token)).status_code == 200


async def test_a_token_of_another_product_is_refused(seller: Seller) -> None:
    token = seller.aws.token(ACCOUNT, ARN)
    seller.aws.tokens[token]["ProductCode"] = "prod-other"
    assert (await seller.register(token)).status_code == 400
    assert await Subscription.all().count() == 0


async def test_a_flood_of_tokens_keeps_neither_usage_from_being_metered_nor_threads_from_others(seller: Seller) -> None:
    account = await subscribed(seller)
    strangers = [asyncio.create_task(seller.register(f"bogus-{number}")) for number in range(300)]
    await asyncio.sleep(0.2)
    async with asyncio.timeout(10):
        await asyncio.to_thread(lambda: None)
        (result,) = await settle(seller, charge(seller, account))
    assert result.outcome == Outcome.SETTLED
    pages = await asyncio.gather(*strangers)
    refused = [page for page in pages if page.status_code == 503]
    assert {page.headers["retry-after"] for page in refused} == {"60"}
    assert "Try again" in refused[0].text
    assert [page.status_code for page in pages if page not in refused] == [400] * (300 - len(refused))
    assert len(refused) < 300
    assert (await seller.register(seller.aws.token(ACCOUNT, ARN))).status_code == 200
