"""Being paid online: what must be set, who may use it, and that no secret is revealed."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from settlement_guance.channel import EnterpriseAccount
from settlement_spec import ChannelRefusal, HealthStatus, PaymentIssue, TopUpState
from settlement_spec.conformance.recorder import Recorder
from tortoise.connection import get_connection

from tests.plugins.guance.books import NOW, cny
from tests.standins.stripe import SECRET_KEY, WEBHOOK_SECRET, Stripe

MINUTE = timedelta(minutes=1)
SET = {
    "stripe_secret_key": SECRET_KEY,
    "stripe_webhook_secret": WEBHOOK_SECRET,
    "stripe_return_url": "https://console.example.com",
}


async def started(**settings: str) -> EnterpriseAccount:
    channel = EnterpriseAccount()
    await channel.start(Recorder(settings))
    return channel


async def test_without_settings_nobody_pays_online_and_all_is_well(database: str) -> None:
    channel = await started()
    assert (await channel.takes_online_payments(), channel.routes()) == (False, ())
    health = await channel.health()
    assert (health.status, health.message) == (HealthStatus.HEALTHY, "")
    with pytest.raises(ChannelRefusal, match="no payment provider is set up"):
        await channel.start_online_top_up(uuid4(), cny(1_000), False, NOW)


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"stripe_secret_key": ""}, "set BILLING_CHANNEL_GUANCE_STRIPE_SECRET_KEY"),
        ({"stripe_webhook_secret": ""}, "set BILLING_CHANNEL_GUANCE_STRIPE_WEBHOOK_SECRET"),
        ({"stripe_return_url": ""}, "set BILLING_CHANNEL_GUANCE_STRIPE_RETURN_URL"),
        ({"stripe_return_url": "console.example.com"}, "STRIPE_RETURN_URL is an address that begins with https://"),
        (
            {"stripe_return_url": "http://console.example.com"},
            "STRIPE_RETURN_URL is an address that begins with https://",
        ),
        ({"stripe_return_url": "https://"}, "STRIPE_RETURN_URL is an address that begins with https://"),
        ({"stripe_api_base": "ftp://x"}, "STRIPE_API_BASE is an address that begins with https://"),
        ({"stripe_api_base": "http://10.0.0.1:9003"}, "STRIPE_API_BASE is an address that begins with https://"),
        (
            {"stripe_api_base": "http://127.0.0.1.example.com"},
            "STRIPE_API_BASE is an address that begins with https://",
        ),
        (
            {"stripe_api_base": "http://localhost@example.com"},
            "STRIPE_API_BASE is an address that begins with https://",
        ),
        ({"stripe_api_base": "http://[::1"}, "STRIPE_API_BASE is an address that begins with https://"),
        ({"stripe_timeout_seconds": "nan"}, "STRIPE_TIMEOUT_SECONDS is a number"),
        ({"stripe_timeout_seconds": "soon"}, "STRIPE_TIMEOUT_SECONDS is a number"),
    ],
)
async def test_half_of_the_settings_is_remarked_and_charges_go_on(changes: dict[str, str], named: str) -> None:
    channel = await started(**SET | changes)
    health = await channel.health()
    assert health.status == HealthStatus.HEALTHY
    assert named in health.message
    assert not await channel.takes_online_payments()


@pytest.mark.parametrize(
    "address", ["http://localhost:3000/wallet", "http://127.0.0.1", "http://[::1]:3000", "HTTPS://x"]
)
async def test_an_address_of_this_machine_needs_no_tls(address: str) -> None:
    channel = await started(**SET | {"stripe_return_url": address})
    assert await channel.takes_online_payments()
    await channel.stop()


async def test_a_sandbox_never_reaches_the_real_provider(database: str) -> None:
    channel = await started(**SET)
    with pytest.raises(ChannelRefusal, match="play money"):
        await channel.start_online_top_up(uuid4(), cny(1_000), True, NOW)
    await channel.stop()


async def test_a_refused_key_is_the_vendors_matter_and_is_not_told(
    database: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with Stripe().serving() as stripe:
        channel = await started(**SET | {"stripe_secret_key": "sk_live_wrong", "stripe_api_base": stripe.url})
        with caplog.at_level("DEBUG"), pytest.raises(ChannelRefusal) as refusal:
            await channel.start_online_top_up(uuid4(), cny(1_000), False, NOW)
        await channel.stop()
    assert "AuthenticationError" in caplog.text
    written = caplog.text + repr(vars(channel)) + str(refusal.value)
    assert not [secret for secret in ("sk_live_wrong", WEBHOOK_SECRET) if secret in written]


async def test_an_open_page_is_not_forgotten_when_the_settings_are(database: str) -> None:
    async with Stripe().serving() as stripe:
        channel = await started(**SET | {"stripe_api_base": stripe.url})
        top_up = await channel.start_online_top_up(uuid4(), cny(1_000), False, NOW)
        await channel.stop()
    with pytest.raises(ChannelRefusal, match="may be paid online"):
        await (await started()).cancel_top_up(top_up.id)


async def test_a_page_that_the_provider_does_not_know_keeps_nothing_else_waiting(database: str) -> None:
    async with Stripe().serving() as stripe:
        host = Recorder(SET | {"stripe_api_base": stripe.url})
        channel = EnterpriseAccount()
        await channel.start(host)
        unknown, paid = [await channel.start_online_top_up(uuid4(), cny(1_000), False, NOW) for _ in range(2)]
        forgotten, session = list(stripe.sessions)
        stripe.misbehave["announce_never"] = 1
        payment = await stripe.pay(session)
        del stripe.sessions[forgotten]
        await channel.tick(NOW + MINUTE)
        with pytest.raises(ChannelRefusal, match="may have been paid"):
            await channel.cancel_top_up(unknown.id)
        await channel.stop()
    assert host.calls == [("top_up_paid", paid.id, payment, cny(1_000))]


async def test_a_payment_is_asked_after_less_and_less_often(database: str) -> None:
    async with Stripe().serving() as stripe:
        channel = await started(**SET | {"stripe_api_base": stripe.url})
        await channel.start_online_top_up(uuid4(), cny(1_000), False, NOW)
        waits = []
        for _ in range(9):
            (row,) = await get_connection("default").execute_query_dict("SELECT ask_at FROM guance_payment")
            now = row["ask_at"]
            await channel.tick(now)
            (row,) = await get_connection("default").execute_query_dict("SELECT ask_at FROM guance_payment")
            waits.append((row["ask_at"] - now).total_seconds() / 60)
        await channel.stop()
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert stripe.requests.count("GET /v1/checkout/sessions/" + next(iter(stripe.sessions))) == 9


async def test_new_pages_do_not_keep_a_payment_waiting_that_is_due(database: str) -> None:
    async with Stripe().serving() as stripe:
        host = Recorder(SET | {"stripe_api_base": stripe.url})
        channel = EnterpriseAccount()
        await channel.start(host)
        paid = await channel.start_online_top_up(uuid4(), cny(1_000), False, NOW)
        await channel.tick(NOW + MINUTE)
        stripe.misbehave["announce_never"] = 1
        payment = await stripe.pay(next(iter(stripe.sessions)))
        for _ in range(20):
            await channel.start_online_top_up(uuid4(), cny(1_000), False, NOW + 1.5 * MINUTE)
        await channel.tick(NOW + 3 * MINUTE)
        await channel.stop()
    assert host.calls == [("top_up_paid", paid.id, payment, cny(1_000))]
    assert len([asked for asked in stripe.requests if asked.startswith("GET")]) == 21


async def test_an_account_has_ten_open_payments_at_the_most(database: str) -> None:
    account = uuid4()
    async with Stripe().serving() as stripe:
        channel = await started(**SET | {"stripe_api_base": stripe.url})
        begun = [await channel.start_online_top_up(account, cny(1_000), False, NOW) for _ in range(10)]
        with pytest.raises(ChannelRefusal, match="pay or cancel one"):
            await channel.start_online_top_up(account, cny(1_000), False, NOW)
        assert len(stripe.sessions) == 10
        await channel.start_online_top_up(uuid4(), cny(1_000), False, NOW)
        await channel.cancel_top_up(begun[0].id)
        await channel.start_online_top_up(account, cny(1_000), False, NOW)
        await channel.stop()


async def test_a_page_that_the_provider_forgot_is_a_case_once_after_a_day_and_can_be_cancelled_then(
    database: str,
) -> None:
    async with Stripe().serving() as stripe:
        host = Recorder(SET | {"stripe_api_base": stripe.url})
        channel = EnterpriseAccount()
        await channel.start(host)
        top_up = await channel.start_online_top_up(uuid4(), cny(1_000), False, NOW)
        (session,) = list(stripe.sessions)
        stripe.sessions.clear()
        await channel.tick(NOW + timedelta(hours=23))
        assert host.calls == []
        stripe.misbehave["fail"] = 2
        await channel.tick(NOW + timedelta(hours=25))
        with pytest.raises(ChannelRefusal, match="may have been paid"):
            await channel.cancel_top_up(top_up.id)
        asked = []
        for days in (2, 3, 4):
            await channel.tick(NOW + timedelta(days=days))
            asked.append(len(stripe.requests))
        assert host.calls == [
            ("payment_issue", top_up.id, PaymentIssue.PAYMENT_NOT_CREDITED, f"session {session}"),
        ]
        assert asked == asked[:1] * 3
        assert (await channel.cancel_top_up(top_up.id)).state == TopUpState.CANCELLED
        await channel.stop()


async def test_a_payment_at_a_page_that_was_given_up_is_not_cancelled_once_the_provider_knows_it_again(
    database: str,
) -> None:
    async with Stripe().serving() as stripe:
        channel = await started(**SET | {"stripe_api_base": stripe.url})
        top_up = await channel.start_online_top_up(uuid4(), cny(1_000), False, NOW)
        stripe.misbehave["announce_never"] = 1
        await stripe.pay(next(iter(stripe.sessions)))
        known = dict(stripe.sessions)
        stripe.sessions.clear()
        await channel.tick(NOW + timedelta(days=2))
        stripe.sessions |= known
        with pytest.raises(ChannelRefusal, match="may have been paid"):
            await channel.cancel_top_up(top_up.id)
        await channel.stop()
