"""What the channel says of itself, its settings, and who may be linked to an instance."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from jsonschema import Draft202012Validator
from settlement_aliyun.channel import AlibabaCloudMarketplace
from settlement_aliyun.models import Link
from settlement_spec import BindState, Capability, ChannelRefusal, HealthStatus, Outcome, capabilities_of

from tests.plugins.aliyun.conftest import UID, Host, World, charge
from tests.standins.aliyun import ACCESS_KEY_SECRET, ISV_KEY


def test_it_describes_what_it_can_do() -> None:
    about = AlibabaCloudMarketplace().describe()
    Draft202012Validator.check_schema(dict(about.configuration_schema))
    assert Draft202012Validator(about.configuration_schema).is_valid({"aliyunUid": UID, "instanceId": "i-1"})
    assert capabilities_of(AlibabaCloudMarketplace()) == {
        Capability.EXTERNAL_SUBSCRIPTION,
        Capability.METERED_PUSH,
        Capability.RECONCILIATION,
    }
    assert (about.limits.batch_size, about.limits.push_within) == (100, timedelta(days=1))
    assert set(about.display_name) == {"zh", "en"}


async def test_with_its_settings_it_is_healthy(world: World) -> None:
    assert (await world.channel.health()).status == HealthStatus.HEALTHY


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"isv_key": ""}, "BILLING_CHANNEL_ALIYUN_ISV_KEY"),
        ({"product_codes": " "}, "BILLING_CHANNEL_ALIYUN_PRODUCT_CODES"),
        ({"metering_key": "Units"}, "BILLING_CHANNEL_ALIYUN_METERING_KEY"),
        ({"protocol": "ftp"}, "BILLING_CHANNEL_ALIYUN_PROTOCOL"),
        ({"endpoint": ""}, "stand-in"),
        ({"endpoint": "market.AliyunCS.com"}, "stand-in"),
        ({"after_lost_answer": "maybe"}, "AFTER_LOST_ANSWER"),
        ({"call_seconds": "nan"}, "CALL_SECONDS"),
        ({"call_seconds": "60"}, "CALL_SECONDS"),
    ],
)
async def test_a_wrong_setting_is_named_and_nothing_is_pushed(
    world: World, settings: dict[str, str], message: str
) -> None:
    await world.restart(**settings)
    health = await world.channel.health()
    assert health.status == HealthStatus.NOT_CONFIGURED
    assert message in health.message
    (result,) = await world.settle(charge())
    assert (result.outcome, result.reason) == (Outcome.RETRY_LATER, health.message)
    assert world.standin.requests == []


async def test_without_settings_it_says_what_to_set_and_links_nobody() -> None:
    channel = AlibabaCloudMarketplace()
    await channel.start(Host({}))
    assert "BILLING_CHANNEL_ALIYUN_ACCESS_KEY_ID" in (await channel.health()).message


async def test_an_account_is_linked_by_uid_and_instance_and_again_without_harm(world: World) -> None:
    account = uuid4()
    for _ in range(2):
        result = await world.bind(account)
        assert (result.state, result.external_reference) == (BindState.BOUND, "i-1")
    assert await Link.all().count() == 1


@pytest.mark.parametrize(
    ("configuration", "field"),
    [
        ({"uid": "123456789012345"}, "aliyunUid"),
        ({"uid": "１２３４５６７８９０１２３４５６"}, "aliyunUid"),
        ({"uid": UID + "\n"}, "aliyunUid"),
        ({"id": ""}, "instanceId"),
        ({"id": "i 1"}, "instanceId"),
        ({"id": "i-never"}, "instanceId"),
        ({"uid": "9" * 16}, "instanceId"),
        ({"bindingCode": "wrong"}, "bindingCode"),
    ],
)
async def test_a_wrong_link_names_the_field(world: World, configuration: dict[str, Any], field: str) -> None:
    with pytest.raises(ChannelRefusal) as refusal:
        await world.bind(uuid4(), **configuration)
    assert refusal.value.field == field
    assert not await Link.exists()


async def test_a_second_account_needs_the_code_that_the_buyer_was_shown(world: World) -> None:
    await world.bind(uuid4())
    other = uuid4()
    with pytest.raises(ChannelRefusal, match="binding code"):
        await world.bind(other)
    code = (await world.sell()).json()["info"]["bindingCode"]
    assert (await world.bind(other, bindingCode=f" {code.lower()} ")).state == BindState.BOUND
    assert (await world.bind(other, bindingCode=code)).state == BindState.BOUND


async def test_an_instance_that_was_given_up_can_be_linked_again(world: World) -> None:
    first = uuid4()
    await world.bind(first)
    await world.channel.unbind(first)
    assert (await world.bind(uuid4())).state == BindState.BOUND


async def test_no_secret_is_logged_or_shown(world: World, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    world.standin.faults.extend(["500"])
    await world.settle(charge())
    world.later()
    await world.sell("i-2")
    shown = caplog.text + repr(world.channel) + repr(vars(world.channel))
    assert ACCESS_KEY_SECRET not in shown
    assert ISV_KEY not in shown
