"""Credits: through the channel that pays, or, where that gives nothing back, to the prepaid balance."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from settlement_spec import BindingEnd
from tortoise.transactions import in_transaction

from app.accounts.models import StaffRole
from app.api.node import decode_id, encode_id
from app.billing.ledger import check
from app.billing.models import Charge, ChargeKind
from app.bootstrap import Runtime
from app.credits.crediting import credit
from app.events.recording import SYSTEM
from app.settlement.models import BindingState, ChannelBinding, Settlement
from app.settlement.reconciliation import reconcile
from app.settlement.settling import settle_due
from tests.api.driver import Api
from tests.api.wallets import billed, staff
from tests.billing.factory import plan_of
from tests.conftest import TravellingClock
from tests.settlement.conftest import Owing, Scripted


async def credit_the_charge(runtime: Runtime, account_id: UUID, minor: int) -> None:
    charge = await Charge.get(account_id=account_id, kind=ChargeKind.DAILY)
    async with in_transaction():
        await credit(runtime.host, charge.id, minor, "an outage", SYSTEM)


async def test_what_a_channel_cannot_give_back_goes_to_the_prepaid_balance(
    owing: Owing, scripted: Scripted, runtime: Runtime, travelling_clock: TravellingClock
) -> None:
    mine, account, key = await owing()
    await settle_due(runtime.host)
    for minor in (6_000, 500):
        await credit_the_charge(runtime, key, minor)
    travelling_clock.forward(days=1)
    while await settle_due(runtime.host):
        pass
    notes = await Settlement.filter(charge__kind=ChargeKind.CREDIT_NOTE)
    assert [(note.channel, note.state) for note in notes] == [("guance", "SETTLED")] * 2
    assert [one.kind for one in scripted.handed] == ["DAILY"]
    found = await mine.account(account, "wallet { balance { amount } } settlementBinding { channel }")
    assert found == {"wallet": {"balance": {"amount": "65.00"}}, "settlementBinding": {"channel": "scripted"}}
    links = await ChannelBinding.filter(account_id=key).order_by("id").values_list("channel", "state")
    assert links == [("scripted", BindingState.BOUND), ("guance", BindingState.UNBOUND)]
    assert await check() == []


async def test_what_a_sandbox_gets_back_is_play_money_too(
    api: Api, runtime: Runtime, travelling_clock: TravellingClock
) -> None:
    _, account = await billed(api, runtime, 2)
    await credit_the_charge(runtime, decode_id(account, "Account", "id"), 6_000)
    assert await Settlement.all().values_list("charge__kind", "sandbox") == [("DAILY", True), ("CREDIT_NOTE", True)]


async def test_a_channel_that_gives_back_does_so_itself(owing: Owing, runtime: Runtime) -> None:
    mine, account, key = await owing("guance")
    await settle_due(runtime.host)
    await credit_the_charge(runtime, key, 6_000)
    await settle_due(runtime.host)
    assert (await mine.account(account, "wallet { balance { amount } }"))["wallet"]["balance"]["amount"] == "-40.00"
    assert await ChannelBinding.filter(account_id=key).count() == 1
    assert await check() == []


async def prices_in_dollars(runtime: Runtime) -> None:
    """The provider collects USD, and the prepaid balance does not."""
    plugin = runtime.host.plugins["scripted"]
    assert plugin.description is not None
    abroad = replace(plugin.description, currencies=frozenset({"USD"}))
    runtime.host.plugins["scripted"] = replace(plugin, description=abroad)
    await plan_of(2, currency="USD", minimum_quantity=20)


async def test_what_neither_can_give_back_is_for_staff_at_the_channel_that_pays(
    owing: Owing, api: Api, runtime: Runtime, travelling_clock: TravellingClock
) -> None:
    """The prepaid balance is in CNY, and the provider takes no credits: staff give it back there, and say so."""
    await prices_in_dollars(runtime)
    _, _, key = await owing()
    await settle_due(runtime.host)
    await credit_the_charge(runtime, key, 6_000)
    note = await Settlement.get(charge__kind=ChargeKind.CREDIT_NOTE)
    assert (note.channel, note.state) == ("scripted", "PENDING")


async def test_what_a_prepaid_balance_cannot_pay_is_settled_by_hand(
    owing: Owing, scripted: Scripted, api: Api, runtime: Runtime, travelling_clock: TravellingClock
) -> None:
    await prices_in_dollars(runtime)
    _, _, key = await owing()
    assert scripted.host is not None
    await scripted.host.binding_ended(key, "subscription-1", BindingEnd.UNSUBSCRIBED, "unsubscribed")
    await settle_due(runtime.host)
    stuck = await Settlement.get()
    assert (stuck.channel, stuck.state, "cannot collect charges in USD" in str(stuck.reason)) == (
        "guance", "NEEDS_ATTENTION", True
    )  # fmt: skip
    given: dict[str, Any] = {"settlementId": encode_id("Settlement", stuck.id), "providerReference": "bank-1"}
    finance = await staff(api, [StaffRole.FINANCE])
    done = await finance.call("settleByHand", "settlement { state }", **given, reason="paid by transfer")
    assert done["settlement"]["state"] == "SETTLED"
    now = travelling_clock()
    compared = await reconcile(runtime.host, "guance", now - timedelta(days=9), now + timedelta(days=1))
    assert (compared.compared, compared.opened) == (0, 0)
    assert await check() == []
