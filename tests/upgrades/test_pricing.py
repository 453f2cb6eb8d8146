"""Prices of accounts that are upgraded already: told ahead, billed from their day on, withdrawn, and negotiated."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from app import clock
from app.accounts.models import StaffRole, User
from app.api.node import decode_id
from app.bootstrap import Runtime
from app.catalog.models import PricePlan
from app.catalog.queries import find_group
from app.jobs.models import Job
from app.journey import clockwork
from app.notifications.models import Delivery
from app.settings import get_settings
from app.upgrades import pricing
from app.upgrades.pricing import announce_prices
from app.worker import run_once
from tests.api.driver import (
    PAY_AS_YOU_GO,
    Api,
    activate,
    advance,
    agreed,
    license_and_key,
    registered,
    upgraded,
)
from tests.api.wallets import DAY, staff
from tests.conftest import TravellingClock

TERMS: dict[str, Any] = {
    "meter": "datakit",
    "currency": "CNY",
    "unitPrice": "6.00",
    "minimumQuantity": 20,
    "freePeriodSeconds": 7 * DAY,
    "timeZone": "Asia/Shanghai",
}
CHANGES = "upgrade { priceChanges { fromDay announcedAt withdrawnAt pricePlan { version unitPrice { amount } } } }"
IN_MAY = {"validFrom": "2026-05-01T00:00:00+08:00", "forExisting": True}
BOUNDED = {"upTo": 5, "unitPrice": "5.00"}
WHOLE = """query ($id: ID!) { node(id: $id) { ... on PricePlan {
    edition meter meterDetails { key name unit aggregation } unitsPerPrice tierMode
    tiers { upTo unitPrice { amount } flat { amount } } baseFee { amount } freeQuantity minimumQuantity
    group forExisting withdrawnAt texts day(quantity: 150) { billedQuantity amount { amount } } } } }"""
LISTS = "{ pricePlans { nodes { version } } editionVersions { totalCount } priceGroups { totalCount } }"
NAME = {"zh": "合作伙伴", "en": "Partners"}


@pytest.fixture(autouse=True)
def stand_still(travelling_clock: TravellingClock) -> None:
    """Every test begins on 2026-03-02, 18:30 in Shanghai."""


async def operator(api: Api) -> Api:
    return await staff(api, [StaffRole.OPERATOR])


async def published(client: Api, terms: dict[str, Any] = TERMS, **given: Any) -> dict[str, Any]:
    answer = await client.call(
        "publishPricePlan",
        "pricePlan { id version group forExisting }",
        edition=PAY_AS_YOU_GO,
        terms=terms,
        **given,
    )
    assert answer["__typename"] == "PublishPricePlanSuccess", answer
    return dict(answer["pricePlan"])


async def activated(api: Api) -> tuple[Api, str]:
    """An account whose days are billed from 2026-03-10 on, 100.00 each at the first price."""
    mine, account = await upgraded(api)
    await activate(mine, *await license_and_key(mine, account))
    return mine, account


async def amounts(mine: Api, account: str) -> dict[str, str]:
    found = await mine.account(account, "charges(last: 100) { nodes { day amount { amount } } }")
    return {one["day"]: one["amount"]["amount"] for one in found["charges"]["nodes"]}


async def told(mine: Api, account: str, type: str = "price.announced") -> list[dict[str, Any]]:
    found = await mine.account(account, "events(last: 100) { nodes { type before after } }")
    return [event for event in found["events"]["nodes"] if event["type"] == type]


def days(first: int, last: int, amount: str) -> dict[str, str]:
    """Days of April 2026 with an amount."""
    return {f"2026-04-{day:02}": amount for day in range(first, last + 1)}


async def test_who_is_upgraded_is_told_and_then_billed_by_a_price_for_existing_accounts(api: Api) -> None:
    mine, account = await activated(api)
    vendor = await operator(api)
    plan = await published(vendor, validFrom="2026-04-10T00:00:00+08:00", forExisting=True)
    assert (plan["version"], plan["forExisting"]) == (2, True)
    assert await announce_prices() == 1
    assert await announce_prices() == 0
    (event,) = await told(mine, account)
    assert event["before"] == {"plan": 1}
    assert event["after"] == {
        "plan": 2,
        "edition": "PAY_AS_YOU_GO",
        "billedFrom": "2026-04-10",
        "priceZh": "每 DataKit 每日 6.00 CNY；每日不足 20 DataKit 按 20 DataKit 计",
        "priceEn": "6.00 CNY for each DataKit and day; fewer than 20 DataKit count as 20",
    }
    (change,) = (await mine.account(account, CHANGES))["upgrade"]["priceChanges"]
    assert (change["fromDay"], change["pricePlan"]["version"], change["withdrawnAt"]) == ("2026-04-10", 2, None)
    await advance(mine, account, 42 * DAY)
    billed = await amounts(mine, account)
    assert {day: amount for day, amount in billed.items() if day > "2026-04-07"} == {
        **days(8, 9, "100.00"),
        **days(10, 12, "120.00"),
    }
    versions = "charges(last: 1) { nodes { pricePlan { version } } }"
    assert (await mine.account(account, versions))["charges"]["nodes"] == [{"pricePlan": {"version": 2}}]


async def test_the_owner_of_a_production_account_gets_mail_of_it_once(api: Api, runtime: Runtime) -> None:
    mine, account = await registered(api, sandbox=False)
    await User.all().update(confirmed_at=clock.now())
    await mine.call("upgradeEdition", "account { id }", accountId=account, edition=PAY_AS_YOU_GO)
    await agreed(mine, account)
    await mine.call("chooseSettlementChannel", "binding { state }", accountId=account, channel="guance")
    await published(await operator(api), validFrom="2026-04-10T00:00:00+08:00", forExisting=True)
    for _ in range(2):
        await Job.all().delete()
        await run_once(runtime.settings, runtime.host)
    assert await Delivery.filter(event__type="price.announced", medium="email").count() == 1


async def test_a_price_begins_with_the_first_day_that_begins_within_it(api: Api) -> None:
    mine, account = await activated(api)
    await published(await operator(api), validFrom="2026-04-10T00:00:01+08:00", forExisting=True)
    await announce_prices()
    (event,) = await told(mine, account)
    assert event["after"]["billedFrom"] == "2026-04-11"


async def test_a_price_for_new_upgrades_is_theirs_alone(api: Api) -> None:
    mine, account = await activated(api)
    await published(await operator(api))
    assert await announce_prices() == 0
    await advance(mine, account, 9 * DAY)
    assert set((await amounts(mine, account)).values()) == {"100.00"}
    later, other = await activated(api)
    await advance(later, other, 9 * DAY)
    assert set((await amounts(later, other)).values()) == {"120.00"}


async def test_who_upgrades_after_the_announcement_is_told_too(api: Api) -> None:
    await published(await operator(api), validFrom="2026-04-10T00:00:00+08:00", forExisting=True)
    mine, account = await activated(api)
    await announce_prices()
    assert len(await told(mine, account)) == 1
    await advance(mine, account, 42 * DAY)
    billed = await amounts(mine, account)
    assert (billed["2026-04-09"], billed["2026-04-10"]) == ("100.00", "120.00")
    after, another = await activated(api)
    await advance(after, another, 40 * DAY)
    assert (await amounts(after, another))["2026-04-10"] == "120.00"


async def test_nobody_is_billed_at_a_price_before_the_day_after_the_telling(
    api: Api, travelling_clock: TravellingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine, account = await activated(api)
    monkeypatch.setattr(get_settings(), "price_notice_days", 7)
    await published(await operator(api), validFrom="2026-03-11T00:00:00+08:00", forExisting=True)
    travelling_clock.forward(days=10)
    await announce_prices()
    (event,) = await told(mine, account)
    assert event["after"]["billedFrom"] == "2026-03-13"
    await advance(mine, account, 3 * DAY)
    billed = await amounts(mine, account)
    assert [billed[f"2026-03-{day}"] for day in (11, 12, 13)] == ["100.00", "100.00", "120.00"]


async def test_an_account_that_cannot_be_told_keeps_no_other_from_it(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    accounts = [await activated(api) for _ in range(3)]
    await published(await operator(api), validFrom="2026-04-10T00:00:00+08:00", forExisting=True)
    real, broken = pricing.announce_to, decode_id(accounts[0][1], "Account", "id")

    async def fails(account: Any) -> None:
        if account.id == broken:
            raise RuntimeError("no")
        await real(account)

    monkeypatch.setattr(pricing, "announce_to", fails)
    await clockwork._announce()
    assert [len(await told(*one)) for one in accounts] == [0, 1, 1]


async def test_what_is_withdrawn_bills_nobody_and_whoever_was_told_is_told_that(api: Api) -> None:
    mine, account = await activated(api)
    vendor = await operator(api)
    plan = await published(vendor, validFrom="2026-04-10T00:00:00+08:00", forExisting=True)
    await announce_prices()
    taken = await vendor.call("withdrawPricePlan", "pricePlan { withdrawnAt }", pricePlanId=plan["id"])
    assert taken["pricePlan"]["withdrawnAt"] is not None
    assert await announce_prices() == 1
    assert await announce_prices() == 0
    (event,) = await told(mine, account, "price.withdrawn")
    assert event["after"] == {"plan": 2, "edition": "PAY_AS_YOU_GO", "billedFrom": "2026-04-10"}
    await advance(mine, account, 42 * DAY)
    assert set((await amounts(mine, account)).values()) == {"100.00"}
    again = await published(vendor)
    refused = await vendor.call("withdrawPricePlan", "pricePlan { id }", pricePlanId=again["id"])
    assert (refused["code"], refused["path"]) == ("INVALID_INPUT", ["pricePlanId"])


@pytest.mark.parametrize(
    ("terms", "given", "path"),
    [
        (TERMS, {"validFrom": "2026-03-20T00:00:00+08:00", "forExisting": True}, ["validFrom"]),
        (TERMS, {"validFrom": "2026-03-01T00:00:00+08:00"}, ["validFrom"]),
        ({**TERMS, "timeZone": "UTC"}, IN_MAY, ["terms", "timeZone"]),
        ({**TERMS, "currency": "USD"}, IN_MAY, ["terms", "currency"]),
        ({**TERMS, "unitPrice": "6.001"}, {}, ["terms", "unitPrice"]),
        ({**TERMS, "unitPrice": "-6.00"}, {}, ["terms", "unitPrice"]),
        ({**TERMS, "currency": "QQQ"}, {}, ["terms", "currency"]),
        ({**TERMS, "meter": "log_gb"}, {}, ["terms", "meter"]),
        ({**TERMS, "tiers": [{"unitPrice": "5.00"}]}, {}, ["terms", "unitPrice"]),
        ({**TERMS, "unitPrice": None, "tiers": [BOUNDED]}, {}, ["terms", "tiers", "0", "upTo"]),
        (TERMS, {"group": "nobody"}, ["group"]),
    ],
)  # fmt: skip
async def test_a_price_that_cannot_hold_is_refused(
    api: Api, terms: dict[str, Any], given: dict[str, Any], path: list[str]
) -> None:
    vendor = await operator(api)
    terms = {name: value for name, value in terms.items() if value is not None}
    answer = await vendor.call("publishPricePlan", "pricePlan { id }", edition=PAY_AS_YOU_GO, terms=terms, **given)
    assert answer["path"] == path, answer
    assert await PricePlan.all().count() == 1


async def test_negotiated_prices_are_those_of_the_groups_accounts(api: Api) -> None:
    vendor = await operator(api)
    mine, account = await activated(api)
    other, another = await activated(api)
    await vendor.call("putPriceGroup", "priceGroup { key }", group="partners", name=NAME)
    plan = await published(vendor, {**TERMS, "unitPrice": "4.00"}, group="partners")
    assert plan == {"id": plan["id"], "version": 1, "group": "partners", "forExisting": True}
    assert await announce_prices() == 0
    moved = await vendor.call(
        "setPriceGroup", "priceGroup { key accounts { nodes { id } } }", accountId=account, group="partners"
    )
    assert moved["priceGroup"] == {"key": "partners", "accounts": {"nodes": [{"id": account}]}}
    await vendor.call("setPriceGroup", "priceGroup { key }", accountId=account, group="partners")
    assert len(await told(mine, account, "price.group_changed")) == 1
    (event,) = await told(mine, account)
    assert event["after"]["billedFrom"] == "2026-03-03"
    for client, one, amount in ((mine, account, "80.00"), (other, another, "100.00")):
        await advance(client, one, 10 * DAY)
        assert set((await amounts(client, one)).values()) == {amount}
    seen = "query ($id: ID!) { node(id: $id) { id } }"
    assert [(await one.data(seen, id=plan["id"]))["node"] for one in (mine, vendor)] == [{"id": plan["id"]}] * 2
    assert [(await one.data(seen, id=plan["id"]))["node"] for one in (other, Api(api.http))] == [None] * 2


async def test_a_group_has_versions_of_its_own_and_the_catalogs_price_is_not_for_it(api: Api) -> None:
    vendor = await operator(api)
    mine, account = await activated(api)
    await vendor.call("putPriceGroup", "priceGroup { key }", group="partners", name=NAME)
    await published(vendor, {**TERMS, "unitPrice": "4.00"}, group="partners")
    await vendor.call("setPriceGroup", "priceGroup { key }", accountId=account, group="partners")
    await published(vendor, validFrom="2026-04-10T00:00:00+08:00", forExisting=True)
    next_one = {"validFrom": "2026-04-08T00:00:00+08:00", "group": "partners"}
    assert (await published(vendor, {**TERMS, "unitPrice": "4.50"}, **next_one))["version"] == 2
    await announce_prices()
    assert [event["after"]["billedFrom"] for event in await told(mine, account)] == ["2026-03-03", "2026-04-08"]
    await advance(mine, account, 42 * DAY)
    billed = await amounts(mine, account)
    assert [billed[f"2026-04-{day:02}"] for day in (7, 8, 12)] == ["80.00", "90.00", "90.00"]


async def test_who_leaves_a_group_has_the_catalogs_price_again_and_its_announcements(
    api: Api, travelling_clock: TravellingClock
) -> None:
    vendor = await operator(api)
    mine, account = await activated(api)
    await published(vendor, validFrom="2026-04-10T00:00:00+08:00", forExisting=True)
    await announce_prices()
    await vendor.call("putPriceGroup", "priceGroup { key }", group="partners", name=NAME)
    await published(vendor, {**TERMS, "unitPrice": "4.00"}, group="partners")
    await vendor.call("setPriceGroup", "priceGroup { key }", accountId=account, group="partners")
    assert len(await told(mine, account, "price.withdrawn")) == 1
    travelling_clock.forward(days=10)
    left = await vendor.call("setPriceGroup", "priceGroup { key }", accountId=account)
    assert left["priceGroup"] is None
    assert [event["after"]["billedFrom"] for event in await told(mine, account)] == [
        "2026-04-10",
        "2026-03-03",
        "2026-03-13",
        "2026-04-10",
    ]
    await advance(mine, account, 32 * DAY)
    billed = await amounts(mine, account)
    assert [billed[day] for day in ("2026-03-12", "2026-03-13", "2026-04-09", "2026-04-10")] == [
        "80.00",
        "100.00",
        "100.00",
        "120.00",
    ]


async def test_an_upgrade_in_the_group_begins_with_its_price(api: Api) -> None:
    vendor = await operator(api)
    mine, account = await registered(api)
    await vendor.call("putPriceGroup", "priceGroup { key }", group="partners", name=NAME)
    await published(vendor, {**TERMS, "unitPrice": "4.00", "freePeriodSeconds": 14 * DAY}, group="partners")
    await vendor.call("setPriceGroup", "priceGroup { key }", accountId=account, group="partners")
    await mine.call("upgradeEdition", "account { id }", accountId=account, edition=PAY_AS_YOU_GO)
    found = await mine.account(account, "upgrade { pricePlan { unitPrice { amount } group } }")
    assert found["upgrade"]["pricePlan"] == {"unitPrice": {"amount": "4.00"}, "group": "partners"}
    assert await announce_prices() == 0


async def test_prices_in_another_currency_are_not_for_who_is_upgraded(api: Api) -> None:
    vendor = await operator(api)
    _, account = await activated(api)
    await vendor.call("putPriceGroup", "priceGroup { key }", group="abroad", name=NAME)
    terms = {**TERMS, "currency": "USD"}
    answer = await vendor.call(
        "publishPricePlan", "pricePlan { id }", edition=PAY_AS_YOU_GO, terms=terms, group="abroad"
    )
    assert answer["path"] == ["terms", "currency"]
    await PricePlan.create(
        edition="PAY_AS_YOU_GO",
        version=1,
        group=await find_group("abroad"),
        meter="datakit",
        unit_price_minor=100,
        currency="USD",
        minimum_quantity=0,
        free_period_seconds=0,
        time_zone="Asia/Shanghai",
        for_existing=True,
        valid_from=datetime.fromisoformat("2026-03-01T00:00:00+08:00"),
    )
    refused = await vendor.call("setPriceGroup", "priceGroup { key }", accountId=account, group="abroad")
    assert (refused["code"], refused["path"]) == ("INVALID_INPUT", ["accountId"])


async def test_what_a_plan_says_is_shown_whole(api: Api) -> None:
    vendor = await operator(api)
    terms = {
        **{name: value for name, value in TERMS.items() if name != "unitPrice"},
        "tiers": [{"upTo": 100, "unitPrice": "5.00"}, {"unitPrice": "4.00", "flat": "20.00"}],
        "baseFee": "10.00",
        "freeQuantity": 10,
    }
    plan = await published(vendor, terms)
    shown = await api.data(WHOLE, id=plan["id"])
    assert shown["node"] == {
        "edition": "PAY_AS_YOU_GO",
        "meter": "datakit",
        "meterDetails": {"key": "datakit", "name": "DataKits", "unit": "DataKit", "aggregation": "LARGEST_HOUR"},
        "unitsPerPrice": 1,
        "tierMode": "GRADUATED",
        "tiers": [
            {"upTo": 100, "unitPrice": {"amount": "5.00"}, "flat": {"amount": "0.00"}},
            {"upTo": None, "unitPrice": {"amount": "4.00"}, "flat": {"amount": "20.00"}},
        ],
        "baseFee": {"amount": "10.00"},
        "freeQuantity": 10,
        "minimumQuantity": 20,
        "group": None,
        "forExisting": False,
        "withdrawnAt": None,
        "texts": [
            "units 1 to 100: 5.00 CNY for each DataKit and day",
            "from unit 101 on: 4.00 CNY for each DataKit and day, and 20.00 CNY once",
            "the first 10 DataKit of a day are free",
            "fewer than 20 DataKit count as 20",
            "a base fee of 10.00 CNY a day",
        ],
        "day": {"billedQuantity": 140, "amount": {"amount": "690.00"}},
    }
    later = await published(vendor, validFrom="2026-05-01T00:00:00+08:00")
    coming = await api.data("{ editions { key comingPricePlans { id } } meters { key } }")
    assert {"key": "PAY_AS_YOU_GO", "comingPricePlans": [{"id": later["id"]}]} in coming["editions"]
    assert coming["meters"] == [{"key": "datakit"}]
    listed = await vendor.data(LISTS)
    assert [one["version"] for one in listed["pricePlans"]["nodes"]] == [1, 2, 3]
    assert (listed["editionVersions"]["totalCount"], listed["priceGroups"]["totalCount"]) == (4, 0)
    for query in ("pricePlans", "editionVersions", "priceGroups"):
        answer = await Api(api.http).answer(f"{{ {query} {{ totalCount }} }}")
        assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
