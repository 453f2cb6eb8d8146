"""The settling machine: exactly one collection for each charge, whatever the channel answers."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import pytest
from settlement_spec import BindingEnd, BindState, Charge, ChargeBatch, Money, Outcome, SettlementResult

from app import clock
from app.accounts.models import Account, StaffRole
from app.api.node import decode_id
from app.billing import ledger
from app.billing.ledger import check
from app.bootstrap import Runtime
from app.catalog.keys import EditionKey
from app.settlement.models import Settlement, SettlementState
from app.settlement.settling import settle_due
from app.settlement.ticking import tick_due
from app.upgrades.models import Upgrade, UpgradeState
from app.worker import run_once
from tests.api.driver import PAY_AS_YOU_GO, Api, agreed, registered
from tests.api.wallets import staff
from tests.conftest import TravellingClock
from tests.settlement.conftest import Owing, Scripted

WITHOUT_DEADLINE = pytest.mark.parametrize("scripted", [None], indirect=True)
SETTLEMENTS = "charges { nodes { settlement { id state channel attempts uncertain reason providerReference } } }"


async def settlements(api: Api, account: str) -> list[dict[str, object]]:
    nodes = (await api.account(account, SETTLEMENTS))["charges"]["nodes"]
    return [node["settlement"] for node in nodes]


async def event_types(api: Api, account: str) -> list[str]:
    found = await api.account(account, "events(last: 20) { nodes { type } }")
    return [node["type"] for node in found["events"]["nodes"]]


async def test_a_charge_is_handed_over_once_with_its_times_and_units(
    owing: Owing, scripted: Scripted, runtime: Runtime
) -> None:
    mine, account, key = await owing()
    assert await settle_due(runtime.host) == 1
    assert await settle_due(runtime.host) == 0
    (charge,) = scripted.handed
    assert (charge.account_id, charge.units, charge.amount) == (key, 20, Money(10_000, "CNY"))
    assert charge.day.isoformat() == "2026-03-18"
    assert charge.due_from == charge.day_ends_at
    assert charge.day_ends_at.isoformat() == "2026-03-18T16:00:00+00:00"
    assert charge.external_reference == "subscription-1"
    (settled,) = await settlements(mine, account)
    assert (settled["state"], settled["uncertain"]) == ("SETTLED", False)
    assert await check() == []


@WITHOUT_DEADLINE
async def test_batches_keep_to_the_channels_limit(owing: Owing, scripted: Scripted, runtime: Runtime) -> None:
    await owing(days=8)
    while await settle_due(runtime.host):
        pass
    assert len({charge.id for charge in scripted.handed}) == 8
    assert scripted.batches == [3, 3, 2]


@pytest.mark.parametrize("outcome", [Outcome.RETRY_LATER, Outcome.UNKNOWN, None])
async def test_what_is_not_known_to_be_collected_is_handed_over_again_later(
    owing: Owing, scripted: Scripted, runtime: Runtime, travelling_clock: TravellingClock, outcome: Outcome | None
) -> None:
    mine, account, _ = await owing()
    scripted.answer = lambda charge: SettlementResult(charge.id, outcome) if outcome else None
    await settle_due(runtime.host)
    assert await settle_due(runtime.host) == 0
    (waiting,) = await settlements(mine, account)
    assert waiting["state"] == "PENDING"
    assert waiting["uncertain"] == (outcome != Outcome.RETRY_LATER)
    scripted.answer = lambda charge: SettlementResult(charge.id, Outcome.SETTLED)
    travelling_clock.forward(minutes=1)
    await settle_due(runtime.host)
    (settled,) = await settlements(mine, account)
    assert (settled["state"], settled["attempts"]) == ("SETTLED", 2)
    assert await check() == []


async def test_a_channel_that_raises_or_answers_nonsense_leaves_its_charges_waiting(
    owing: Owing, scripted: Scripted, runtime: Runtime, travelling_clock: TravellingClock
) -> None:
    mine, account, _ = await owing()

    def raises(charge: Charge) -> SettlementResult:
        raise RuntimeError("no")

    for answer in (raises, lambda charge: "nonsense"):
        scripted.answer = answer  # type: ignore[assignment]
        await settle_due(runtime.host)
        (waiting,) = await settlements(mine, account)
        assert (waiting["state"], waiting["uncertain"]) == ("PENDING", True)
        travelling_clock.forward(minutes=1)


LATER = Outcome.RETRY_LATER
FAR = timezone(timedelta(hours=-12))


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({"outcome": Outcome.SETTLED, "provider_reference": "x" * 201}, ("SETTLED", "x" * 200, None)),
        ({"outcome": Outcome.SETTLED, "provider_reference": "a\x00b\ud800"}, ("SETTLED", "ab?", None)),
        ({"outcome": Outcome.SETTLED, "provider_reference": 7}, ("SETTLED", "7", None)),
        ({"outcome": Outcome.REJECTED, "reason": "\x00" + "x" * 1001}, ("NEEDS_ATTENTION", None, "x" * 1000)),
        ({"outcome": LATER, "retry_at": datetime.fromisoformat("2026-05-01")}, ("PENDING", None, None)),
        ({"outcome": LATER, "retry_at": datetime.max.replace(tzinfo=FAR)}, ("PENDING", None, None)),
        ({"outcome": LATER, "retry_at": "tomorrow"}, ("PENDING", None, None)),
        ({"outcome": "DONE"}, ("PENDING", None, "the channel answered with no known outcome")),
    ],
)
async def test_an_answer_that_cannot_be_written_down_as_it_is_holds_up_no_other_charge(
    owing: Owing, scripted: Scripted, runtime: Runtime, told: dict[str, Any], expected: tuple[str, str, str]
) -> None:
    mine, account, odd = await owing()
    other, another, _ = await owing()
    scripted.answer = lambda charge: SettlementResult(
        charge.id, **(told if charge.account_id == odd else {"outcome": Outcome.SETTLED})
    )
    assert await settle_due(runtime.host) == 2
    (settled,) = await settlements(other, another)
    assert settled["state"] == "SETTLED"
    (found,) = await settlements(mine, account)
    assert (found["state"], found["providerReference"], found["reason"]) == expected
    row = await Settlement.get(account_id=odd)
    assert row.uncertain == (told["outcome"] == "DONE")
    if row.state == SettlementState.PENDING:
        assert clock.now() < row.next_attempt_at <= clock.now() + timedelta(days=30)


async def test_what_cannot_be_written_down_waits_and_holds_up_no_other_charge(
    owing: Owing, scripted: Scripted, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine, account, odd = await owing()
    other, another, _ = await owing()
    written = ledger.charges_settled

    async def refuses(settled: Sequence[ledger.Collected]) -> None:
        if any(one.charge.account_id == odd for one in settled):
            raise ValueError("not this one")
        await written(settled)

    with monkeypatch.context() as patch:
        patch.setattr(ledger, "charges_settled", refuses)
        assert await settle_due(runtime.host) == 2
    assert [one["state"] for one in await settlements(other, another)] == ["SETTLED"]
    assert [(one["state"], one["uncertain"]) for one in await settlements(mine, account)] == [("PENDING", True)]
    assert await check() == []


@WITHOUT_DEADLINE
async def test_the_worker_goes_on_to_other_work_although_a_channel_wants_each_charge_back_at_once(
    owing: Owing, scripted: Scripted, runtime: Runtime, travelling_clock: TravellingClock
) -> None:
    await owing(days=4)
    settle = scripted.settle

    async def slowly(batch: ChargeBatch) -> Sequence[SettlementResult]:
        travelling_clock.forward(seconds=10)
        return await settle(batch)

    scripted.settle = slowly  # type: ignore[method-assign]
    scripted.answer = lambda charge: SettlementResult(
        charge.id, Outcome.RETRY_LATER, retry_at=clock.now() - timedelta(minutes=10)
    )
    async with asyncio.timeout(20):
        await run_once(runtime.settings, runtime.host)
    assert len(scripted.handed) == 4


async def test_what_a_dead_worker_had_in_hand_is_handed_over_again_when_its_claim_ends(
    owing: Owing, scripted: Scripted, runtime: Runtime, travelling_clock: TravellingClock
) -> None:
    mine, account, _ = await owing()

    def dies(charge: Charge) -> SettlementResult:
        raise KeyboardInterrupt

    scripted.answer = dies
    with pytest.raises(KeyboardInterrupt):
        await settle_due(runtime.host)
    scripted.answer = lambda charge: SettlementResult(charge.id, Outcome.SETTLED)
    assert await settle_due(runtime.host) == 0
    travelling_clock.forward(minutes=2)
    assert await settle_due(runtime.host) == 1
    assert [found["state"] for found in await settlements(mine, account)] == ["SETTLED"]


@WITHOUT_DEADLINE
async def test_many_workers_hand_a_charge_over_once(owing: Owing, scripted: Scripted, runtime: Runtime) -> None:
    await owing(days=9)

    async def work() -> None:
        while await settle_due(runtime.host):
            pass

    await asyncio.gather(*(work() for _ in range(6)))
    handed = [charge.id for charge in scripted.handed]
    assert len(handed) == len(set(handed)) == await Settlement.filter(state="SETTLED").count()
    assert await check() == []


async def test_a_charge_past_its_channels_deadline_needs_attention_and_is_not_tried(
    owing: Owing, scripted: Scripted, runtime: Runtime, travelling_clock: TravellingClock
) -> None:
    mine, account, _ = await owing()
    travelling_clock.forward(hours=6)
    assert await settle_due(runtime.host) == 0
    assert scripted.handed == []
    (missed,) = await settlements(mine, account)
    assert missed["state"] == "NEEDS_ATTENTION"
    assert "deadline" in str(missed["reason"])
    assert "settlement.needs_attention" in await event_types(mine, account)


async def test_a_refused_charge_is_seen_by_finance_who_move_it(
    owing: Owing, scripted: Scripted, runtime: Runtime, api: Api
) -> None:
    mine, account, _ = await owing()
    finance = await staff(api, tuple(StaffRole))
    scripted.answer = lambda charge: SettlementResult(charge.id, Outcome.REJECTED, reason="unknown dimension")
    await settle_due(runtime.host)
    seen = (await finance.data("{ settlements(state: NEEDS_ATTENTION) { nodes { id reason charge { day } } } }"))[
        "settlements"
    ]["nodes"]
    assert [node["reason"] for node in seen] == ["unknown dimension"]
    settlement = seen[0]["id"]
    refused = await mine.call("moveSettlement", "settlement { id }", settlementId=settlement, reason="x")
    assert refused["__typename"] == "PermissionDeniedError"
    alone = await finance.call("moveSettlement", "settlement { id }", settlementId=settlement, reason="x")
    assert alone["__typename"] == "SettlementConflictError"
    await mine.call("chooseSettlementChannel", "binding { state }", accountId=account, channel="guance")
    moved = await finance.call(
        "moveSettlement", "settlement { channel state }", settlementId=settlement, reason="dimension was removed"
    )
    assert moved["settlement"] == {"channel": "guance", "state": "PENDING"}
    await settle_due(runtime.host)
    assert [found["state"] for found in await settlements(mine, account)] == ["SETTLED"]
    again = await finance.call("retrySettlement", "settlement { id }", settlementId=settlement)
    assert again["__typename"] == "SettlementConflictError"
    assert await check() == []


async def test_what_may_have_been_collected_is_moved_only_when_somebody_made_sure(
    owing: Owing, scripted: Scripted, runtime: Runtime, api: Api, travelling_clock: TravellingClock
) -> None:
    mine, account, _ = await owing()
    finance = await staff(api, tuple(StaffRole))
    scripted.answer = lambda charge: SettlementResult(charge.id, Outcome.UNKNOWN)
    await settle_due(runtime.host)
    travelling_clock.forward(hours=7)
    await settle_due(runtime.host)
    await mine.call("chooseSettlementChannel", "binding { state }", accountId=account, channel="guance")
    (stuck,) = await settlements(mine, account)
    assert (stuck["state"], stuck["uncertain"]) == ("NEEDS_ATTENTION", True)
    move = {"settlementId": stuck["id"], "reason": "looked at the provider's console"}
    unsure = await finance.call("moveSettlement", "settlement { id }", **move)  # type: ignore[arg-type]
    assert (unsure["__typename"], unsure["path"]) == ("SettlementConflictError", ["confirmUncollected"])
    by_hand = await finance.call(
        "settleByHand", "settlement { state }", settlementId=stuck["id"], providerReference="r-7", reason="found it"
    )
    assert by_hand["settlement"] == {"state": "SETTLED"}
    assert await check() == []


async def test_unsubscribing_at_the_provider_lets_everything_fall_back_to_the_enterprise_account(
    owing: Owing, scripted: Scripted, runtime: Runtime
) -> None:
    mine, account, key = await owing()
    assert scripted.host is not None
    for _ in range(2):
        await scripted.host.binding_ended(key, "subscription-1", BindingEnd.UNSUBSCRIBED, "unsubscribed")
    found = await mine.account(account, "settlementBinding { channel state } edition")
    assert found == {"settlementBinding": {"channel": "guance", "state": "BOUND"}, "edition": "PAY_AS_YOU_GO"}
    while await settle_due(runtime.host):
        pass
    (settled,) = await settlements(mine, account)
    assert (settled["channel"], settled["state"]) == ("guance", "SETTLED")
    assert scripted.handed == []
    assert (await event_types(mine, account)).count("settlement.channel_unlinked") == 1
    back = await mine.call("chooseSettlementChannel", "binding { state }", accountId=account, channel="scripted")
    assert back["binding"] == {"state": "BOUND"}
    assert await check() == []


async def test_falling_back_does_not_choose_a_channel_for_an_upgrade_that_waits_for_one(
    owing: Owing, scripted: Scripted
) -> None:
    mine, account, key = await owing()
    assert scripted.host is not None
    await Upgrade.filter(account_id=key).update(state=UpgradeState.ENDED)
    await Account.filter(id=key).update(edition=EditionKey.COMMUNITY)
    again = await mine.call("upgradeEdition", "account { edition }", accountId=account, edition=PAY_AS_YOU_GO)
    assert again["account"] == {"edition": "COMMUNITY"}
    await agreed(mine, account)
    await scripted.host.binding_ended(key, "subscription-1", BindingEnd.UNSUBSCRIBED, "unsubscribed")
    assert await states(key) == [UpgradeState.ENDED, UpgradeState.CHANNEL_PENDING]
    await mine.call("chooseSettlementChannel", "binding { state }", accountId=account, channel="guance")
    assert await states(key) == [UpgradeState.ENDED, UpgradeState.LAPSED]


async def states(account_id: UUID) -> list[UpgradeState]:
    """Those of an account's upgrades, from the first on."""
    return [upgrade.state for upgrade in await Upgrade.filter(account_id=account_id).order_by("id")]


async def test_a_channel_that_learns_in_the_middle_that_the_customer_left_loses_nothing(
    owing: Owing, scripted: Scripted, runtime: Runtime
) -> None:
    mine, account, key = await owing()
    settle = scripted.settle

    async def left(batch: object) -> object:
        assert scripted.host is not None
        await scripted.host.binding_ended(key, "subscription-1", BindingEnd.UNSUBSCRIBED, "not subscribed")
        return await settle(batch)  # type: ignore[arg-type]

    scripted.settle = left  # type: ignore[method-assign, assignment]
    scripted.answer = lambda charge: SettlementResult(charge.id, Outcome.REJECTED, reason="not subscribed")
    while await settle_due(runtime.host):
        pass
    (settled,) = await settlements(mine, account)
    assert (settled["channel"], settled["state"]) == ("guance", "SETTLED")


@pytest.mark.parametrize("then", [Outcome.RETRY_LATER, Outcome.REJECTED])
async def test_what_may_be_collected_stays_so_whatever_the_channel_says_until_it_says_settled(
    owing: Owing, scripted: Scripted, runtime: Runtime, travelling_clock: TravellingClock, then: Outcome
) -> None:
    mine, account, key = await owing()
    assert scripted.host is not None
    for outcome in (Outcome.UNKNOWN, then):
        scripted.answer = lambda charge, outcome=outcome: SettlementResult(charge.id, outcome)  # type: ignore[misc]
        assert await settle_due(runtime.host) == 1
        travelling_clock.forward(minutes=1)
    await scripted.host.binding_ended(key, "subscription-1", BindingEnd.UNSUBSCRIBED, "unsubscribed")
    (doubtful,) = await settlements(mine, account)
    assert (doubtful["channel"], doubtful["uncertain"]) == ("scripted", True)


async def test_before_an_unsubscription_open_charges_are_hurried_and_then_fall_back(
    owing: Owing, scripted: Scripted, runtime: Runtime, travelling_clock: TravellingClock
) -> None:
    mine, account, key = await owing()
    assert scripted.host is not None
    scripted.answer = lambda charge: SettlementResult(
        charge.id, Outcome.RETRY_LATER, retry_at=clock.now() + timedelta(hours=3)
    )
    await settle_due(runtime.host)
    await scripted.host.settle_soon(key, "subscription-1", clock.now() + timedelta(hours=1))
    assert await settle_due(runtime.host) == 1
    await scripted.host.binding_ended(key, "subscription-1", BindingEnd.UNSUBSCRIBED, "unsubscribed")
    await settle_due(runtime.host)
    (settled,) = await settlements(mine, account)
    assert (settled["channel"], settled["state"]) == ("guance", "SETTLED")


@pytest.mark.parametrize("state", BindState)
async def test_news_of_a_former_link_leave_its_successor_alone(
    owing: Owing, scripted: Scripted, state: BindState
) -> None:
    mine, account, key = await owing()
    assert scripted.host is not None
    scripted.reference, scripted.bind_state = "subscription-2", state
    await mine.call(
        "chooseSettlementChannel", "__typename", accountId=account, channel="scripted", configuration={"contract": 2}
    )
    await scripted.host.settle_soon(key, "subscription-2", clock.now())
    assert await Settlement.filter(deadline__isnull=False).count() == 0
    await scripted.host.settle_soon(key, "subscription-1", clock.now())
    assert await Settlement.filter(deadline__isnull=False).count() == 1
    await scripted.host.binding_confirmed(key, "subscription-1")
    await scripted.host.binding_ended(key, "subscription-1", BindingEnd.UNSUBSCRIBED, "unsubscribed")
    await scripted.host.binding_confirmed(key, "subscription-2")
    found = await mine.account(account, "settlementBinding { channel state externalReference }")
    assert found["settlementBinding"] == {
        "channel": "scripted",
        "state": "BOUND",
        "externalReference": "subscription-2",
    }


@pytest.mark.parametrize("reference", ["subscription-2", None])
async def test_a_pending_link_pays_from_its_confirmation_on(
    api: Api, scripted: Scripted, reference: str | None
) -> None:
    mine, account = await registered(api)
    scripted.reference = reference
    await mine.call("upgradeEdition", "account { id }", accountId=account, edition=PAY_AS_YOU_GO)
    await agreed(mine, account)
    scripted.bind_state = BindState.PENDING
    chosen = await mine.call(
        "chooseSettlementChannel", "binding { state continueUrl }", accountId=account, channel="scripted"
    )
    assert chosen["binding"] == {"state": "PENDING", "continueUrl": "https://provider.example"}
    assert (await mine.account(account, "edition"))["edition"] == "COMMUNITY"
    assert scripted.host is not None
    key = decode_id(account, "Account", "id")
    for _ in range(2):
        await scripted.host.binding_confirmed(key, "subscription-2")
    found = await mine.account(account, "edition settlementBinding { state externalReference } upgrade { state }")
    assert found == {
        "edition": "PAY_AS_YOU_GO",
        "settlementBinding": {"state": "BOUND", "externalReference": "subscription-2"},
        "upgrade": {"state": "FREE_PERIOD"},
    }


async def test_a_link_that_the_provider_refuses_leaves_the_choice_open(api: Api, scripted: Scripted) -> None:
    mine, account = await registered(api)
    await mine.call("upgradeEdition", "account { id }", accountId=account, edition=PAY_AS_YOU_GO)
    await agreed(mine, account)
    scripted.bind_state = BindState.PENDING
    await mine.call("chooseSettlementChannel", "binding { state }", accountId=account, channel="scripted")
    assert scripted.host is not None
    await scripted.host.binding_ended(
        decode_id(account, "Account", "id"), "subscription-1", BindingEnd.REFUSED, "subscribe-fail"
    )
    found = await mine.account(account, "settlementBinding { state } nextSteps { action }")
    assert found == {"settlementBinding": None, "nextSteps": [{"action": "CHOOSE_SETTLEMENT_CHANNEL"}]}


async def test_the_channel_changes_once_a_month_unless_staff_lift_that(
    owing: Owing, scripted: Scripted, api: Api, runtime: Runtime
) -> None:
    mine, account, key = await owing()

    async def choose(channel: str) -> str:
        chosen = await mine.call("chooseSettlementChannel", "binding { state }", accountId=account, channel=channel)
        return str(chosen["__typename"])

    assert await choose("guance") == "ChooseSettlementChannelSuccess"
    assert scripted.unbound == [key]
    assert await choose("scripted") == "ChannelChangeTooSoonError"
    manager = await staff(api, tuple(StaffRole))
    await manager.call("allowChannelChange", "binding { id }", accountId=account)
    assert await choose("scripted") == "ChooseSettlementChannelSuccess"
    assert await choose("guance") == "ChannelChangeTooSoonError"
    await settle_due(runtime.host)
    (settled,) = await settlements(mine, account)
    assert (settled["channel"], settled["state"]) == ("scripted", "SETTLED")


async def test_channels_work_by_themselves_once_a_minute_whoever_is_there(
    runtime: Runtime, scripted: Scripted, travelling_clock: TravellingClock
) -> None:
    await asyncio.gather(*(tick_due(runtime.host) for _ in range(4)))
    assert len(scripted.ticks) == 1
    travelling_clock.forward(minutes=1)
    await tick_due(runtime.host)
    assert len(scripted.ticks) == 2
