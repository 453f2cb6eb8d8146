"""What AWS announces: only Amazon is believed, once, in whatever order it comes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from settlement_aws.models import Notification, Subscription
from settlement_spec import BindingEnd, BindState

from tests.plugins.aws.conftest import Seller
from tests.plugins.aws.helpers import REFERENCE, announce, bind, code_of, event, send
from tests.standins.aws import CERTIFICATE, TOPIC, certificate_of


async def linked(seller: Seller) -> UUID:
    """An account that waits for its confirmation."""
    account = uuid4()
    await bind(seller, account, claimCode=await code_of(seller, old="cust-1"))
    return account


def signed(seller: Seller, action: str = "unsubscribe-success", **changes: str) -> dict[str, str]:
    message = {"action": action, "customer-identifier": "cust-1", "product-code": "prod-datakit"}
    return seller.aws.notification(message, **changes)


@pytest.mark.parametrize("version", ["1", "2"])
async def test_both_signature_versions_are_verified(seller: Seller, version: str) -> None:
    account = await linked(seller)
    assert await announce(seller, "subscribe-success", version=version) == 200
    assert seller.host.calls == [("confirmed", account, REFERENCE)]


@pytest.mark.parametrize(
    "forgery",
    [
        {"Message": '{"action":"subscribe-success","customer-identifier":"cust-1","product-code":"prod-datakit"}'},
        {"Signature": "AAAA"},
        {"Signature": "no base64!"},
        {"SignatureVersion": "3"},
        {"SignatureVersion": "2"},
        {"MessageId": "another"},
        {"TopicArn": TOPIC + "-other"},
        {"SigningCertURL": "https://sns.us-east-1.amazonaws.com.evil.example/x.pem"},
        {"SigningCertURL": "https://evil@sns.us-east-1.amazonaws.com/x.pem"},
        {"SigningCertURL": "http://sns.us-east-1.amazonaws.com/x.pem"},
        {"SigningCertURL": "https://s3.us-east-1.amazonaws.com/x.pem"},
        {"SigningCertURL": "https://[/x.pem"},
        {"SigningCertURL": f"https://evil@sns.us-east-1.amazonaws.com/{CERTIFICATE}"},
        {"SigningCertURL": f"https://sns.us-east-1.amazonaws.com:8443/{CERTIFICATE}"},
        {"Type": "Other"},
    ],
)
async def test_a_forged_message_changes_nothing(seller: Seller, forgery: dict[str, str]) -> None:
    await linked(seller)
    answer = await seller.http.post("/sns", json=signed(seller) | forgery)
    assert (answer.status_code, seller.host.calls, await Notification.all().count()) == (403, [], 0)


@pytest.mark.parametrize(
    "address",
    [f"?Action=ConfirmSubscription&x={CERTIFICATE}", f"?x=/{CERTIFICATE}", "x.pem", f"a/{CERTIFICATE}", "#.pem"],
)
async def test_a_certificate_is_taken_from_its_whole_address_alone(seller: Seller, address: str) -> None:
    await linked(seller)
    answer = await seller.http.post("/sns", json=signed(seller) | {"SigningCertURL": f"{seller.aws.url}/{address}"})
    assert (answer.status_code, seller.host.calls) == (403, [])
    assert "URL is not one of SNS's certificates" in answer.text


@pytest.mark.parametrize("whose", ["evil.example", "sns.us-east-1.amazonaws.com.evil.example", "s3.amazonaws.com"])
async def test_a_certificate_of_somebody_else_signs_nothing(
    seller: Seller, whose: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await linked(seller)
    monkeypatch.setattr(seller.aws, "_certificate", certificate_of(seller.aws._key, whose))
    answer = await seller.http.post("/sns", json=signed(seller))
    assert (answer.status_code, seller.host.calls) == (403, [])
    assert "the certificate is not SNS's" in answer.text


async def test_a_signed_message_of_another_topic_changes_nothing(seller: Seller) -> None:
    await linked(seller)
    answer = await seller.http.post("/sns", json=signed(seller, TopicArn="arn:aws:sns:us-east-1:1:mine"))
    assert (answer.status_code, seller.host.calls) == (403, [])


async def test_a_replayed_message_changes_nothing(seller: Seller) -> None:
    account = await linked(seller)
    message = signed(seller, "subscribe-success")
    for _ in range(3):
        assert (await seller.http.post("/sns", json=message)).status_code == 200
    assert seller.host.calls == [("confirmed", account, REFERENCE)]


async def test_a_message_whose_effect_failed_is_taken_again(seller: Seller, monkeypatch: pytest.MonkeyPatch) -> None:
    account = await linked(seller)
    message = signed(seller)

    async def down(*args: Any) -> None:
        raise ConnectionError

    with monkeypatch.context() as patch:
        patch.setattr(seller.host, "binding_ended", down)
        with pytest.raises(ConnectionError):
            await seller.http.post("/sns", json=message)
    assert (await seller.http.post("/sns", json=message)).status_code == 200
    assert seller.host.calls == [("ended", account, REFERENCE, BindingEnd.UNSUBSCRIBED)]


async def test_older_news_does_not_undo_newer(seller: Seller) -> None:
    account = await linked(seller)
    older = signed(seller, "subscribe-success")
    seller.world.forward(minutes=5)
    await announce(seller, "unsubscribe-success")
    assert (await seller.http.post("/sns", json=older)).status_code == 200
    assert seller.host.calls == [("ended", account, REFERENCE, BindingEnd.UNSUBSCRIBED)]
    assert (await Subscription.get()).state == "UNSUBSCRIBED"


async def test_leaving_gives_one_more_hour_and_a_refusal_ends_the_link(seller: Seller) -> None:
    account = await linked(seller)
    await announce(seller, "unsubscribe-pending")
    assert seller.host.calls == [("soon", account, REFERENCE, seller.world() + timedelta(hours=1))]
    await announce(seller, "subscribe-fail")
    assert seller.host.calls[1:] == [("ended", account, REFERENCE, BindingEnd.REFUSED)]


async def test_what_changes_nothing_is_recorded(seller: Seller) -> None:
    await announce(seller, "entitlement-updated")
    assert (await Notification.get()).action == "entitlement-updated"


async def test_a_subscription_to_the_topic_is_confirmed_at_amazon_only(seller: Seller) -> None:
    confirmation = seller.aws.notification("You have chosen to subscribe", Type="SubscriptionConfirmation")
    assert (await seller.http.post("/sns", json=confirmation)).status_code == 200
    assert seller.aws.confirmed == ["confirm-me"]
    elsewhere = seller.aws.signed(confirmation | {"SubscribeURL": "https://evil.example/"})
    assert (await seller.http.post("/sns", json=elsewhere)).status_code == 403


async def test_the_life_of_an_agreement_by_eventbridge(seller: Seller) -> None:
    account = await linked(seller)
    for name, status in (
        ("Purchase Agreement Created - Proposer", "ACTIVE"),
        ("License Updated - Manufacturer", "ACTIVE"),
        ("Purchase Agreement Ended - Proposer", "RENEWED"),
        ("Purchase Agreement Ended - Proposer", "CANCELLED"),
        ("License Deprovisioned - Manufacturer", "CANCELLED"),
    ):
        assert await send(seller, event(seller, name, status)) == 200
    assert [call[0] for call in seller.host.calls] == ["confirmed", "soon", "ended"]
    assert {call[1] for call in seller.host.calls} == {account}


@pytest.mark.parametrize("key", ["", "event-ke", "event-key2", "schlüssel"])
async def test_a_wrong_api_key_changes_nothing(seller: Seller, key: str) -> None:
    await linked(seller)
    content = event(seller, "License Deprovisioned - Manufacturer")
    headers = {b"x-api-key": key.encode()}
    answer = await seller.http.post("/events", json=content, headers=headers)
    assert (answer.status_code, seller.host.calls) == (401, [])


@pytest.mark.parametrize("content", [[], {}, {"source": "aws.agreement-marketplace"}, "x", None])
async def test_what_is_no_event_is_refused(seller: Seller, content: Any) -> None:
    assert await send(seller, content) == 400


async def test_events_of_other_sources_and_products_are_left_alone(seller: Seller) -> None:
    await linked(seller)
    other = event(seller, "License Deprovisioned - Manufacturer")
    other["detail"]["product"]["code"] = "prod-other"
    assert await send(seller, other) == 200
    assert await send(seller, {"source": "aws.ec2"}) == 200
    assert seller.host.calls == []
    assert (await bind(seller, uuid4(), claimCode=await code_of(seller))).state == BindState.PENDING
