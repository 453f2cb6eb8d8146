"""What staff do about a charge that needs attention, and what is written down of it."""

from __future__ import annotations

from uuid import UUID

import pytest
from settlement_spec import Outcome, SettlementResult

from app.api.node import encode_id
from app.billing.ledger import balances, check
from app.bootstrap import Runtime
from app.events.models import Event
from app.settlement.models import Settlement
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


def encoded(settlement: Settlement) -> str:
    """The identifier of a settlement in the API."""
    return encode_id("Settlement", settlement.id)
