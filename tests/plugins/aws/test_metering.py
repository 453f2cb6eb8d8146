"""Metering over the wire: each charge once, in an hour that stays the same, whatever AWS does."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from settlement_spec import BindingEnd, ChargeKind, HealthStatus, Money, Outcome

from tests.plugins.aws.conftest import ACCOUNT, ARN, Seller
from tests.plugins.aws.helpers import REFERENCE, agreed, bind, charge, code_of, quantities, settle, subscribed


async def test_a_day_is_metered_in_its_last_hour_and_again_answers_the_same(seller: Seller) -> None:
    one = charge(seller, await subscribed(seller), units=23)
    [first] = await settle(seller, one)
    seller.world.forward(hours=1)
    [again] = await settle(seller, one)
    assert (first, first.outcome) == (again, Outcome.SETTLED)
    assert quantities(seller) == {"2026-03-02T15": 23}
    [held] = seller.aws.book.values()
    assert held["id"] == first.provider_reference
    assert held["record"] == {
        "Timestamp": held["record"]["Timestamp"],
        "Dimension": "datakit_days",
        "Quantity": 23,
        "CustomerAWSAccountId": ACCOUNT,
        "LicenseArn": ARN,
    }


@pytest.mark.parametrize("trouble", ["throttle", "fail", "drop", "drop_after_accepting", "time_out_after_accepting"])
async def test_trouble_is_retried_with_the_same_record_and_collected_once(seller: Seller, trouble: str) -> None:
    one = charge(seller, await subscribed(seller))
    if trouble == "time_out_after_accepting":
        await seller.restart(timeout_seconds="0.3")
    seller.aws.misbehave[trouble] = 2
    [waiting] = await settle(seller, one)
    assert waiting.outcome == (Outcome.RETRY_LATER if trouble == "throttle" else Outcome.UNKNOWN)
    assert waiting.retry_at is not None
    seller.aws.misbehave.clear()
    await seller.restart(timeout_seconds="5")
    seller.world.forward(hours=2)
    [done] = await settle(seller, one)
    assert done.outcome == Outcome.SETTLED
    assert quantities(seller) == {"2026-03-02T15": 20}
    sent = [asked["body"] for asked in seller.aws.requests if "UsageRecords" in asked["body"]]
    assert all(body == sent[0] for body in sent)


async def test_unprocessed_records_are_handed_over_again(seller: Seller) -> None:
    one = charge(seller, await subscribed(seller))
    seller.aws.misbehave["unprocessed"] = 1
    assert [result.outcome for result in await settle(seller, one)] == [Outcome.RETRY_LATER]
    assert [result.outcome for result in await settle(seller, one)] == [Outcome.SETTLED]


async def test_one_charge_at_once_by_many_workers_is_one_record(seller: Seller) -> None:
    one = charge(seller, await subscribed(seller))
    answers = await asyncio.gather(*(settle(seller, one) for _ in range(10)))
    assert {answer[0].outcome for answer in answers} == {Outcome.SETTLED}
    assert quantities(seller) == {"2026-03-02T15": 20}


async def test_accounts_of_one_subscription_are_summed_or_take_another_hour(seller: Seller) -> None:
    a, b, c = [await subscribed(seller) for _ in range(3)]
    together = await settle(seller, charge(seller, a, 20), charge(seller, b, 30))
    assert len({result.provider_reference for result in together}) == 1
    [separate] = await settle(seller, charge(seller, c, 40))
    assert separate.outcome == Outcome.SETTLED
    assert sorted(quantities(seller).values()) == [40, 50]


async def test_charges_that_share_a_record_stay_unknown_until_it_is_answered_for(seller: Seller) -> None:
    charges = [charge(seller, await subscribed(seller), units) for units in (20, 30)]
    seller.aws.misbehave["throttle"] = 1
    assert {result.outcome for result in await settle(seller, *charges)} == {Outcome.UNKNOWN}
    assert (await settle(seller, charges[0]))[0].outcome == Outcome.SETTLED
    assert (await settle(seller, charges[1]))[0].outcome == Outcome.SETTLED
    assert list(quantities(seller).values()) == [50]


async def test_when_no_hour_is_free_the_charge_waits_for_the_next(seller: Seller) -> None:
    account = await subscribed(seller)
    seller.world.at = seller.world.at.replace(hour=16, minute=30)
    outcomes = [(await settle(seller, charge(seller, account)))[0] for _ in range(25)]
    assert [result.outcome for result in outcomes] == [Outcome.SETTLED] * 24 + [Outcome.RETRY_LATER]
    assert outcomes[-1].retry_at == seller.world.at.replace(hour=17, minute=0)


async def test_a_downward_adjustment_lessens_a_record_of_its_batch_or_is_for_staff(seller: Seller) -> None:
    account = await subscribed(seller)
    down = charge(seller, account, -5, ChargeKind.ADJUSTMENT)
    [alone] = await settle(seller, down)
    assert (alone.outcome, "refund 5 units" in (alone.reason or "")) == (Outcome.REJECTED, True)
    results = await settle(seller, charge(seller, account, -5, ChargeKind.ADJUSTMENT), charge(seller, account, 20))
    assert [result.outcome for result in results] == [Outcome.SETTLED] * 2
    assert quantities(seller) == {"2026-03-02T15": 15}


async def test_a_charge_of_zero_units_is_a_record_of_zero(seller: Seller) -> None:
    [done] = await settle(seller, charge(seller, await subscribed(seller), 0))
    assert done.outcome == Outcome.SETTLED
    assert quantities(seller) == {"2026-03-02T15": 0}


async def test_a_missed_window_is_rejected_and_nothing_is_metered(seller: Seller) -> None:
    account = await subscribed(seller)
    one, other = charge(seller, account), charge(seller, account)
    seller.world.forward(hours=23)
    assert [result.outcome for result in await settle(seller, one)] == [Outcome.SETTLED]
    seller.world.forward(hours=1)
    [late] = await settle(seller, other)
    assert (late.outcome, "window missed" in (late.reason or "")) == (Outcome.REJECTED, True)
    assert list(quantities(seller)) == ["2026-03-02T15"]


async def test_a_months_last_day_is_metered_until_six_on_the_first(seller: Seller) -> None:
    seller.world.at = seller.world.at.replace(month=3, day=31)
    account = await subscribed(seller)
    one, other = charge(seller, account), charge(seller, account)
    seller.world.at = seller.world.at.replace(month=4, day=1, hour=5, minute=50)
    assert [result.outcome for result in await settle(seller, one)] == [Outcome.SETTLED]
    seller.world.forward(minutes=20)
    [late] = await settle(seller, other)
    assert (late.outcome, "until 2026-04-01T06:00Z" in (late.reason or "")) == (Outcome.REJECTED, True)


async def test_a_day_that_is_charged_before_its_end_goes_into_the_last_complete_hour(seller: Seller) -> None:
    account = await subscribed(seller)
    seller.world.at = seller.world.at.replace(hour=12, minute=0)
    today = replace(charge(seller, account, 50), due_from=seller.world())
    assert [result.outcome for result in await settle(seller, today)] == [Outcome.SETTLED]
    assert quantities(seller) == {"2026-03-02T11": 50}


@pytest.mark.parametrize(("units", "minor"), [(0, 1000), (0, -500), (5, 0)])
async def test_an_amount_that_its_units_do_not_say_is_not_settled_by_them(
    seller: Seller, units: int, minor: int
) -> None:
    one = replace(charge(seller, await subscribed(seller), units), amount=Money(minor, "CNY"))
    [result] = await settle(seller, one)
    assert (result.outcome, "do not belong together" in (result.reason or "")) == (Outcome.REJECTED, True)
    assert not seller.aws.book


async def test_a_record_is_sent_again_to_the_region_that_may_have_it(seller: Seller) -> None:
    account = await subscribed(seller)
    one = charge(seller, account)
    seller.aws.misbehave["drop_after_accepting"] = 1
    assert [result.outcome for result in await settle(seller, one)] == [Outcome.UNKNOWN]
    await seller.restart(region="eu-west-1")
    assert [result.outcome for result in await settle(seller, one)] == [Outcome.SETTLED]
    seller.world.forward(days=1)
    assert [result.outcome for result in await settle(seller, charge(seller, account))] == [Outcome.SETTLED]
    assert [(key[3], key[4]) for key in seller.aws.book] == [
        ("2026-03-02T15", "us-east-1"),
        ("2026-03-03T15", "eu-west-1"),
    ]


async def test_one_agreements_zeros_do_not_take_anothers_hours(seller: Seller) -> None:
    await seller.restart(rhythm="hourly")
    seller.world.at = seller.world.at.replace(hour=8)
    await subscribed(seller)
    other = await subscribed(seller, arn=f"{ARN}-2")
    seller.world.at = seller.world.at.replace(hour=20)
    await seller.channel.tick(seller.world())
    late = charge(seller, other, 42, reference=f"{ACCOUNT}/{ARN}-2", kind=ChargeKind.ADJUSTMENT)
    assert [result.outcome for result in await settle(seller, late)] == [Outcome.SETTLED]
    hours = {name: sorted(key[3] for key in seller.aws.book if key[1] == name) for name in (ARN, f"{ARN}-2")}
    assert hours[ARN] == [f"2026-03-02T{hour:02}" for hour in range(9, 17)]
    assert hours[f"{ARN}-2"] == [*hours[ARN], "2026-03-02T19"]


async def test_a_request_has_one_product(seller: Seller) -> None:
    await seller.restart(product_code="prod-datakit,prod-other")
    one = await agreed(seller)
    two = await agreed(seller, f"{ARN}-2", "agmt-2", product="prod-other")
    results = await settle(seller, charge(seller, one), charge(seller, two, reference=f"{ACCOUNT}/{ARN}-2"))
    assert [result.outcome for result in results] == [Outcome.SETTLED] * 2
    assert seller.aws.refused == []


async def test_an_instalment_is_refused_and_the_day_beside_it_is_metered(seller: Seller) -> None:
    account_id = await subscribed(seller)
    instalment, day = charge(seller, account_id, 1, ChargeKind.INSTALMENT), charge(seller, account_id)
    refused, settled = await settle(seller, instalment, day)
    assert (refused.charge_id, refused.outcome) == (instalment.id, Outcome.REJECTED)
    assert "cannot collect an instalment" in (refused.reason or "")
    assert (settled.outcome, list(quantities(seller).values())) == (Outcome.SETTLED, [20])


async def test_one_bad_record_does_not_keep_the_others_from_being_metered(seller: Seller) -> None:
    good = await subscribed(seller)
    bad = await subscribed(seller, customer="210987654321", arn=f"{ARN}9999")
    del seller.aws.licenses[f"{ARN}9999"]
    results = await settle(seller, charge(seller, bad, reference=f"210987654321/{ARN}9999"), charge(seller, good, 33))
    assert [result.outcome for result in results] == [Outcome.REJECTED, Outcome.SETTLED]
    assert quantities(seller) == {"2026-03-02T15": 33}


async def test_who_is_not_subscribed_any_more_is_unlinked(seller: Seller) -> None:
    a = await agreed(seller)
    b = await subscribed(seller)
    seller.aws.subscribed.discard(ACCOUNT)
    seller.aws.agreement("agmt-1", ACCOUNT, ARN, "CANCELLED")
    [result] = await settle(seller, charge(seller, a))
    assert (result.outcome, "CustomerNotSubscribed" in (result.reason or "")) == (Outcome.REJECTED, True)
    ended = [call for call in seller.host.calls if call[0] == "ended"]
    expected = [("ended", account, REFERENCE, BindingEnd.UNSUBSCRIBED) for account in (a, b)]
    assert sorted(ended, key=str) == sorted(expected, key=str)


async def test_an_hour_that_somebody_else_metered_is_for_staff(seller: Seller) -> None:
    one = charge(seller, await subscribed(seller), 20)
    seller.aws.book[ACCOUNT, ARN, "datakit_days", "2026-03-02T15", "us-east-1"] = {"record": {"Quantity": 7}, "id": "x"}
    [result] = await settle(seller, one)
    assert (result.outcome, "DuplicateRecord" in (result.reason or "")) == (Outcome.REJECTED, True)


async def test_old_and_new_products_go_in_requests_of_their_own(seller: Seller) -> None:
    new, old = await subscribed(seller), uuid4()
    seller.aws.customer("", identifier="cust-old")
    await bind(seller, old, claimCode=await code_of(seller, None, None, "cust-old"))
    results = await settle(seller, charge(seller, new), charge(seller, old, reference="prod-datakit/cust-old"))
    assert [result.outcome for result in results] == [Outcome.SETTLED] * 2
    metered = [asked["body"] for asked in seller.aws.requests if "UsageRecords" in asked["body"]]
    assert sorted(body.get("ProductCode", "") for body in metered) == ["", "prod-datakit"]


async def test_play_money_needs_a_stand_in_and_takes_hours_of_the_present(seller: Seller) -> None:
    account = await subscribed(seller)
    ahead = charge(seller, account, ends=seller.world() + timedelta(days=40), sandbox=True)
    del seller.host.settings["endpoint_url"]
    await seller.restart()
    [refused] = await settle(seller, ahead)
    assert refused.outcome == Outcome.REJECTED
    await seller.restart(endpoint_url=seller.aws.url)
    [done] = await settle(seller, ahead)
    assert done.outcome == Outcome.SETTLED
    assert quantities(seller) == {"2026-03-02T15": 20}


async def test_another_accounts_subscription_pays_for_nobody_else(seller: Seller) -> None:
    await subscribed(seller)
    [result] = await settle(seller, charge(seller, uuid4(), reference=REFERENCE))
    assert result.outcome == Outcome.REJECTED
    assert not seller.aws.book


async def test_a_wrong_secret_is_seen_in_the_health_and_charges_wait(seller: Seller) -> None:
    account = await subscribed(seller)
    assert (await seller.channel.health()).status == HealthStatus.HEALTHY
    await seller.restart(secret_access_key="wrong-secret")
    [result] = await settle(seller, charge(seller, account))
    assert result.outcome == Outcome.RETRY_LATER
    health = await seller.channel.health()
    assert (health.status, "SignatureDoesNotMatch" in health.message) == (HealthStatus.UNHEALTHY, True)
    assert "wrong-secret" not in repr(vars(seller.channel)) + health.message + str(result)


async def test_what_was_metered_is_listed_by_the_ids_that_aws_gave(seller: Seller) -> None:
    account = await subscribed(seller)
    one, other = charge(seller, account, 20), charge(seller, account, 30)
    results = await settle(seller, one, other)
    now = seller.world()
    listed = await seller.channel.reconcile(now, now + timedelta(seconds=1))
    assert {(record.charge_id, record.units, record.amount) for record in listed} == {
        (sent.id, sent.units, sent.amount) for sent in (one, other)
    }
    assert {record.provider_reference for record in listed} == {results[0].provider_reference}
    assert await seller.channel.reconcile(now + timedelta(seconds=1), now + timedelta(days=1)) == []


async def test_the_hourly_rhythm_fills_the_hours_with_zeros_and_the_sum_stays(seller: Seller) -> None:
    await seller.restart(rhythm="hourly")
    seller.world.at = seller.world.at.replace(hour=8)
    account = await subscribed(seller)
    for _ in range(8):
        seller.world.forward(hours=1)
        await seller.channel.tick(seller.world())
    await settle(seller, charge(seller, account, 42))
    for _ in range(4):
        seller.world.forward(hours=1)
        await seller.channel.tick(seller.world())
    assert quantities(seller) == {f"2026-03-02T{hour:02}": 42 if hour == 15 else 0 for hour in range(9, 17)}


async def test_the_daily_rhythm_sends_no_zeros(seller: Seller) -> None:
    await subscribed(seller)
    seller.world.forward(hours=5)
    await seller.channel.tick(seller.world())
    assert not seller.aws.book
