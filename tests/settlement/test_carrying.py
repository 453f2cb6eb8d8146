"""A channel is bound to, and handed, what it can carry: meters, currencies, and the shapes of price plans."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from settlement_spec import Capability, ChannelDescription, Limits, LineKind

from app.api.node import encode_id
from app.billing.ledger import check
from app.billing.models import Charge, ChargeKind
from app.billing.models import LineKind as LineRow
from app.bootstrap import Runtime
from app.settlement.models import Settlement
from app.settlement.settling import settle_due
from tests.api.driver import PAY_AS_YOU_GO, Api, agreed, registered
from tests.api.wallets import staff
from tests.billing.factory import plan_of
from tests.settlement.conftest import Owing, Scripted

BASE: dict[str, Any] = {"base_minor": 1000}
REFUSED: Sequence[tuple[dict[str, Any], str, str]] = [
    (BASE, "the price plan's base fees in CNY", "价格方案的 CNY 基础费用"),
    ({"units_per_price": 1000}, "prices for several units together", "按包计价"),
    ({"tiers": [{"up_to": None, "unit_price_minor": 5}]}, "tiered prices", "阶梯价格"),
    ({"aggregation": "SUM"}, "charges of the meter test_sum", "计量项 test_sum 的账单"),
]


@pytest.mark.parametrize(("price", "en", "zh"), REFUSED)
async def test_a_channel_that_pushes_units_is_not_bound_to_a_plan_that_it_cannot_carry(
    api: Api, scripted: Scripted, price: dict[str, Any], en: str, zh: str
) -> None:
    await plan_of(2, **price)
    mine, account = await registered(api)
    await mine.call("upgradeEdition", "account { id }", accountId=account, edition=PAY_AS_YOU_GO)
    await agreed(mine, account)
    for client, said in ((mine, en), (Api(mine.http, mine.token, "zh"), zh)):
        refused = await client.call(
            "chooseSettlementChannel", "binding { state }", accountId=account, channel="scripted"
        )
        assert (refused["code"], refused["path"]) == ("BINDING_REJECTED", ["channel"])
        assert said in refused["message"]
    chosen = await mine.call("chooseSettlementChannel", "binding { state }", accountId=account, channel="guance")
    assert chosen["binding"] == {"state": "BOUND"}


async def test_a_channel_is_not_handed_a_charge_that_it_cannot_carry(
    owing: Owing, runtime: Runtime, scripted: Scripted
) -> None:
    await owing()
    plugin = runtime.host.plugins["scripted"]
    assert plugin.description is not None
    about = replace(plugin.description, meters=frozenset({"log_gb"}))
    runtime.host.plugins["scripted"] = replace(plugin, description=about)
    await settle_due(runtime.host)
    waiting = await Settlement.get()
    assert (waiting.state, waiting.reason) == (
        "NEEDS_ATTENTION",
        "the channel cannot collect charges of the meter datakit: move the charge to another",
    )
    assert scripted.handed == []
    assert await check() == []


async def test_what_a_charge_is_for_stands_in_its_lines(owing: Owing, runtime: Runtime, scripted: Scripted) -> None:
    await owing()
    await settle_due(runtime.host)
    (charge,) = scripted.handed
    assert charge.meter == "datakit"
    assert [(line.kind, line.quantity, line.amount_minor, line.meter) for line in charge.lines] == [
        (LineKind.USAGE, 20, 10_000, "datakit")
    ]


async def test_a_credit_of_no_units_is_not_settled_by_counting_them(
    owing: Owing, runtime: Runtime, scripted: Scripted, api: Api
) -> None:
    *_, account_id = await owing()
    await settle_due(runtime.host)
    charge = await Charge.get(account_id=account_id)
    finance = await staff(api)
    given = await finance.call(
        "issueCreditNote", "creditNote { id }", chargeId=encode_id("Charge", charge.id), amount="5.01", reason="sorry"
    )
    assert given["__typename"] == "IssueCreditNoteSuccess", given
    await Settlement.filter(charge__kind=ChargeKind.CREDIT_NOTE).update(
        channel="scripted", binding_id=(await Settlement.get(charge_id=charge.id)).binding_id
    )
    await settle_due(runtime.host)
    credit = await Settlement.get(charge__kind=ChargeKind.CREDIT_NOTE)
    assert (credit.state, "not its units at their price" in str(credit.reason)) == ("NEEDS_ATTENTION", True)
    assert [one.id for one in scripted.handed] == [charge.id]


def test_every_kind_of_line_is_one_of_the_specification() -> None:
    assert {str(kind) for kind in LineRow} <= {str(kind) for kind in LineKind}


def test_a_channel_that_pushes_units_says_of_which_meters() -> None:
    with pytest.raises(ValueError, match="names the meters"):
        ChannelDescription("x", {}, frozenset({"CNY"}), frozenset({Capability.METERED_PUSH}), Limits(), {})
