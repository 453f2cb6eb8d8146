"""A price that is published, or given by group, is asked about with the channels that are bound already."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from app.accounts.models import StaffRole
from app.bootstrap import Runtime
from app.catalog.groups import put_group
from app.catalog.models import PriceMembership, PricePlan
from app.upgrades.models import PriceChange
from app.upgrades.pricing import announce_prices
from tests.api.driver import PAY_AS_YOU_GO, Api, registered
from tests.api.wallets import DAY, staff
from tests.conftest import TravellingClock
from tests.settlement.conftest import Owing

TERMS: dict[str, Any] = {
    "meter": "datakit",
    "currency": "CNY",
    "unitPrice": "6.00",
    "minimumQuantity": 20,
    "freePeriodSeconds": 7 * DAY,
    "timeZone": "Asia/Shanghai",
}
IN_MAY = "2026-05-01T00:00:00+08:00"
SHAPES: list[tuple[dict[str, Any], str, str]] = [
    ({"baseFee": "10.00"}, "base fees in CNY", "基础费用"),
    ({"unitsPerPrice": 1000}, "prices for several units together in CNY", "按包计价"),
    ({"tiers": [{"unitPrice": "5.00"}]}, "tiered prices in CNY", "阶梯价格"),
]


async def publish(vendor: Api, terms: dict[str, Any] | None = None, **given: Any) -> dict[str, Any]:
    priced = TERMS | (terms or {})
    if "tiers" in priced:
        del priced["unitPrice"]
    return dict(
        await vendor.call("publishPricePlan", "pricePlan { version }", edition=PAY_AS_YOU_GO, terms=priced, **given)
    )


@pytest.mark.parametrize(("terms", "en", "zh"), SHAPES)
async def test_a_price_that_a_paying_channel_cannot_carry_is_refused(
    api: Api, owing: Owing, terms: dict[str, Any], en: str, zh: str
) -> None:
    for channel in ("scripted", "scripted", "guance"):
        await owing(channel)
    vendor = await staff(api, [StaffRole.OPERATOR])
    refused = await publish(vendor, terms, validFrom=IN_MAY, forExisting=True)
    assert refused["code"] == "PRICE_NOT_COLLECTED"
    assert refused["message"].startswith(f"scripted, which pays for 2 of the accounts, cannot collect {en}. ")
    refused = await publish(Api(vendor.http, vendor.token, "zh"), terms, validFrom=IN_MAY, forExisting=True)
    assert refused["message"].startswith("scripted（为其中 2 个账户付款）无法收取 CNY ")
    assert zh in refused["message"]
    assert await PricePlan.filter(version=2).count() == 0
    done = await publish(vendor, terms, validFrom=IN_MAY, forExisting=True, despiteChannels=True)
    assert done["pricePlan"] == {"version": 2}
    assert await announce_prices() == 3


async def test_a_price_that_reaches_nobody_whose_channel_cannot_carry_it_is_published(api: Api, owing: Owing) -> None:
    await owing("scripted")
    vendor = await staff(api, [StaffRole.OPERATOR])
    assert (await publish(vendor, SHAPES[0][0]))["pricePlan"] == {"version": 2}
    assert (await publish(vendor, validFrom=IN_MAY, forExisting=True))["pricePlan"] == {"version": 3}
    await put_group("partners", {"zh": "合作伙伴", "en": "Partners"})
    assert (await publish(vendor, SHAPES[0][0], group="partners"))["pricePlan"] == {"version": 1}


async def test_a_channel_that_is_not_loaded_collects_nothing(api: Api, owing: Owing, runtime: Runtime) -> None:
    await owing("scripted")
    del runtime.host.plugins["scripted"]
    vendor = await staff(api, [StaffRole.OPERATOR])
    refused = await publish(vendor, validFrom=IN_MAY, forExisting=True)
    assert refused["code"] == "PRICE_NOT_COLLECTED"
    assert "cannot collect anything: it is not loaded" in refused["message"]


async def test_a_groups_prices_are_given_to_whose_channel_can_carry_them(api: Api, owing: Owing) -> None:
    _, account, key = await owing("scripted")
    _, other, _ = await owing("guance")
    _, new = await registered(api)
    vendor = await staff(api, [StaffRole.OPERATOR])
    await put_group("partners", {"zh": "合作伙伴", "en": "Partners"})
    await publish(vendor, SHAPES[0][0], group="partners")

    async def moved(account: str, **given: Any) -> dict[str, Any]:
        return dict(await vendor.call("setPriceGroup", "priceGroup { key }", accountId=account, **given))

    for one in (other, new):
        assert (await moved(one, group="partners"))["priceGroup"] == {"key": "partners"}
    refused = await moved(account, group="partners")
    assert refused["code"] == "PRICE_NOT_COLLECTED"
    assert "scripted, which pays for 1 of the accounts, cannot collect base fees in CNY" in refused["message"]
    assert await PriceMembership.filter(account_id=key).count() == 0
    assert await PriceChange.filter(account_id=key).count() == 0
    for given in ({"despiteChannels": True}, {}):
        assert (await moved(account, group="partners", **given))["priceGroup"] == {"key": "partners"}
    assert await PriceChange.filter(account_id=key).count() == 1
    assert (await moved(account))["priceGroup"] is None


async def test_a_price_of_a_group_reaches_its_accounts_alone(
    api: Api, owing: Owing, travelling_clock: TravellingClock
) -> None:
    _, account, _ = await owing("scripted")
    await owing("scripted")
    vendor = await staff(api, [StaffRole.OPERATOR])
    await put_group("partners", {"zh": "合作伙伴", "en": "Partners"})
    await vendor.call("setPriceGroup", "priceGroup { key }", accountId=account, group="partners")
    travelling_clock.at += timedelta(seconds=1)
    refused = await publish(vendor, SHAPES[0][0], group="partners")
    assert "which pays for 1 of the accounts" in refused["message"]
