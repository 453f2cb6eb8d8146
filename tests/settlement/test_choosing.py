"""Only a channel that can collect what the account will be charged is bound; else the prepaid balance helps out."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from unittest.mock import AsyncMock

import pytest
from settlement_spec import (
    BindingEnd,
    BindRequest,
    BindResult,
    BindState,
    Capability,
    ChannelRefusal,
    Outcome,
    SettlementResult,
)
from tortoise.exceptions import IntegrityError

from app.accounts.models import Account, StaffRole
from app.api.node import decode_id, encode_id
from app.billing.ledger import check
from app.bootstrap import Runtime
from app.errors import ChannelChangeTooSoon
from app.settlement.models import ChannelBinding, Settlement
from app.settlement.settling import settle_due
from tests.api.driver import PAY_AS_YOU_GO, Api, advance, agreed, registered, upgraded
from tests.api.wallets import staff
from tests.applications.steps import TODAY, accepted, any_terms, offered, terms, under_contract
from tests.billing.factory import plan_of
from tests.conftest import TravellingClock
from tests.settlement.conftest import Scripted

DAY = 86_400
DUE = TODAY + timedelta(days=20)
BOUND = "settlementBinding { channel state }"


@pytest.fixture(autouse=True)
def stand_still(travelling_clock: TravellingClock) -> None:
    """Every test begins in the evening of TODAY in Shanghai."""


async def choose(mine: Api, account: str, channel: str) -> dict[str, object]:
    return dict(await mine.call("chooseSettlementChannel", "binding { state }", accountId=account, channel=channel))


async def test_a_channel_that_counts_units_does_not_pay_for_a_contract_until_all_of_it_is_charged(
    api: Api, scripted: Scripted
) -> None:
    await any_terms()
    mine, account, _ = await under_contract(api, **terms(TODAY, 60, (DUE, "12000.00")))
    refused = await choose(mine, account, "scripted")
    assert (refused["code"], refused["path"]) == ("BINDING_REJECTED", ["channel"])
    assert "cannot collect the contract's instalments in CNY. Choose another channel" in str(refused["message"])
    in_chinese = await choose(Api(mine.http, mine.token, "zh"), account, "scripted")
    assert "无法收取合同的 CNY 分期款" in str(in_chinese["message"])
    assert (await mine.account(account, BOUND))["settlementBinding"] == {"channel": "guance", "state": "BOUND"}
    await advance(mine, account, 20 * DAY)
    assert (await choose(mine, account, "scripted"))["binding"] == {"state": "BOUND"}


async def test_a_channel_does_not_pay_for_a_plan_in_a_currency_that_it_does_not_take(
    api: Api, scripted: Scripted
) -> None:
    mine, account = await upgraded(api)
    await plan_of(2, minimum_quantity=20, currency="USD")
    assert (await choose(mine, account, "guance"))["binding"] == {"state": "BOUND"}
    mine, account = await registered(api)
    await mine.call("upgradeEdition", "account { id }", accountId=account, edition=PAY_AS_YOU_GO)
    await agreed(mine, account)
    refused = await choose(mine, account, "guance")
    assert (refused["code"], refused["path"]) == ("BINDING_REJECTED", ["channel"])
    assert "the price plan's charges in USD" in str(refused["message"])


async def test_a_link_that_is_confirmed_after_a_contract_was_accepted_does_not_pay_for_it(
    api: Api, scripted: Scripted
) -> None:
    mine, account = await registered(api)
    await any_terms()
    _, _, offer = await offered(api, mine, account, **terms(TODAY, 60, (DUE, "12000.00")))
    await agreed(mine, account)
    await choose(mine, account, "guance")
    scripted.bind_state = BindState.PENDING
    assert (await choose(mine, account, "scripted"))["binding"] == {"state": "PENDING"}
    assert (await accepted(mine, offer))["__typename"] == "AcceptOfferSuccess"
    assert scripted.host is not None
    await scripted.host.binding_confirmed(decode_id(account, "Account", "id"), "subscription-2")
    assert (await mine.account(account, BOUND))["settlementBinding"] == {"channel": "guance", "state": "BOUND"}


async def test_an_instalment_that_the_paying_channel_cannot_collect_is_moved_to_the_prepaid_balance(
    api: Api, runtime: Runtime, scripted: Scripted
) -> None:
    await any_terms()
    mine, account, _ = await under_contract(api, **terms(TODAY, 60, (DUE, "12000.00")))
    await ChannelBinding.all().update(channel="scripted")
    scripted.answer = lambda charge: SettlementResult(charge.id, Outcome.REJECTED, reason="no instalments")
    await advance(mine, account, 20 * DAY)
    await settle_due(runtime.host)
    settlement = encode_id("Settlement", (await Settlement.get(state="NEEDS_ATTENTION")).id)
    moved = await (await staff(api)).call(
        "moveSettlement", "settlement { channel state }", settlementId=settlement, reason="a contract"
    )
    assert moved["settlement"] == {"channel": "guance", "state": "PENDING"}
    await settle_due(runtime.host)
    found = await mine.account(account, f"wallet {{ balance {{ amount }} }} {BOUND}")
    assert found["settlementBinding"]["channel"] == "scripted"
    assert (await Settlement.get()).state == "SETTLED"
    assert await check() == []


async def test_the_last_choice_holds_whatever_a_provider_confirms_later(api: Api, scripted: Scripted) -> None:
    mine, account = await upgraded(api)
    scripted.bind_state = BindState.PENDING
    assert (await choose(mine, account, "scripted"))["binding"] == {"state": "PENDING"}
    assert (await choose(mine, account, "guance"))["binding"] == {"state": "BOUND"}
    assert scripted.host is not None
    await scripted.host.binding_confirmed(decode_id(account, "Account", "id"), "subscription-1")
    assert (await mine.account(account, BOUND))["settlementBinding"] == {"channel": "guance", "state": "BOUND"}
    assert [link.state for link in await ChannelBinding.filter(channel="scripted")] == ["UNBOUND"]


async def test_a_provider_that_confirms_before_bind_has_answered_is_heard(
    api: Api, scripted: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine, account = await registered(api)
    await mine.call("upgradeEdition", "account { id }", accountId=account, edition=PAY_AS_YOU_GO)
    await agreed(mine, account)

    async def bind(request: BindRequest) -> BindResult:
        assert scripted.host is not None
        await scripted.host.binding_confirmed(request.account_id, "subscription-1")
        return BindResult(BindState.PENDING, "subscription-1")

    monkeypatch.setattr(scripted, "bind", bind)
    assert (await choose(mine, account, "scripted"))["binding"] == {"state": "BOUND"}
    assert (await mine.account(account, f"edition {BOUND}")) == {
        "edition": "PAY_AS_YOU_GO",
        "settlementBinding": {"channel": "scripted", "state": "BOUND"},
    }


async def test_a_channel_that_refuses_or_fails_leaves_the_account_as_it_was(
    api: Api, scripted: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine, account = await upgraded(api)
    for error, code in ((ChannelRefusal("uid", "no.", "否。"), "BINDING_REJECTED"), (OSError(), "CHANNEL_UNAVAILABLE")):
        monkeypatch.setattr(scripted, "bind", AsyncMock(side_effect=error))
        assert (await choose(mine, account, "scripted"))["code"] == code
        assert (await mine.account(account, BOUND))["settlementBinding"] == {"channel": "guance", "state": "BOUND"}
    assert [link.channel for link in await ChannelBinding.all()] == ["guance"]


async def test_an_error_of_the_database_that_a_channel_catches_spoils_nothing(
    api: Api, scripted: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A channel that looks whether it knows an account by writing it down."""
    mine, account = await upgraded(api)

    async def bind(request: BindRequest) -> BindResult:
        with suppress(IntegrityError):
            await Account.create(id=request.account_id, name="twice", created_at=request.now)
        return BindResult(BindState.BOUND, "subscription-1")

    monkeypatch.setattr(scripted, "bind", bind)
    assert (await choose(mine, account, "scripted"))["binding"] == {"state": "BOUND"}


async def test_a_repeated_choice_does_not_ask_the_channel_again(
    api: Api, scripted: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine, account = await upgraded(api)
    bind = AsyncMock(return_value=BindResult(BindState.BOUND, "subscription-1"))
    monkeypatch.setattr(scripted, "bind", bind)
    for _ in range(2):
        chosen = await mine.call(
            "chooseSettlementChannel", "binding { state }", accountId=account, channel="scripted", idempotencyKey="k"
        )
        assert chosen["binding"] == {"state": "BOUND"}
    assert bind.await_count == 1


@pytest.mark.parametrize("lifted", [True, False])
async def test_a_live_cloud_subscription_is_not_left_for_another_channel(
    api: Api, runtime: Runtime, scripted: Scripted, lifted: bool
) -> None:
    mine, account = await upgraded(api)
    await choose(mine, account, "scripted")
    plugin = runtime.host.plugins["scripted"]
    assert plugin.description is not None
    about = replace(plugin.description, capabilities=frozenset({Capability.EXTERNAL_SUBSCRIPTION}))
    runtime.host.plugins["scripted"] = replace(plugin, description=about)
    if lifted:
        manager = await staff(api, [StaffRole.ACCOUNT_MANAGER])
        await manager.call("allowChannelChange", "__typename", accountId=account)
        assert (await choose(mine, account, "guance"))["binding"] == {"state": "BOUND"}
        return
    refused = await choose(mine, account, "guance")
    assert (refused["code"], refused["path"]) == ("BINDING_REJECTED", ["channel"])
    assert "live subscription at Scripted. Unsubscribe there first." in str(refused["message"])
    assert scripted.host is not None
    key = decode_id(account, "Account", "id")
    await scripted.host.binding_ended(key, "subscription-1", BindingEnd.UNSUBSCRIBED, "unsubscribed")
    assert (await mine.account(account, BOUND))["settlementBinding"] == {"channel": "guance", "state": "BOUND"}


WAITING = "nextSteps { action mutation reason continueUrl }"


async def test_while_the_provider_is_to_confirm_the_next_step_is_there(
    api: Api, scripted: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine, account = await registered(api)
    await mine.call("upgradeEdition", "account { id }", accountId=account, edition=PAY_AS_YOU_GO)
    await agreed(mine, account)
    url = "https://provider.example/subscribe?as=1"
    for waiting, said in ((url, f"go on at {url}"), (None, "or choose another channel")):
        result = BindResult(BindState.PENDING, f"subscription-{said}", waiting)
        monkeypatch.setattr(scripted, "bind", AsyncMock(return_value=result))
        assert (await choose(mine, account, "scripted"))["binding"] == {"state": "PENDING"}
        step = (await mine.account(account, WAITING))["nextSteps"][0]
        assert (step["action"], step["mutation"]) == ("CONFIRM_SETTLEMENT_CHANNEL", "chooseSettlementChannel")
        assert step["continueUrl"] == waiting
        assert f"waits for {scripted.describe().display_name['en']} to confirm" in step["reason"]
        assert said in step["reason"]
    assert (await choose(mine, account, "guance"))["binding"] == {"state": "BOUND"}
    assert (await mine.account(account, WAITING))["nextSteps"][0]["action"] == "CREATE_LICENSE"


async def test_a_choice_that_is_refused_after_the_channel_was_asked_leaves_nothing_waiting(
    api: Api, scripted: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine, account = await registered(api)
    await mine.call("upgradeEdition", "account { id }", accountId=account, edition=PAY_AS_YOU_GO)
    await agreed(mine, account)
    scripted.bind_state = BindState.PENDING

    async def refuse(*_: object) -> None:
        raise ChannelChangeTooSoon(allowed_at=datetime.fromisoformat("2026-04-01T00:00:00+08:00"), path=("channel",))

    with monkeypatch.context() as broken:
        broken.setattr("app.api.channels.choose_channel", refuse)
        assert (await choose(mine, account, "scripted"))["code"] == "CHANNEL_CHANGE_TOO_SOON"
    assert not await ChannelBinding.exists()
    assert (await choose(mine, account, "scripted"))["binding"] == {"state": "PENDING"}


async def test_a_choice_that_was_made_already_with_the_same_key_leaves_nothing_waiting(
    api: Api, scripted: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two requests with one key, of which the second asked before it could know of the first."""
    mine, account = await registered(api)
    await mine.call("upgradeEdition", "account { id }", accountId=account, edition=PAY_AS_YOU_GO)
    await agreed(mine, account)
    scripted.bind_state = BindState.PENDING

    async def not_yet(*_: object) -> bool:
        return False

    monkeypatch.setattr("app.api.mutation.repeated", not_yet)
    given: dict[str, Any] = {"accountId": account, "channel": "scripted", "idempotencyKey": "once"}
    answers = [await mine.call("chooseSettlementChannel", "binding { id }", **given) for _ in range(2)]
    assert answers[0] == answers[1]
    (waiting,) = await ChannelBinding.all()
    assert encode_id("SettlementBinding", waiting.id) == answers[0]["binding"]["id"]
