"""What the marketplace announces to the seller: only with the right token, and any number of times."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from settlement_aliyun.models import Announcement, Instance, InstanceState, Link
from settlement_aliyun.spi import CHINA
from settlement_spec import BindingEnd, BindState, ChannelRefusal

from tests.plugins.aliyun.conftest import UID, URL, Host, World
from tests.standins.aliyun import ISV_KEY, signed_call

CREATE = {
    "action": "createInstance",
    "aliUid": UID,
    "orderBizId": "i-new",
    "orderId": "o-9",
    "productCode": "other",
    "skuId": "s",
    "trial": "false",
}


async def test_a_subscription_answers_the_order_as_instance_id_every_time(world: World) -> None:
    answers = [(await world.sell("i-2")).json() for _ in range(3)]
    assert answers[0] == answers[1] == answers[2]
    assert answers[0]["instanceId"] == "i-2"
    assert answers[0]["appInfo"] == {"frontEndUrl": "https://billing.example.com"}
    assert answers[0]["info"]["aliyunUid"] == UID
    assert await Instance.filter(id="i-2").count() == 1


def test_the_token_is_the_documented_one() -> None:
    text = "action=expiredInstance&instanceId=1&key=" + ISV_KEY
    assert signed_call(instanceId="1", action="expiredInstance")["token"] == hashlib.md5(text.encode()).hexdigest()


async def test_the_order_of_parameters_does_not_matter_and_unknown_ones_are_under_the_token(world: World) -> None:
    call = signed_call(**CREATE, zNew="中文 & =", aNew="")
    for parameters in (call, dict(reversed(call.items()))):
        answer = await world.http.get(URL, params=parameters)
        assert answer.json()["instanceId"] == "i-new"
    without = {name: value for name, value in call.items() if name != "zNew"}
    assert (await world.http.get(URL, params=without)).status_code == 403


@pytest.mark.parametrize(
    "change",
    [
        {"token": ""},
        {"token": "0" * 32},
        {"token": "é"},
        {"instanceId": "i-2"},
        {"added": "1"},
        {"action": "releaseInstance"},
    ],
)
async def test_a_forged_call_changes_nothing(world: World, change: dict[str, str]) -> None:
    await world.bind(uuid4())
    call = signed_call(action="expiredInstance", instanceId="i-1") | change
    answer = await world.http.get(URL, params=call)
    assert (answer.status_code, answer.json()["success"]) == (403, "false")
    assert (await Instance.get(id="i-1")).state == InstanceState.ACTIVE
    assert world.host.calls == []


async def test_a_call_without_a_token_or_with_another_key_is_forged(world: World) -> None:
    assert (await world.http.get(URL, params=CREATE)).status_code == 403
    assert (await world.http.get(URL, params=signed_call("another key", **CREATE))).status_code == 403
    assert not await Instance.exists(id="i-new")


@pytest.mark.parametrize(
    "parameters",
    [
        {"action": "x" * 65},
        {"action": ""},
        CREATE | {"productCode": "never sold"},
        CREATE | {"orderBizId": "a b"},
        CREATE | {"orderBizId": "x" * 65},
        CREATE | {"aliUid": ""},
        CREATE | {"skuId": "\x00"},
        CREATE | {"expiredOn": "2026-02-30 00:00:00"},
        CREATE | {"orderBizId": "i-1"},
        {"action": "expiredInstance", "instanceId": "i-never"},
        {"action": "renewInstance", "instanceId": "i-1", "expiredOn": "soon"},
    ],
)
async def test_a_call_that_makes_no_sense_is_answered_clearly(world: World, parameters: dict[str, str]) -> None:
    answer = await world.http.get(URL, params=signed_call(**parameters))
    assert answer.status_code == 400
    assert answer.json()["message"]
    assert await Instance.all().values_list("id", "product_code") == [("i-1", "cmgj00012345")]


@pytest.mark.parametrize("action", ["upgradeInstance", "bindDomain"])
async def test_what_does_not_concern_billing_is_acknowledged(world: World, action: str) -> None:
    assert (await world.call(action, instanceId="i-1")).json() == {"success": "true"}


@pytest.mark.parametrize("action", ["expiredInstance", "releaseInstance"])
async def test_the_end_of_an_instance_ends_the_links_of_all_its_accounts_once(world: World, action: str) -> None:
    first, second = uuid4(), uuid4()
    await world.bind(first)
    code = (await world.sell()).json()["info"]["bindingCode"]
    await world.bind(second, bindingCode=code)
    for _ in range(2):
        assert (await world.call(action, instanceId="i-1", isRefund="false")).json() == {"success": "true"}
    expected = [(BindingEnd.UNSUBSCRIBED, account, "i-1") for account in (first, second)]
    assert sorted(world.host.calls, key=str) == sorted(expected, key=str)


async def test_an_expired_instance_that_is_released_later_ends_its_links_once(world: World) -> None:
    await world.bind(uuid4())
    await world.call("expiredInstance", instanceId="i-1")
    await world.call("releaseInstance", instanceId="i-1", isRefund="false")
    assert [what for what, *_ in world.host.calls] == [BindingEnd.UNSUBSCRIBED]
    assert (await Instance.get(id="i-1")).state == InstanceState.RELEASED


async def test_a_host_that_fails_is_told_again_when_the_call_is_repeated(world: World) -> None:
    account = uuid4()
    await world.bind(account)
    world.host.failing = True
    assert (await world.call("releaseInstance", instanceId="i-1")).status_code == 500
    world.host.failing = False
    assert (await world.call("releaseInstance", instanceId="i-1")).status_code == 200
    assert (BindingEnd.UNSUBSCRIBED, account, "i-1") in world.host.calls
    assert not await Link.exists()


async def test_a_renewal_lifts_an_expiry_and_an_old_expiry_replayed_after_it_is_not_believed(world: World) -> None:
    await world.call("expiredInstance", instanceId="i-1")
    with pytest.raises(ChannelRefusal):
        await world.bind(uuid4())
    renewal = {"instanceId": "i-1", "orderId": "o-2", "expiredOn": "2026-04-01 00:00:00"}
    assert (await world.call("renewInstance", **renewal)).json() == {"success": "true"}
    assert (await Instance.get(id="i-1")).expires_at == datetime(2026, 3, 31, 16, tzinfo=UTC)
    account = uuid4()
    await world.bind(account)
    assert (await world.call("expiredInstance", instanceId="i-1")).status_code == 400
    assert world.host.calls == []
    world.now += timedelta(days=30)
    assert (await world.call("expiredInstance", instanceId="i-1")).status_code == 200
    assert (await world.call("renewInstance", **renewal)).status_code == 200
    assert (await Instance.get(id="i-1")).state == InstanceState.EXPIRED


async def test_a_released_instance_is_not_renewed(world: World) -> None:
    await world.call("releaseInstance", instanceId="i-1")
    renewal = {"instanceId": "i-1", "orderId": "o-2", "expiredOn": "2027-04-01 00:00:00"}
    assert (await world.call("renewInstance", **renewal)).status_code == 400


async def test_a_channel_without_settings_answers_that_it_is_not_configured(world: World) -> None:
    world.host = Host({})
    await world.restart()
    assert (await world.sell("i-2")).status_code == 503


async def test_the_stand_in_calls_the_seller_on_request(world: World) -> None:
    async with httpx.AsyncClient() as http:
        asked: dict[str, Any] = {"url": f"http://{world.standin.url}/_book", "action": "createInstance"}
        answer = await http.post(f"http://{world.standin.url}/_call", json=asked)
    assert answer.json()["status"] == 200


async def test_what_it_announces_of_something_else_is_recorded_once_and_answered_with_success(world: World) -> None:
    paid = {"requestId": "r-1", "aliUid": UID, "orderBizId": "b-1", "orderId": "o-1", "productCode": "p", "skuId": "s"}
    for _ in range(2):
        answer = await world.call("orderPay", **paid)
        assert (answer.status_code, answer.json()) == (200, {"success": True})
    (kept,) = await Announcement.all()
    assert (kept.action, kept.parameters) == ("orderPay", {"action": "orderPay", **paid})
    assert (await world.http.get(URL, params={"action": "orderPay", **paid, "token": "0" * 32})).status_code == 403
    assert await Announcement.all().count() == 1


async def test_a_trial_does_not_pay_until_it_is_renewed(world: World) -> None:
    await world.sell("i-2", trial="true")
    with pytest.raises(ChannelRefusal, match="is a trial"):
        await world.bind(uuid4(), "i-2")
    until = (world.now + timedelta(days=30)).astimezone(CHINA).strftime("%Y-%m-%d %H:%M:%S")
    assert (await world.call("renewInstance", instanceId="i-2", orderId="o-2", expiredOn=until)).is_success
    assert (await world.bind(uuid4(), "i-2")).state == BindState.BOUND
