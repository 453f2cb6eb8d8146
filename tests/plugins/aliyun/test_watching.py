"""What was announced and not heard: failed calls are fetched, instances asked about daily, expiries met in time."""

from __future__ import annotations

import json
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from settlement_aliyun.models import Announcement, Instance, InstanceState
from settlement_aliyun.watching import HURRY, LOOK_EVERY, POLL_EVERY
from settlement_spec import BindingEnd

from tests.plugins.aliyun.conftest import World


@pytest.fixture
async def account(world: World) -> UUID:
    """An account that the instance ``i-1`` pays for."""
    account = uuid4()
    await world.bind(account)
    return account


def china(world: World, **later: float) -> str:
    return (world.now + timedelta(hours=8, **later)).strftime("%Y-%m-%d %H:%M:%S")


@pytest.mark.parametrize("action", ["expiredInstance", "releaseInstance"])
async def test_an_end_that_failed_to_arrive_is_fetched_and_confirmed(world: World, account: UUID, action: str) -> None:
    world.standin.fail("n-1", action, json.dumps({"instanceId": "i-1"}))
    await world.channel.tick(world.now)
    assert world.host.calls == [(BindingEnd.UNSUBSCRIBED, account, "i-1")]
    assert world.standin.failed == {}


async def test_what_is_announced_of_something_else_is_recorded_once_and_confirmed(world: World) -> None:
    world.standin.fail("n-1", "orderPay", json.dumps({"orderId": 7, "requestId": "r-1"}))
    await world.channel.tick(world.now)
    (kept,) = await Announcement.all()
    assert (kept.action, kept.parameters) == ("orderPay", {"orderId": "7", "requestId": "r-1"})
    assert world.standin.failed == {}


@pytest.mark.parametrize(
    ("action", "message"),
    [
        ("expiredInstance", "no JSON"),
        ("expiredInstance", '["i-1"]'),
        ("expiredInstance", '{"instanceId": "i-unknown"}'),
        ("renewInstance", '{"instanceId": "i-1", "expiredOn": "tomorrow"}'),
    ],
)
async def test_what_cannot_be_carried_out_stays_with_the_marketplace_and_hinders_nothing(
    world: World, account: UUID, action: str, message: str
) -> None:
    world.standin.fail("n-1", action, message)
    world.standin.fail("n-2", "releaseInstance", '{"instanceId": "i-1"}')
    await world.channel.tick(world.now)
    assert list(world.standin.failed) == ["n-1"]
    assert world.host.calls == [(BindingEnd.UNSUBSCRIBED, account, "i-1")]


async def test_a_new_instance_becomes_known_and_its_call_stays_for_the_seller(world: World) -> None:
    sold = {"aliUid": "1" * 16, "orderBizId": "i-2", "orderId": "o", "productCode": "other", "skuId": "s"}
    world.standin.fail("n-1", "createInstance", json.dumps(sold))
    await world.channel.tick(world.now)
    assert (await Instance.get(id="i-2")).state == InstanceState.ACTIVE
    assert list(world.standin.failed) == ["n-1"]


async def test_an_expiry_that_a_renewal_overtook_is_confirmed_and_not_believed(world: World, account: UUID) -> None:
    await world.call("renewInstance", instanceId="i-1", expiredOn=china(world, days=30))
    world.standin.fail("n-1", "expiredInstance", '{"instanceId": "i-1"}')
    await world.channel.tick(world.now)
    assert (world.standin.failed, world.host.calls) == ({}, [])


async def test_failed_calls_are_asked_for_every_ten_minutes_and_again_where_there_was_no_answer(world: World) -> None:
    world.standin.faults.append("500")
    for _ in range(3):
        await world.channel.tick(world.now)
        world.later(60)
    asked = world.standin.asked.count("DescribeFailedNotifications")
    world.later(POLL_EVERY.total_seconds())
    await world.channel.tick(world.now)
    assert (asked, world.standin.asked.count("DescribeFailedNotifications")) == (1, 2)


@pytest.mark.parametrize(("status", "state"), [("EXPIRED", InstanceState.EXPIRED), ("CLOSED", InstanceState.RELEASED)])
async def test_an_end_that_was_never_announced_is_seen_within_a_day(
    world: World, account: UUID, status: str, state: InstanceState
) -> None:
    await world.channel.tick(world.now)
    world.standin.instances["i-1"].status = status
    await world.channel.tick(world.now)
    assert world.host.calls == []
    world.now += LOOK_EVERY
    await world.channel.tick(world.now)
    assert world.host.calls == [(BindingEnd.UNSUBSCRIBED, account, "i-1")]
    assert (await Instance.get(id="i-1")).state == state
    assert world.standin.asked.count("DescribeInstanceForIsv") == 2


async def test_a_renewal_that_was_never_announced_is_seen(world: World, account: UUID) -> None:
    until = world.now + timedelta(days=30)
    world.standin.instances["i-1"].ends_on = int(until.timestamp() * 1000)
    await world.channel.tick(world.now)
    assert (await Instance.get(id="i-1")).expires_at == until


async def test_an_instance_that_the_marketplace_does_not_know_hinders_no_other(world: World, account: UUID) -> None:
    await world.sell("i-2")
    other = uuid4()
    await world.bind(other, "i-2")
    del world.standin.instances["i-1"]
    world.standin.instances["i-2"].status = "CLOSED"
    for _ in range(2):
        await world.channel.tick(world.now)
    assert world.host.calls == [(BindingEnd.UNSUBSCRIBED, other, "i-2")]


async def test_what_nobody_is_linked_to_is_not_asked_about(world: World) -> None:
    await world.channel.tick(world.now)
    assert "DescribeInstanceForIsv" not in world.standin.asked


async def test_charges_are_asked_for_before_a_known_expiry_once(world: World, account: UUID) -> None:
    await world.call("renewInstance", instanceId="i-1", expiredOn=china(world, days=1))
    world.now += timedelta(days=1) - HURRY - timedelta(seconds=1)
    await world.channel.tick(world.now)
    assert world.host.calls == []
    for _ in range(2):
        world.later(60)
        await world.channel.tick(world.now)
    assert world.host.calls == [("soon", account, "i-1")]
    await world.call("renewInstance", instanceId="i-1", expiredOn=china(world, minutes=50))
    for _ in range(2):
        world.later(25 * 60)
        await world.channel.tick(world.now)
    assert world.host.calls == [("soon", account, "i-1")] * 2
