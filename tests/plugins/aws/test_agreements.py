"""Agreements that are confirmed, renewed, replaced, suspended and ended, as AWS's agreement API and events say."""

from __future__ import annotations

from uuid import uuid4

import pytest
from settlement_aws.models import Subscription
from settlement_spec import BindingEnd, BindState, Outcome

from tests.plugins.aws.conftest import ACCOUNT, ARN, Seller
from tests.plugins.aws.helpers import REFERENCE, agreed, bind, charge, code_of, event, quantities, send, settle

NEXT = f"{ARN}-2"


async def renew(seller: Seller, status: str = "RENEWED") -> None:
    """At AWS, the agreement goes on as another one, with a license of its own."""
    seller.aws.agreement("agmt-1", ACCOUNT, ARN, status)
    del seller.aws.licenses[ARN]
    seller.aws.customer(ACCOUNT, NEXT)
    seller.aws.agreement("agmt-2", ACCOUNT, NEXT, initial="agmt-1")


async def test_a_license_that_is_updated_confirms_a_link_and_undoes_no_end(seller: Seller) -> None:
    account = uuid4()
    code = await code_of(seller, agreement="agmt-1")
    assert (await bind(seller, account, claimCode=code)).state == BindState.PENDING
    await send(seller, event(seller, "License Updated - Manufacturer"))
    assert seller.host.calls == [("confirmed", account, REFERENCE)]
    for minutes, name in enumerate(("Purchase Agreement Ended - Proposer", "License Updated - Manufacturer"), 1):
        seller.world.forward(minutes=minutes)
        await send(seller, event(seller, name, "CANCELLED"))
    assert [call[0] for call in seller.host.calls] == ["confirmed", "soon"]
    assert (await Subscription.get()).state == "LEAVING"


@pytest.mark.parametrize("status", ["RENEWED", "REPLACED"])
@pytest.mark.parametrize("licensed", [True, False])
async def test_an_agreement_that_goes_on_as_another_is_followed(seller: Seller, status: str, licensed: bool) -> None:
    account = await agreed(seller)
    await renew(seller, status)
    await send(seller, event(seller, "Purchase Agreement Ended - Proposer", status, arn=None))
    name = "License Updated - Manufacturer" if licensed else "Purchase Agreement Created - Proposer"
    await send(seller, event(seller, name, arn=NEXT if licensed else None, agreement="agmt-2"))
    await send(seller, event(seller, "License Deprovisioned - Manufacturer"))
    seller.host.calls.clear()
    [result] = await settle(seller, charge(seller, account, 30))
    assert result.outcome == Outcome.SETTLED
    assert [(key[1], held["record"]["Quantity"]) for key, held in seller.aws.book.items()] == [(NEXT, 30)]
    assert seller.host.calls == []
    await send(seller, event(seller, "License Deprovisioned - Manufacturer", arn=NEXT, agreement="agmt-2"))
    assert seller.host.calls == [("ended", account, REFERENCE, BindingEnd.UNSUBSCRIBED)]


async def test_an_old_license_that_goes_before_the_new_one_comes_ends_nothing(seller: Seller) -> None:
    account = await agreed(seller)
    await renew(seller)
    await send(seller, event(seller, "License Deprovisioned - Manufacturer"))
    one = charge(seller, account, 30)
    del seller.aws.agreements["agmt-2"]
    seller.aws.licenses[ARN] = "another account"
    [waits] = await settle(seller, one)
    assert (waits.outcome, "its successor is awaited" in (waits.reason or "")) == (Outcome.RETRY_LATER, True)
    await renew(seller)
    await send(seller, event(seller, "License Updated - Manufacturer", arn=NEXT, agreement="agmt-2"))
    [done] = await settle(seller, one)
    assert done.outcome == Outcome.SETTLED
    assert [(key[1], held["record"]["Quantity"]) for key, held in seller.aws.book.items()] == [(NEXT, 30)]
    assert not [call for call in seller.host.calls if call[0] == "ended"]


async def test_a_successor_without_a_license_yet_is_followed_when_it_has_one(seller: Seller) -> None:
    await agreed(seller)
    await renew(seller)
    seller.aws.agreement("agmt-2", ACCOUNT, NEXT, initial="agmt-1", entitlement="PENDING")
    created = event(seller, "Purchase Agreement Created - Proposer", arn=None, agreement="agmt-2")
    assert await send(seller, created) == 200
    assert (await Subscription.get()).license_arn == ARN
    await send(seller, event(seller, "License Updated - Manufacturer", arn=NEXT, agreement="agmt-2"))
    followed = await Subscription.get()
    assert (followed.license_arn, followed.agreement_id, followed.initial_agreement_id) == (NEXT, "agmt-2", "agmt-1")
    await code_of(seller, arn=NEXT, agreement="agmt-2")
    assert await Subscription.all().count() == 1


async def test_another_agreement_of_the_buyer_is_not_taken_for_a_successor(seller: Seller) -> None:
    await agreed(seller)
    seller.aws.customer(ACCOUNT, NEXT)
    seller.aws.agreement("agmt-2", ACCOUNT, NEXT)
    await send(seller, event(seller, "License Updated - Manufacturer", arn=NEXT, agreement="agmt-2"))
    assert (await Subscription.get()).license_arn == ARN


async def test_an_announcement_comes_again_while_aws_does_not_answer(seller: Seller) -> None:
    await agreed(seller)
    await renew(seller)
    news = event(seller, "License Updated - Manufacturer", arn=NEXT, agreement="agmt-2")
    seller.aws.misbehave["fail"] = 1
    assert await send(seller, news) == 503
    assert await send(seller, news) == 200
    assert (await Subscription.get()).license_arn == NEXT


@pytest.mark.parametrize(
    ("status", "entitlement", "said"),
    [("ACTIVE", "FAILED", "ACTIVE, with the entitlements: FAILED"), ("RENEWED", "PROVISIONED", "successor is awaited")],
)
async def test_who_is_not_subscribed_for_the_moment_stays_linked(
    seller: Seller, status: str, entitlement: str, said: str
) -> None:
    account = await agreed(seller)
    one = charge(seller, account)
    seller.aws.subscribed.discard(ACCOUNT)
    seller.aws.agreement("agmt-1", ACCOUNT, ARN, status, entitlement=entitlement)
    seller.host.calls.clear()
    [waits] = await settle(seller, one)
    assert (waits.outcome, said in (waits.reason or "")) == (Outcome.RETRY_LATER, True)
    seller.aws.customer(ACCOUNT, ARN)
    [done] = await settle(seller, one)
    assert done.outcome == Outcome.SETTLED
    assert quantities(seller) == {"2026-03-02T15": 20}
    assert seller.host.calls == []


@pytest.mark.parametrize("status", ["CANCELLED", "EXPIRED", "TERMINATED"])
async def test_who_has_ended_the_agreement_is_unlinked(seller: Seller, status: str) -> None:
    account = await agreed(seller)
    seller.aws.subscribed.discard(ACCOUNT)
    seller.aws.agreement("agmt-1", ACCOUNT, ARN, status)
    [result] = await settle(seller, charge(seller, account))
    assert (result.outcome, status in (result.reason or "")) == (Outcome.REJECTED, True)
    assert seller.host.calls[-1] == ("ended", account, REFERENCE, BindingEnd.UNSUBSCRIBED)


async def test_while_aws_does_not_say_what_became_of_an_agreement_nothing_ends(seller: Seller) -> None:
    account = await agreed(seller)
    seller.aws.subscribed.discard(ACCOUNT)
    del seller.aws.agreements["agmt-1"]
    seller.host.calls.clear()
    [waits] = await settle(seller, charge(seller, account))
    assert (waits.outcome, "does not say what became" in (waits.reason or "")) == (Outcome.RETRY_LATER, True)
    assert seller.host.calls == []
