"""Telling of events: by signed webhook, by e-mail, with retries; each event to each receiver."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest
from aiosmtpd.smtp import SMTP
from settlement_spec import PaymentIssue
from standardwebhooks.webhooks import Webhook, WebhookVerificationError
from starlette.requests import Request
from starlette.responses import Response

from app import clock
from app.accounts.models import Membership, StaffRole, User
from app.api.node import decode_id, encode_id
from app.bootstrap import Runtime
from app.errors import CannotStart
from app.events.recording import SYSTEM, record
from app.events.types import EVENT_TYPES
from app.notifications.delivery import deliver_due
from app.notifications.endpoints import point_staff_endpoint
from app.notifications.media.email import compose
from app.notifications.models import Delivery, WebhookEndpoint
from app.notifications.notices import NOTICES, seed_notices
from app.settings import Settings, get_settings
from app.settlement.models import ReconciliationCase
from app.settlement.online_top_ups import note_issue
from tests.api.driver import Api, joined, registered
from tests.api.wallets import staff
from tests.conftest import TravellingClock
from tests.events.shapes import sample
from tests.notifications.mailbox import Mailbox
from tests.notifications.receiving import Receiver, endpoint, happen, serving


async def confirmed() -> None:
    """Everybody's address is known to be theirs."""
    await User.all().update(confirmed_at=clock.now())


async def test_an_event_is_posted_once_signed_after_standard_webhooks(
    api: Api, receiver: Receiver, settings: Settings
) -> None:
    mine, account = await registered(api)
    _, secret = await endpoint(mine, account, receiver.url, ["budget.set"])
    after = {"amountMinor": 1, "thresholds": [80], "budgetPeriod": "DAY", "meter": None}
    await happen(after=after)
    await happen("budget.removed")
    assert await deliver_due(settings) == 1
    assert await deliver_due(settings) == 0
    ((headers, body),) = receiver.received
    told = Webhook(secret).verify(body, headers)
    assert told["type"] == "budget.set"
    assert told["data"]["after"] == after
    assert told["data"]["reason"] is None
    found = await mine.account(account, "deliveries { nodes { eventType recipient state attempts } }")
    assert found["deliveries"]["nodes"] == [
        {"eventType": "budget.set", "recipient": receiver.url, "state": "DELIVERED", "attempts": 1}
    ]


async def test_what_is_not_taken_is_sent_again_with_growing_pauses_under_the_same_id(
    api: Api, receiver: Receiver, settings: Settings, travelling_clock: TravellingClock
) -> None:
    mine, account = await registered(api)
    await endpoint(mine, account, receiver.url, ["budget.set"])
    await happen()
    receiver.status = 500
    await deliver_due(settings)
    assert await deliver_due(settings) == 0
    for pause in (5, 300):
        travelling_clock.forward(seconds=pause)
        assert await deliver_due(settings) == 1
    receiver.status = 200
    travelling_clock.forward(seconds=1_800)
    assert await deliver_due(settings) == 1
    assert len({headers["webhook-id"] for headers, _ in receiver.received}) == 1
    assert len(receiver.received) == 4


async def test_after_the_last_pause_it_is_given_up_and_can_be_replayed(
    api: Api, receiver: Receiver, settings: Settings, travelling_clock: TravellingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "webhook_failing_days", 30)
    mine, account = await registered(api)
    made, _ = await endpoint(mine, account, receiver.url, ["budget.set"])
    since = clock.now()
    await happen()
    receiver.status = 503
    for _ in range(12):
        await deliver_due(settings)
        travelling_clock.forward(days=1)
    assert [row.state for row in await Delivery.all()] == ["FAILED"]
    assert len(receiver.received) == 10
    receiver.status = 200
    again = await mine.call("replayWebhooks", "deliveries", endpointId=made, since=since.isoformat())
    assert again == {"__typename": "ReplayWebhooksSuccess", "deliveries": 1}
    assert await deliver_due(settings) == 1
    assert [row.state for row in await Delivery.all()] == ["DELIVERED"]


async def test_an_endpoint_that_is_gone_is_switched_off(api: Api, receiver: Receiver, settings: Settings) -> None:
    mine, account = await registered(api)
    await endpoint(mine, account, receiver.url, ["budget.set"])
    await happen()
    receiver.status = 410
    await deliver_due(settings)
    found = await mine.account(account, "webhookEndpoints { nodes { enabled disabledReason } }")
    assert found["webhookEndpoints"]["nodes"] == [{"enabled": False, "disabledReason": "it answered 410"}]
    await happen()
    assert await deliver_due(settings) == 0


async def test_several_workers_post_an_event_once(api: Api, receiver: Receiver, settings: Settings) -> None:
    mine, account = await registered(api)
    await endpoint(mine, account, receiver.url, ["budget.set"])
    for _ in range(5):
        await happen()
    await asyncio.gather(*(deliver_due(settings) for _ in range(4)))
    assert len(receiver.received) == 5


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:1/",
        "ftp://example.com",
        "https://",
        "https://user:secret@example.com/",
        "https://example.com:99999/",
        "not a url",
    ],
)
async def test_only_https_urls_are_taken(api: Api, url: str) -> None:
    mine, account = await registered(api)
    refused = await mine.call("createWebhookEndpoint", "secret", accountId=account, url=url)
    assert (refused["__typename"], refused["path"]) == ("InvalidInputError", ["url"])
    assert await WebhookEndpoint.all().count() == 0


async def test_nothing_is_posted_into_the_vendors_own_network(
    api: Api, receiver: Receiver, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine, account = await registered(api)
    await endpoint(mine, account, receiver.url, ["budget.set"])
    await happen()
    monkeypatch.setattr(settings, "webhook_allow_private", False)
    await deliver_due(settings)
    assert receiver.received == []
    (delivery,) = await Delivery.all()
    assert delivery.reason == "its address is not a public one"


@pytest.mark.parametrize("types", [["nope"], ["charge.raised", "charge"], [""], ["x\ny"]])
async def test_an_unknown_event_type_is_refused_with_the_known_ones(api: Api, types: list[str]) -> None:
    mine, account = await registered(api)
    url = "https://example.com/hook"
    refused = await mine.call("createWebhookEndpoint", "secret", accountId=account, url=url, eventTypes=types)
    assert (refused["__typename"], refused["path"]) == ("InvalidInputError", ["eventTypes"])
    assert ", ".join(EVENT_TYPES) in refused["message"]
    made, _ = await endpoint(mine, account, url, [" charge.raised "])
    refused = await mine.call("updateWebhookEndpoint", "endpoint { id }", endpointId=made, eventTypes=types)
    assert refused["path"] == ["eventTypes"]
    found = await mine.account(account, "webhookEndpoints { nodes { eventTypes } }")
    assert found["webhookEndpoints"]["nodes"] == [{"eventTypes": ["charge.raised"]}]


async def test_strangers_and_viewers_see_and_change_no_endpoint(
    api: Api, receiver: Receiver, settings: Settings
) -> None:
    mine, account = await registered(api)
    made, _ = await endpoint(mine, account, receiver.url)
    other, _ = await registered(api)
    for mutation in ("updateWebhookEndpoint", "deleteWebhookEndpoint", "rotateWebhookSecret"):
        refused = await other.call(mutation, "__typename", endpointId=made)
        assert refused["__typename"] == "NotFoundError"
    found = await other.data("query ($id: ID!) { node(id: $id) { id } }", id=made)
    assert found == {"node": None}


async def test_after_a_rotation_both_secrets_sign_for_a_day(
    api: Api, receiver: Receiver, settings: Settings, travelling_clock: TravellingClock
) -> None:
    mine, account = await registered(api)
    made, former = await endpoint(mine, account, receiver.url, ["member.added"])
    rotated = await mine.call(
        "rotateWebhookSecret", "secret endpoint { formerSecretUntil url }", endpointId=made, idempotencyKey="once"
    )
    assert rotated["endpoint"] == {"formerSecretUntil": "2026-03-03T10:30:15+00:00", "url": receiver.url}
    secret = rotated["secret"]
    assert secret != former
    travelling_clock.forward(hours=23, minutes=59)
    await happen("member.added")
    await deliver_due(settings)
    travelling_clock.forward(minutes=1)
    await happen("member.added")
    await deliver_due(settings)
    (both, body), (alone, last) = receiver.received
    assert [len(headers["webhook-signature"].split(" ")) for headers in (both, alone)] == [2, 1]
    for signed in (former, secret):
        assert Webhook(signed).verify(body, both)["type"] == "member.added"
    assert Webhook(secret).verify(last, alone)["type"] == "member.added"
    with pytest.raises(WebhookVerificationError):
        Webhook(former).verify(last, alone)


async def test_a_deleted_endpoint_is_told_nothing_more_and_what_was_told_stays_on_record(
    api: Api, receiver: Receiver, settings: Settings
) -> None:
    mine, account = await registered(api)
    made, _ = await endpoint(mine, account, receiver.url, ["member.added"])
    await happen("member.added")
    await deliver_due(settings)
    await happen("member.added")
    gone = await mine.call("deleteWebhookEndpoint", "account { webhookEndpoints { totalCount } }", endpointId=made)
    assert gone["account"] == {"webhookEndpoints": {"totalCount": 0}}
    await happen("member.added")
    await deliver_due(settings)
    assert len(receiver.received) == 1
    found = await mine.account(account, "deliveries { nodes { recipient state } } events(last: 3) { nodes { type } }")
    told = [(row["recipient"], row["state"]) for row in found["deliveries"]["nodes"]]
    assert told == [(receiver.url, "DELIVERED"), (receiver.url, "FAILED")]
    assert "webhook_endpoint.deleted" in [event["type"] for event in found["events"]["nodes"]]
    assert (await mine.data("query ($id: ID!) { node(id: $id) { id } }", id=made))["node"] is None
    for mutation in ("deleteWebhookEndpoint", "rotateWebhookSecret", "updateWebhookEndpoint"):
        refused = await mine.call(mutation, "__typename", endpointId=made)
        assert (refused["__typename"], refused["path"]) == ("NotFoundError", ["endpointId"])


async def test_owners_of_production_accounts_are_told_by_mail_in_both_languages(
    api: Api, settings: Settings, monkeypatch: pytest.MonkeyPatch, travelling_clock: TravellingClock
) -> None:
    await seed_notices()
    await registered(api, sandbox=False)
    await confirmed()
    await happen("upgrade.lapsed", after={"edition": "COMMUNITY"})
    assert await deliver_due(settings) == 0
    mailbox = Mailbox()
    monkeypatch.setattr(settings, "smtp_url", "smtp://127.0.0.1:1")
    assert await deliver_due(settings) == 1
    async with await asyncio.get_running_loop().create_server(lambda: SMTP(mailbox), "127.0.0.1", 0) as server:
        monkeypatch.setattr(settings, "smtp_url", f"smtp://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        travelling_clock.at += timedelta(seconds=5)
        assert await deliver_due(settings) == 1
    ((recipients, content),) = mailbox.messages
    assert recipients[0].endswith("@example.com")
    assert b"Message-ID: <" in content
    assert [row.state for row in await Delivery.all()] == ["DELIVERED"]


async def test_sandbox_accounts_send_no_mail(api: Api, settings: Settings) -> None:
    await seed_notices()
    await registered(api, sandbox=True)
    for type in NOTICES:
        await happen(type)
    assert await Delivery.all().count() == 0


async def test_an_account_whose_receivers_do_not_answer_delays_nobody_else(
    api: Api, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Thirty events of a busy endpoint hang; one is in hand at once, and another's only event goes out meanwhile."""
    busy, hanging = Receiver(), asyncio.Event()
    take = busy.take

    async def never(request: Request) -> Response:
        await hanging.wait()
        return await take(request)

    monkeypatch.setattr(busy, "take", never)
    prompt = Receiver()
    async with serving(busy), serving(prompt):
        mine, account = await registered(api, sandbox=False)
        await endpoint(mine, account, busy.url, ["budget.set"])
        for _ in range(30):
            await happen()
        mine, account = await registered(api, sandbox=False)
        await endpoint(mine, account, prompt.url, ["budget.set"])
        await happen()
        telling = asyncio.create_task(deliver_due(settings, sandboxes=False))
        async with asyncio.timeout(10):
            while not prompt.received:
                await asyncio.sleep(0.01)
        in_hand = await Delivery.filter(claimed_until__isnull=False, endpoint__url=busy.url).count()
        hanging.set()
        assert in_hand == 1
        assert await telling == 31


async def test_sandboxes_are_told_apart(api: Api, receiver: Receiver, settings: Settings) -> None:
    for sandbox in (True, False):
        mine, account = await registered(api, sandbox=sandbox)
        await endpoint(mine, account, receiver.url, ["budget.set"])
        await happen()
    assert [await deliver_due(settings, sandboxes=sandbox) for sandbox in (False, True)] == [1, 1]
    assert await deliver_due(settings) == 0


@pytest.mark.usefixtures("travelling_clock")
async def test_members_who_see_to_money_are_told_of_money_alone(api: Api) -> None:
    owner, account = await registered(api, sandbox=False)
    for role in ("FINANCE", "VIEWER"):
        mine, _ = await registered(api)
        await joined(owner, account, mine, role)
    key = decode_id(account, "Account", "id")
    await record(key, clock.now(), "account.suspended", SYSTEM, **sample("account.suspended"))
    assert not await Delivery.filter(account_id=key, medium="email").exists(), "to an address that nobody confirmed"
    await confirmed()
    for type in ("account.suspended", "license.expiring"):
        await record(key, clock.now(), type, SYSTEM, **sample(type))
    roles = dict(await Membership.filter(account_id=key).values_list("user_id", "role"))
    noted = await Delivery.filter(account_id=key, medium="email").select_related("event")
    assert {(delivery.event.type, str(roles[delivery.user_id])) for delivery in noted} == {
        ("account.suspended", "OWNER"),
        ("account.suspended", "FINANCE"),
        ("license.expiring", "OWNER"),
    }


@pytest.mark.usefixtures("travelling_clock")
async def test_staff_are_told_of_what_waits_for_them_and_customers_see_nothing_of_it(api: Api) -> None:
    await seed_notices()
    manager = await staff(api, [StaffRole.ACCOUNT_MANAGER])
    finance = await staff(api, [StaffRole.FINANCE])
    owner, account = await registered(api, sandbox=False)
    _, play = await registered(api)
    for of in (account, play):
        for type in ("application.submitted", "top_up.requested", "settlement.needs_attention"):
            await record(decode_id(of, "Account", "id"), clock.now(), type, SYSTEM, **sample(type))
    told = await Delivery.filter(medium="email").select_related("event", "user")
    addresses = {who: await address(client) for who, client in (("manager", manager), ("finance", finance))}
    assert sorted((one.event.type, one.user.email) for one in told if one.user) == sorted(
        [
            ("application.submitted", addresses["manager"]),
            ("top_up.requested", addresses["finance"]),
            ("settlement.needs_attention", addresses["finance"]),
        ]
    )
    seen = await owner.account(account, "deliveries { totalCount nodes { id } }")
    assert seen["deliveries"] == {"totalCount": 0, "nodes": []}
    node = encode_id("Delivery", told[0].id)
    assert (await owner.data("query ($id: ID!) { node(id: $id) { id } }", id=node))["node"] is None


async def address(client: Api) -> str:
    return str((await client.data("{ viewer { user { email } } }"))["viewer"]["user"]["email"])


SECRET = "whsec_" + "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@pytest.mark.usefixtures("travelling_clock")
async def test_the_vendor_s_endpoint_is_told_what_staff_are_told(
    api: Api, receiver: Receiver, settings: Settings
) -> None:
    await seed_notices()
    for url in ("http://127.0.0.1:9/former", receiver.url, receiver.url):
        await point_staff_endpoint(url, SECRET)
    owner, account = await registered(api, sandbox=False)
    _, play = await registered(api)
    for of in (account, play):
        for type in ("application.submitted", "upgrade.lapsed"):
            await record(decode_id(of, "Account", "id"), clock.now(), type, SYSTEM, **sample(type))
    await record(None, clock.now(), "reconciliation.case_opened", SYSTEM, **sample("reconciliation.case_opened"))
    assert await deliver_due(settings) == 2
    told = [Webhook(SECRET).verify(body, headers) for headers, body in receiver.received]
    assert sorted((one["type"], one["data"]["accountId"]) for one in told) == [
        ("application.submitted", account),
        ("reconciliation.case_opened", None),
    ]
    assert (await owner.account(account, "deliveries { totalCount }"))["deliveries"]["totalCount"] == 0
    await point_staff_endpoint(None, None)
    await happen("application.submitted")
    assert await deliver_due(settings) == 0


async def test_a_case_waits_by_mail_and_is_no_customer_s(api: Api, runtime: Runtime) -> None:
    finance = await staff(api, [StaffRole.FINANCE])
    await note_issue(runtime.host, "guance", uuid4(), PaymentIssue.PAYMENT_NOT_CREDITED, "pi_1", {"amount": 1})
    await note_issue(runtime.host, "guance", uuid4(), PaymentIssue.PAYMENT_NOT_CREDITED, "pi_2", {"amount": 1})
    again = (await ReconciliationCase.all().order_by("id").first()) or pytest.fail("there is no case")
    await note_issue(runtime.host, "guance", again.charge_id, PaymentIssue.PAYMENT_NOT_CREDITED, "pi_1", {"amount": 1})
    told = await Delivery.filter(medium="email").select_related("event__account", "user")
    assert [(one.event.type, one.user and one.user.email) for one in told] == [
        ("reconciliation.case_opened", await address(finance))
    ] * 2
    mail = compose(told[0].event, None, "a@example.com", "b@example.com").get_content()
    assert "Account:" not in mail
    assert encode_id("ReconciliationCase", again.id) in mail
    event = encode_id("Event", told[0].event.id)
    owner, _ = await registered(api)
    asked = "query ($id: ID!) { node(id: $id) { id } }"
    assert (await owner.data(asked, id=event))["node"] is None
    assert (await finance.data(asked, id=event))["node"] == {"id": event}


@pytest.mark.parametrize(
    ("url", "secret"),
    [("https://example.com/hook", None), ("http://example.com/hook", SECRET), ("https://a b", SECRET), ("x", "short")],
)
def test_a_staff_endpoint_that_cannot_be(monkeypatch: pytest.MonkeyPatch, url: str, secret: str | None) -> None:
    monkeypatch.setenv("BILLING_STAFF_WEBHOOK_URL", url)
    if secret:
        monkeypatch.setenv("BILLING_STAFF_WEBHOOK_SECRET", secret)
    get_settings.cache_clear()
    with pytest.raises(CannotStart, match=r"BILLING_STAFF_WEBHOOK_(URL|SECRET) (must|needs)"):
        get_settings()
    get_settings.cache_clear()
