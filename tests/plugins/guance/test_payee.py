"""Whose bank account a transfer goes to: shown while one is awaited, and only as a whole."""

from __future__ import annotations

from uuid import uuid4

import pytest
from settlement_guance.channel import EnterpriseAccount
from settlement_spec import HealthStatus, Payee
from settlement_spec.conformance.recorder import Recorder

from tests.plugins.guance.books import NOW, cny
from tests.standins.stripe import SECRET_KEY, WEBHOOK_SECRET, Stripe

SET = {
    "payee_name": " 示例科技有限公司 ",
    "payee_bank": "招商银行北京分行",
    "payee_account_number": "1109 0000 0000 000",
}
PAYEE = Payee("示例科技有限公司", "招商银行北京分行", "1109 0000 0000 000")


async def started(**settings: str) -> EnterpriseAccount:
    channel = EnterpriseAccount()
    await channel.start(Recorder(settings))
    return channel


async def test_a_transfer_is_asked_for_with_its_payee_until_it_is_there(database: str) -> None:
    channel = await started(**SET)
    assert (await channel.health()).message == ""
    announced = await channel.request_top_up(uuid4(), cny(1_000), False, NOW)
    assert announced.payee == PAYEE
    assert [found.payee for found in await channel.top_ups(id=announced.id)] == [PAYEE]
    assert (await channel.confirm_top_up(announced.id, "B-1", cny(1_000), "x", NOW)).payee is None
    assert [found.payee for found in await channel.top_ups(id=announced.id)] == [None]


async def test_the_payee_is_the_one_of_today(database: str) -> None:
    announced = await (await started()).request_top_up(uuid4(), cny(1_000), False, NOW)
    assert announced.payee is None
    now = await started(**SET, payee_bank_code="308100005027")
    (found,) = await now.top_ups(id=announced.id)
    assert found.payee == Payee(PAYEE.name, PAYEE.bank, PAYEE.account_number, "308100005027")


async def test_what_is_paid_online_has_no_payee(database: str) -> None:
    async with Stripe().serving() as stripe:
        channel = await started(
            **SET,
            stripe_secret_key=SECRET_KEY,
            stripe_webhook_secret=WEBHOOK_SECRET,
            stripe_return_url="https://console.example.com",
            stripe_api_base=stripe.url,
        )
        top_up = await channel.start_online_top_up(uuid4(), cny(1_000), False, NOW)
        assert [found.payee for found in await channel.top_ups(id=top_up.id)] == [None]
        await channel.stop()


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"payee_name": " "}, "set BILLING_CHANNEL_GUANCE_PAYEE_NAME"),
        ({"payee_bank": ""}, "set BILLING_CHANNEL_GUANCE_PAYEE_BANK"),
        ({"payee_account_number": ""}, "set BILLING_CHANNEL_GUANCE_PAYEE_ACCOUNT_NUMBER"),
        ({"payee_bank": "x" * 201}, "PAYEE_BANK has at most 200 printable characters"),
        ({"payee_bank_code": "1\n2"}, "PAYEE_BANK_CODE has at most 200 printable characters"),
    ],
)
async def test_half_a_payee_is_remarked_and_not_shown(database: str, changes: dict[str, str], named: str) -> None:
    channel = await started(**SET | changes | {"stripe_secret_key": "x"})
    health = await channel.health()
    assert health.status == HealthStatus.HEALTHY
    assert named in health.message
    assert "nobody can pay online: set BILLING_CHANNEL_GUANCE_STRIPE_WEBHOOK_SECRET" in health.message
    assert (await channel.request_top_up(uuid4(), cny(1_000), False, NOW)).payee is None
