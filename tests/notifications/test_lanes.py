"""One endpoint's trouble is its own: lanes, pauses, switching off; what is told again; and where nothing is posted."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import orjson
import pytest
from standardwebhooks.webhooks import Webhook
from starlette.requests import Request
from starlette.responses import Response

from app import clock
from app.accounts.models import User
from app.events.models import Event
from app.notifications import delivery as delivering
from app.notifications.addresses import is_host, is_public
from app.notifications.delivery import deliver_due, forget_answers
from app.notifications.failures import NotDelivered
from app.notifications.media import webhook
from app.notifications.models import Delivery, WebhookEndpoint
from app.notifications.notices import seed_notices
from app.settings import Settings
from tests.api.driver import Api, registered
from tests.conftest import TravellingClock
from tests.notifications.receiving import Receiver, endpoint, happen, serving


def told(receiver: Receiver) -> list[dict[str, Any]]:
    """What a receiver was told."""
    return [orjson.loads(body) for _, body in receiver.received]


@pytest.fixture
async def hanging(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Receiver]:
    """A receiver that accepts and never answers."""
    made, over = Receiver(), asyncio.Event()

    async def never(request: Request) -> Response:
        await over.wait()
        return Response()

    monkeypatch.setattr(made, "take", never)
    async with serving(made):
        yield made
        over.set()


async def test_a_receiver_that_never_answers_is_left_in_time(
    api: Api, hanging: Receiver, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivering, "SECONDS", 0.3)
    mine, account = await registered(api)
    await endpoint(mine, account, hanging.url, ["budget.set"])
    await happen()
    async with asyncio.timeout(10):
        assert await deliver_due(settings) == 1
    (row,) = await Delivery.all()
    assert (row.state, row.reason) == ("PENDING", "it took longer than 0.3 seconds")


async def test_an_endpoint_is_told_one_by_one_in_order(api: Api, receiver: Receiver, settings: Settings) -> None:
    mine, account = await registered(api)
    await endpoint(mine, account, receiver.url, ["budget.set", "budget.removed"])
    for _ in range(4):
        await happen()
        await happen("budget.removed")
    await asyncio.gather(*(deliver_due(settings) for _ in range(3)))
    messages = told(receiver)
    assert [message["type"] for message in messages] == ["budget.set", "budget.removed"] * 4
    ids = [message["data"]["id"] for message in messages]
    assert [message["data"]["previousId"] for message in messages] == [None, *ids[:-1]]
    keys = [headers["webhook-id"] for headers, _ in receiver.received]
    assert keys == sorted(keys)


async def test_what_comes_late_says_what_it_follows(
    api: Api, receiver: Receiver, settings: Settings, travelling_clock: TravellingClock
) -> None:
    mine, account = await registered(api)
    await endpoint(mine, account, receiver.url, ["budget.set"])
    await happen()
    receiver.status = 500
    await deliver_due(settings)
    receiver.status = 200
    await happen()
    await deliver_due(settings)
    travelling_clock.forward(seconds=5)
    await deliver_due(settings)
    first, second, again = told(receiver)
    assert again["data"]["id"] == first["data"]["id"] == second["data"]["previousId"]


async def test_an_endpoint_that_takes_nothing_is_paused_and_another_is_not(
    api: Api, receiver: Receiver, settings: Settings, travelling_clock: TravellingClock
) -> None:
    broken = Receiver()
    broken.status = 500
    async with serving(broken):
        mine, account = await registered(api)
        await endpoint(mine, account, broken.url, ["budget.set"])
        await endpoint(mine, account, receiver.url, ["budget.set"])
        for _ in range(8):
            await happen()
        await deliver_due(settings)
        assert (len(broken.received), len(receiver.received)) == (5, 8)
        shown = await mine.account(account, "webhookEndpoints { nodes { failures failingSince pausedUntil } }")
        until = (clock.now() + timedelta(minutes=1)).isoformat()
        assert shown["webhookEndpoints"]["nodes"] == [
            {"failures": 5, "failingSince": clock.now().isoformat(), "pausedUntil": until},
            {"failures": 0, "failingSince": None, "pausedUntil": None},
        ]
        travelling_clock.forward(seconds=59)
        assert await deliver_due(settings) == 0
        travelling_clock.forward(seconds=1)
        assert await deliver_due(settings) == 1, "one tries whether it is well"
        broken.status = 200
        travelling_clock.forward(seconds=120)
        await deliver_due(settings)
        row = await WebhookEndpoint.get(url=broken.url)
        assert (row.failures, row.failing_since, row.paused_until) == (0, None, None)
        travelling_clock.forward(seconds=300)
        await deliver_due(settings)
        assert {one.state for one in await Delivery.all()} == {"DELIVERED"}


async def test_pauses_grow_to_an_hour(
    api: Api, receiver: Receiver, settings: Settings, travelling_clock: TravellingClock
) -> None:
    mine, account = await registered(api)
    await endpoint(mine, account, receiver.url, ["budget.set"])
    receiver.status = 500
    paused = []
    for _ in range(13):
        await happen()
        await deliver_due(settings)
        row = await WebhookEndpoint.get()
        paused.append(row.paused_until and row.paused_until - clock.now())
        travelling_clock.at = row.paused_until or travelling_clock.at
    assert paused[:4] == [None] * 4
    assert [pause and pause.total_seconds() / 60 for pause in paused[4:]] == [1, 2, 4, 8, 16, 32, 60, 60, 60]


@pytest.mark.parametrize("status", [500, 410])
async def test_an_endpoint_that_is_switched_off_is_told_of(
    api: Api, receiver: Receiver, settings: Settings, travelling_clock: TravellingClock, status: int
) -> None:
    await seed_notices()
    mine, account = await registered(api, sandbox=False)
    await User.all().update(confirmed_at=clock.now())
    made, _ = await endpoint(mine, account, receiver.url, ["budget.set"])
    receiver.status = status
    for days in (0, 4, 1) if status == 500 else (0,):
        travelling_clock.forward(days=days)
        assert (await WebhookEndpoint.get()).enabled
        await happen()
        await deliver_due(settings)
    row = await WebhookEndpoint.get()
    assert (row.enabled, row.disabled_reason) == (False, f"it answered {status}")
    (event,) = await Event.filter(type="webhook_endpoint.disabled")
    assert (event.before, event.reason) == ({"url": receiver.url}, f"it answered {status}")
    assert await Delivery.filter(event_id=event.id, medium="email").count() == 1
    travelling_clock.forward(days=1)
    await deliver_due(settings)
    assert not await Delivery.filter(state="PENDING", medium="webhook").exists(), "every delivery ends"
    await mine.call("updateWebhookEndpoint", "endpoint { enabled }", endpointId=made, enabled=True)
    row = await WebhookEndpoint.get()
    assert (row.enabled, row.failures, row.failing_since) == (True, 0, None)


async def test_a_delivery_that_cannot_be_sent_ends_too(
    api: Api, settings: Settings, travelling_clock: TravellingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object, **__: object) -> None:
        raise UnicodeError("label empty or too long")

    mine, account = await registered(api)
    await endpoint(mine, account, "http://127.0.0.1:9/", ["budget.set"])
    await happen()
    monkeypatch.setattr(webhook, "post", broken)
    for _ in range(14):
        await deliver_due(settings)
        travelling_clock.forward(hours=25)
    (row,) = await Delivery.all()
    assert row.state == "FAILED"


async def test_ten_endpoints_however_they_are_switched(api: Api, settings: Settings) -> None:
    mine, account = await registered(api)
    for number in range(10):
        made, _ = await endpoint(mine, account, f"http://127.0.0.1:9/{number}")
        await mine.call("updateWebhookEndpoint", "endpoint { id }", endpointId=made, enabled=False)
    refused = await mine.call("createWebhookEndpoint", "secret", accountId=account, url="http://127.0.0.1:9/x")
    assert (refused["__typename"], refused["code"]) == ("LimitExceededError", "LIMIT_EXCEEDED")
    await mine.call("deleteWebhookEndpoint", "account { id }", endpointId=made)
    await endpoint(mine, account, "http://127.0.0.1:9/x")


async def test_what_the_receiver_said_is_kept_for_a_while(
    api: Api, receiver: Receiver, settings: Settings, travelling_clock: TravellingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def explain(request: Request) -> Response:
        return Response(b"no\0such field " + b"x" * 5_000_000, 422)

    monkeypatch.setattr(receiver, "take", explain)
    async with serving(receiver):
        mine, account = await registered(api)
        await endpoint(mine, account, receiver.url, ["budget.set"])
        await happen()
        await deliver_due(settings)
    shown = "deliveries { nodes { responseStatus responseBody attemptedAt reason } }"
    (row,) = (await mine.account(account, shown))["deliveries"]["nodes"]
    assert (row["responseStatus"], row["reason"]) == (422, "it answered 422")
    assert row["responseBody"].startswith("no\ufffdsuch field xxx")
    assert len(row["responseBody"]) == 1_000
    assert row["attemptedAt"] == clock.now().isoformat()
    travelling_clock.forward(days=30, seconds=1)
    await forget_answers()
    (kept,) = await Delivery.all()
    assert (kept.response_status, kept.response_body) == (422, None)


async def test_a_test_message(api: Api, receiver: Receiver, settings: Settings) -> None:
    mine, account = await registered(api)
    made, secret = await endpoint(mine, account, receiver.url)
    said = "delivered responseStatus responseBody reason"
    answer = await mine.call("pingWebhookEndpoint", said, endpointId=made)
    assert answer["delivered"]
    assert (answer["responseStatus"], answer["reason"]) == (204, None)
    ((headers, body),) = receiver.received
    assert Webhook(secret).verify(body, headers)["type"] == "ping"
    receiver.status = 500
    answer = await mine.call("pingWebhookEndpoint", said, endpointId=made)
    assert (answer["delivered"], answer["responseStatus"], answer["reason"]) == (False, 500, "it answered 500")


async def test_test_messages_are_counted(api: Api, receiver: Receiver, settings: Settings) -> None:
    mine, account = await registered(api)
    made, _ = await endpoint(mine, account, receiver.url)
    answers = [await mine.call("pingWebhookEndpoint", "delivered", endpointId=made) for _ in range(21)]
    assert [answer.get("code") for answer in answers[-2:]] == [None, "RATE_LIMITED"]


async def test_one_delivery_again(api: Api, receiver: Receiver, settings: Settings) -> None:
    mine, account = await registered(api)
    made, _ = await endpoint(mine, account, receiver.url, ["budget.set"])
    for _ in range(2):
        await happen()
    await deliver_due(settings)
    (first, _) = (await mine.account(account, "deliveries { nodes { id } }"))["deliveries"]["nodes"]
    again = await mine.call("redeliverWebhook", "delivery { state attempts }", deliveryId=first["id"])
    assert again["delivery"] == {"state": "PENDING", "attempts": 0}
    assert await deliver_due(settings) == 1
    keys = [headers["webhook-id"] for headers, _ in receiver.received]
    assert keys[2] == keys[0]
    await mine.call("updateWebhookEndpoint", "endpoint { id }", endpointId=made, enabled=False)
    refused = await mine.call("redeliverWebhook", "delivery { id }", deliveryId=first["id"])
    assert (refused["code"], refused["path"]) == ("INVALID_INPUT", ["deliveryId"])


async def test_what_was_before_the_endpoint_is_filled_in(api: Api, receiver: Receiver, settings: Settings) -> None:
    mine, account = await registered(api)
    since = clock.now().isoformat()
    for _ in range(3):
        await happen()
    first = (await Event.filter(type="budget.set").order_by("id"))[0]
    made, _ = await endpoint(mine, account, receiver.url, ["budget.set"])
    await happen()
    for added in (3, 0):
        filled = await mine.call("backfillWebhook", "deliveries", endpointId=made, since=since)
        assert filled["deliveries"] == added
    assert await deliver_due(settings) == 4
    messages = told(receiver)
    assert {message["type"] for message in messages} == {"budget.set"}
    assert first.id.hex in {headers["webhook-id"].removeprefix("evt_") for headers, _ in receiver.received}


@pytest.mark.parametrize(
    "url",
    [
        "https://hooks..example.com/",
        "https://.example.com/",
        "https://[::1/",
        "https://[::1]/",
        "https://" + "a" * 64 + ".example.com/",
        "https://" + "a." * 130 + "com/",
        "https://:pw@host.example.com/",
        "https://@host.example.com/",
        "https://localhost/",
        "https://2130706433/",
        "https://127.1/",
        "https://10.0.0.1/",
        "https://[64:ff9b::7f00:1]/",
        "https://-a.example.com/",
        "https://a b.example.com/",
        "https://example.com\\@evil.example/",
        "https://example.com/\u202e",
    ],
)
async def test_hosts_that_cannot_be_or_are_not_public_are_refused(api: Api, url: str) -> None:
    mine, account = await registered(api)
    refused = await mine.call("createWebhookEndpoint", "secret", accountId=account, url=url)
    assert (refused["__typename"], refused["path"]) == ("InvalidInputError", ["url"])


@pytest.mark.parametrize(
    "host", ["example.com", "a.example.com.", "xn--bcher-kva.example", "bücher.example", "例子.example", "8.8.8.8"]
)
def test_hosts_that_can_be(host: str) -> None:
    assert is_host(host)


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True),
        ("2606:4700::1111", True),
        ("64:ff9b::808:808", True),
        ("2002:808:808::", True),
        ("127.0.0.1", False),
        ("0.0.0.0", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("224.0.0.1", False),
        ("240.0.0.1", False),
        ("255.255.255.255", False),
        ("::1", False),
        ("::", False),
        ("::ffff:10.0.0.1", False),
        ("64:ff9b::7f00:1", False),
        ("64:ff9b:1::808:808", False),
        ("2002:7f00:1::", False),
        ("2001:0:4136:e378:8000:63bf:3fff:fdd2", False),
        ("fec0::1", False),
        ("fe80::1", False),
        ("fe80::1%eth0", False),
        ("fd00::1", False),
        ("ff02::1", False),
        ("ff0e::1", False),
    ],
)
def test_public_addresses(address: str, public: bool) -> None:
    assert is_public(address) is public


async def test_a_name_of_which_one_address_is_not_public_is_not_posted_to(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (at, 443)) for at in ("8.8.8.8", "10.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    with pytest.raises(NotDelivered, match="not a public one"):
        await webhook.post("https://a.example.com/", [], "x", b"", False)


async def test_redirects_are_not_followed(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    async def elsewhere(request: Request) -> Response:
        receiver.received.append(({}, b""))
        return Response(status_code=302, headers={"Location": receiver.url})

    monkeypatch.setattr(receiver, "take", elsewhere)
    async with serving(receiver):
        with pytest.raises(NotDelivered, match="302"):
            await webhook.post(receiver.url, [], "x", b"", True)
    assert len(receiver.received) == 1
