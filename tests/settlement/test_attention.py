"""What staff do about a charge that needs attention, and what is written down of it."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from settlement_spec import BindingEnd, Outcome, SettlementResult

from app import clock
from app.api.node import encode_id
from app.billing.ledger import balances, check
from app.bootstrap import Runtime
from app.events.models import Event
from app.settlement.models import BindingState, ChannelBinding, Settlement
from app.settlement.settling import settle_due
from tests.api.driver import Api
from tests.api.wallets import staff
from tests.conftest import TravellingClock
from tests.settlement.conftest import Owing, Scripted


@pytest.fixture
async def refused(owing: Owing, scripted: Scripted, runtime: Runtime) -> Settlement:
    """A settlement that the channel refused."""
    await owing()
    scripted.answer = lambda charge: SettlementResult(charge.id, Outcome.REJECTED, reason="unknown dimension")
    await settle_due(runtime.host)
    return await Settlement.get()


async def told(account_id: UUID, type: str) -> dict[str, object]:
    """What the one event of a type says."""
    event = await Event.get(account_id=account_id, type=type)
    return {
        "by": event.actor_kind,
        "at": event.at,
        "before": event.before,
        "after": event.after,
        "reason": event.reason,
    }


async def test_a_retried_charge_is_handed_over_again(
    refused: Settlement, scripted: Scripted, runtime: Runtime, api: Api, travelling_clock: TravellingClock
) -> None:
    finance = await staff(api)
    travelling_clock.forward(minutes=30)
    answer = await finance.call("retrySettlement", "settlement { id state }", settlementId=encoded(refused))
    assert answer["settlement"] == {"id": encoded(refused), "state": "PENDING"}
    assert await told(refused.account_id, "settlement.retried") == {
        "by": "STAFF",
        "at": travelling_clock.at,
        "before": {"charge": str(refused.charge_id), "state": "NEEDS_ATTENTION"},
        "after": {"state": "PENDING", "channel": "scripted"},
        "reason": "unknown dimension",
    }
    scripted.answer = lambda charge: SettlementResult(charge.id, Outcome.SETTLED)
    assert await settle_due(runtime.host) == 1
    assert [charge.id for charge in scripted.handed] == [refused.charge_id] * 2
    assert await check() == []


async def test_a_charge_settled_by_hand_keeps_its_proof(
    refused: Settlement, scripted: Scripted, runtime: Runtime, api: Api, travelling_clock: TravellingClock
) -> None:
    finance = await staff(api)
    travelling_clock.forward(minutes=30)
    answer = await finance.call(
        "settleByHand",
        "settlement { id state providerReference settledAt }",
        settlementId=encoded(refused),
        providerReference="r-7",
        reason="found on the provider's bill",
    )
    at = travelling_clock.at
    assert answer["settlement"] == {
        "id": encoded(refused),
        "state": "SETTLED",
        "providerReference": "r-7",
        "settledAt": "2026-03-19T00:40:00+08:00",
    }
    assert await told(refused.account_id, "settlement.settled") == {
        "by": "STAFF",
        "at": at,
        "before": {"charge": str(refused.charge_id), "state": "NEEDS_ATTENTION"},
        "after": {"state": "SETTLED", "channel": "scripted"},
        "reason": "found on the provider's bill",
    }
    assert (await balances(refused.account_id))["channel:scripted", "CNY"] == 10_000
    assert await settle_due(runtime.host) == 0
    assert await check() == []


async def test_a_reason_and_a_record_are_asked_for(refused: Settlement, api: Api) -> None:
    finance = await staff(api)
    by_hand = {"settlementId": encoded(refused), "providerReference": "r-7", "reason": "found"}
    for wrong, value in (
        ("providerReference", " "),
        ("providerReference", "x" * 201),
        ("reason", ""),
        ("reason", "x" * 501),
    ):
        answer = await finance.call("settleByHand", "settlement { id }", None, **{**by_hand, wrong: value})
        assert (answer["__typename"], answer["path"]) == ("InvalidInputError", [wrong])
    assert await Settlement.get() == refused


async def test_what_is_not_there_is_not_found(refused: Settlement, api: Api) -> None:
    finance = await staff(api)
    absent = encoded(Settlement(id=refused.charge_id))
    answer = await finance.call("retrySettlement", "settlement { id }", settlementId=absent)
    assert (answer["__typename"], answer["path"]) == ("NotFoundError", ["settlementId"])


async def test_a_charge_is_moved_to_the_channel_that_pays_for_its_own_account_when_somebody_made_sure(
    owing: Owing, scripted: Scripted, runtime: Runtime, api: Api, travelling_clock: TravellingClock
) -> None:
    mine, account, key = await owing()
    await owing("guance")
    scripted.answer = lambda charge: SettlementResult(charge.id, Outcome.UNKNOWN)
    await settle_due(runtime.host)
    travelling_clock.forward(hours=7)
    await settle_due(runtime.host)
    finance = await staff(api)
    (stuck,) = await Settlement.filter(account_id=key)
    assert (stuck.state, stuck.uncertain) == ("NEEDS_ATTENTION", True)
    move: dict[str, Any] = {"settlementId": encoded(stuck), "confirmUncollected": True}
    nowhere = await finance.call("moveSettlement", "settlement { id }", **move, reason="looked")
    assert (nowhere["code"], nowhere["path"]) == ("SETTLEMENT_CONFLICT", ["settlementId"])
    await mine.call("chooseSettlementChannel", "binding { state }", accountId=account, channel="guance")
    for wrong in ("", "x" * 501):
        refused = await finance.call("moveSettlement", "settlement { id }", **move, reason=wrong)
        assert (refused["code"], refused["path"]) == ("INVALID_INPUT", ["reason"])
    moved = await finance.call("moveSettlement", "settlement { state channel }", **move, reason="x" * 500)
    assert moved["settlement"] == {"state": "PENDING", "channel": "guance"}
    await stuck.refresh_from_db()
    assert (stuck.uncertain, stuck.attempts, stuck.claimed_until) == (False, 0, None)
    while await settle_due(runtime.host):
        pass
    assert await check() == []


async def test_what_was_uncertain_is_certain_once_it_is_settled_by_hand(
    owing: Owing, scripted: Scripted, runtime: Runtime, api: Api, travelling_clock: TravellingClock
) -> None:
    _, _, key = await owing()
    scripted.answer = lambda charge: SettlementResult(charge.id, Outcome.UNKNOWN)
    await settle_due(runtime.host)
    travelling_clock.forward(hours=7)
    await settle_due(runtime.host)
    (stuck,) = await Settlement.filter(account_id=key)
    by_hand: dict[str, Any] = {"settlementId": encoded(stuck), "providerReference": "r", "reason": "found it"}
    await (await staff(api)).call("settleByHand", "__typename", **by_hand)
    await stuck.refresh_from_db()
    assert (stuck.state, stuck.uncertain) == ("SETTLED", False)
    for mutation in ("settleByHand", "retrySettlement"):
        given = by_hand if mutation == "settleByHand" else {"settlementId": encoded(stuck)}
        over = await (await staff(api)).call(mutation, "__typename", **given)
        assert (over["code"], over["path"]) == ("SETTLEMENT_CONFLICT", ["settlementId"])


OUTCOMES = "outcomes { settlementId settlement { state channel } error { code message path } }"


async def test_two_who_retry_the_same_many_in_other_orders_do_not_wait_for_each_other_in_a_circle(
    owing: Owing, scripted: Scripted, runtime: Runtime, api: Api
) -> None:
    for _ in range(3):
        await owing()
    scripted.answer = lambda charge: SettlementResult(charge.id, Outcome.REJECTED, reason="unknown dimension")
    while await settle_due(runtime.host):
        pass
    ids = [encoded(one) for one in await Settlement.all().order_by("id")]
    finance = await staff(api)
    answers = await asyncio.gather(
        finance.call("retrySettlements", OUTCOMES, settlementIds=ids, idempotencyKey="forwards"),
        finance.call("retrySettlements", OUTCOMES, settlementIds=ids[::-1], idempotencyKey="backwards"),
    )
    refused = sorted(sum(one["error"] is not None for one in answer["outcomes"]) for answer in answers)
    assert refused == [0, 3]


async def test_many_are_retried_at_once_and_what_is_refused_holds_up_no_other(
    owing: Owing, scripted: Scripted, runtime: Runtime, api: Api
) -> None:
    for _ in range(3):
        await owing()
    scripted.answer = lambda charge: SettlementResult(charge.id, Outcome.REJECTED, reason="unknown dimension")
    while await settle_due(runtime.host):
        pass
    stuck = await Settlement.all().order_by("id")
    assert {one.state for one in stuck} == {"NEEDS_ATTENTION"}
    await Settlement.filter(id=stuck[1].id).update(state="PENDING")
    absent = encode_id("Settlement", stuck[0].charge_id)
    ids = [encoded(stuck[0]), encoded(stuck[1]), absent, "nothing", encoded(stuck[2]), encoded(stuck[0])]
    finance = await staff(api)
    for _ in range(2):
        done = await finance.call("retrySettlements", OUTCOMES, settlementIds=ids, idempotencyKey="once")
        found = {one["settlementId"]: one for one in done["outcomes"]}
        assert list(found) == ids[:-1]
        assert [(one["error"] or {}).get("code") for one in done["outcomes"]] == [
            None, "SETTLEMENT_CONFLICT", "NOT_FOUND", "INVALID_INPUT", None,
        ]  # fmt: skip
        assert found[ids[0]]["settlement"] == {"state": "PENDING", "channel": "scripted"}
        assert found[ids[1]]["settlement"] is None
    assert await Event.filter(type="settlement.retried").count() == 2
    again = await finance.call("retrySettlements", OUTCOMES, settlementIds=ids[:1])
    assert again["outcomes"][0]["error"]["code"] == "SETTLEMENT_CONFLICT"
    many = await finance.call("retrySettlements", OUTCOMES, settlementIds=["x"] * 501)
    assert many["code"] == "LIMIT_EXCEEDED"


async def test_many_are_moved_and_settled_by_hand_at_once(
    owing: Owing, scripted: Scripted, runtime: Runtime, api: Api
) -> None:
    mine, account, _ = await owing()
    other, _, _ = await owing()
    scripted.answer = lambda charge: SettlementResult(charge.id, Outcome.REJECTED, reason="unknown dimension")
    while await settle_due(runtime.host):
        pass
    await mine.call("chooseSettlementChannel", "binding { state }", accountId=account, channel="guance")
    ids = [encoded(one) for one in await Settlement.all().order_by("id")]
    denied = await other.call("moveSettlements", OUTCOMES, settlementIds=ids, reason="looked")
    assert denied["code"] == "PERMISSION_DENIED"
    finance = await staff(api)
    moved = (await finance.call("moveSettlements", OUTCOMES, settlementIds=ids, reason="looked"))["outcomes"]
    left = [one["settlementId"] for one in moved if one["error"]]
    assert [one["settlement"] for one in moved if not one["error"]] == [
        {"state": "PENDING", "channel": "guance"} for _ in range(len(ids) - len(left))
    ]
    assert 0 < len(left) < len(ids)
    by_hand: dict[str, Any] = {"settlementIds": ids, "providerReference": "r-1", "reason": "the bank has it"}
    done = (await finance.call("settleManyByHand", OUTCOMES, None, **by_hand))["outcomes"]
    assert [one["settlementId"] for one in done if not one["error"]] == left
    assert await Settlement.filter(state="SETTLED", provider_reference="r-1").count() == len(left)
    assert await check() == []


async def test_an_ended_link_leaves_the_accounts_links_with_other_channels_alone(
    owing: Owing, scripted: Scripted, runtime: Runtime
) -> None:
    _, _, key = await owing()
    other = await ChannelBinding.create(
        account_id=key,
        channel="another",
        state=BindingState.PENDING,
        configuration={},
        external_reference="subscription-1",
        created_at=clock.now(),
    )
    soon = clock.now() + timedelta(hours=1)
    await Settlement.filter(account_id=key).update(binding_id=other.id)
    assert scripted.host is not None
    await scripted.host.settle_soon(key, "subscription-1", soon)
    assert await Settlement.filter(deadline=soon).count() == 0
    await scripted.host.binding_ended(key, "subscription-1", BindingEnd.UNSUBSCRIBED, "unsubscribed")
    await other.refresh_from_db()
    assert (other.state, other.ended_by) == (BindingState.PENDING, None)
    assert [one.binding_id for one in await Settlement.filter(account_id=key)] == [other.id]


def encoded(settlement: Settlement) -> str:
    """The identifier of a settlement in the API."""
    return encode_id("Settlement", settlement.id)


async def test_a_change_is_seen_by_the_next_one_of_its_request(
    refused: Settlement, api: Api, travelling_clock: TravellingClock
) -> None:
    finance = await staff(api)
    answer = await finance.data(
        """mutation ($charge: ID!, $settlement: ID!) {
          issueCreditNote(chargeId: $charge, amount: "1.00", reason: "an outage") {
            ... on IssueCreditNoteSuccess { creditNote { credits { settlement { state } } } }
          }
          settleByHand(settlementId: $settlement, providerReference: "r-7", reason: "found") {
            ... on SettleByHandSuccess { settlement { state charge { settlement { state } } } }
          }
        }""",
        charge=encode_id("Charge", refused.charge_id),
        settlement=encoded(refused),
    )
    before = answer["issueCreditNote"]["creditNote"]["credits"]["settlement"]
    assert before == {"state": "NEEDS_ATTENTION"}
    after = answer["settleByHand"]["settlement"]
    assert after == {"state": "SETTLED", "charge": {"settlement": {"state": "SETTLED"}}}
