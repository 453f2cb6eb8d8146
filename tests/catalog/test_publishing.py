"""Prices that are published: tiers leave no quantity without a price, whoever writes them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tortoise.connection import get_connection
from tortoise.exceptions import IntegrityError
from tortoise.transactions import in_transaction

from app.catalog.keys import EditionKey
from app.catalog.models import DATA_KITS, Aggregation, Meter, PricePlan
from app.catalog.publishing import publish_edition, publish_meter, publish_plan, withdraw_meter
from app.catalog.queries import aggregations, catalog, day_price
from app.catalog.terms import EDITION, check_edition, check_meter, check_plan, check_tiers
from app.db.published import withdraw
from app.errors import InvalidInput
from tests.api.driver import Api
from tests.billing.factory import edition_with, meter_of
from tests.conftest import TravellingClock

SINCE = datetime(2026, 3, 1, tzinfo=UTC)
TERMS: dict[str, Any] = {
    "meter": DATA_KITS,
    "currency": "CNY",
    "minimum_quantity": 0,
    "free_period_seconds": 14 * 86_400,
    "time_zone": "Asia/Shanghai",
}
FREE = {**TERMS, "unit_price_minor": 0}
OPEN_LAST = {"unit_price_minor": 400}
WRONG: dict[str, tuple[list[Any], tuple[str, ...]]] = {
    "the last tier is bounded": ([{"up_to": 10, "unit_price_minor": 100}], ("tiers", "0", "up_to")),
    "a tier before the last is open": ([OPEN_LAST, OPEN_LAST], ("tiers", "0", "up_to")),
    "bounds do not ascend": (
        [{"up_to": 10, "unit_price_minor": 1}, {"up_to": 10, "unit_price_minor": 1}, OPEN_LAST],
        ("tiers", "1", "up_to"),
    ),
    "a bound of nothing": ([{"up_to": 0, "unit_price_minor": 1}, OPEN_LAST], ("tiers", "0", "up_to")),
    "a member by another name": ([{"up_to": None, "unit_price": 500}], ("tiers", "0", "unit_price")),
    "no price": ([{"up_to": None}], ("tiers", "0", "unit_price_minor")),
    "a price below zero": ([{"unit_price_minor": -1}], ("tiers", "0", "unit_price_minor")),
    "a price in parts of a fen": ([{"unit_price_minor": 1.5}], ("tiers", "0", "unit_price_minor")),
    "a price as text": ([{"unit_price_minor": "500"}], ("tiers", "0", "unit_price_minor")),
    "a fee below zero": ([{"unit_price_minor": 1, "flat_minor": -1}], ("tiers", "0", "flat_minor")),
}


@pytest.mark.parametrize(("tiers", "path"), WRONG.values(), ids=WRONG)
async def test_tiers_that_leave_a_quantity_without_a_price_are_refused(
    database: str, tiers: list[Any], path: tuple[str, ...]
) -> None:
    with pytest.raises(InvalidInput) as refused:
        async with in_transaction():
            await publish_plan(EditionKey.PAY_AS_YOU_GO, {**TERMS, "tiers": tiers}, by="tests")
    assert refused.value.path == path
    with pytest.raises(IntegrityError, match="price_plan"):
        await PricePlan.create(edition=EditionKey.PAY_AS_YOU_GO, version=2, valid_from=SINCE, tiers=tiers, **FREE)


async def test_a_published_plan_is_the_next_version(database: str) -> None:
    tiers = [{"up_to": 10, "unit_price_minor": 100, "flat_minor": 5}, {"up_to": None, "unit_price_minor": 90}]
    async with in_transaction():
        plan = await publish_plan(EditionKey.PAY_AS_YOU_GO, {**TERMS, "tiers": tiers}, by="tests")
    assert (plan.version, plan.tiers, plan.account_id) == (2, tiers, None)


VALUES = st.one_of(st.none(), st.integers(-2, 12), st.just(1.5), st.just("3"), st.just(True))
TIERS = st.lists(
    st.dictionaries(st.sampled_from(["up_to", "unit_price_minor", "flat_minor", "price"]), VALUES, max_size=3),
    max_size=3,
)
SOUND = st.builds(
    lambda bounds, price: [{"up_to": bound, "unit_price_minor": price} for bound in [*sorted(bounds), None]],
    st.sets(st.integers(1, 50), max_size=3),
    st.integers(0, 9),
)


async def test_the_database_refuses_what_publishing_refuses_and_nothing_else(database: str) -> None:
    connection = get_connection("default")

    def sound(tiers: list[dict[str, Any]]) -> bool:
        try:
            check_tiers(tiers)
        except InvalidInput:
            return False
        return True

    cases: list[list[dict[str, Any]]] = []

    @settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow], database=None)
    @given(st.one_of(TIERS, SOUND))
    def collect(tiers: list[dict[str, Any]]) -> None:
        cases.append(tiers)

    collect()
    for tiers in cases:
        (row,) = await connection.execute_query_dict("SELECT are_tiers($1::jsonb) AS sound", [json.dumps(tiers)])
        assert row["sound"] == sound(tiers), tiers
    assert {sound(tiers) for tiers in cases} == {True, False}


async def test_what_a_meter_means_never_changes(database: str) -> None:
    meter = await meter_of("log_gb", Aggregation.SUM)
    assert await aggregations(["log_gb", DATA_KITS, "none"]) == {
        "log_gb": Aggregation.SUM,
        DATA_KITS: Aggregation.LARGEST_HOUR,
    }
    with pytest.raises(asyncpg.RaiseError, match="never changed"):
        await Meter.filter(id=meter.id).update(aggregation=Aggregation.MAX)
    with pytest.raises(asyncpg.RaiseError, match="never changed"):
        await meter.delete()
    assert await Meter.filter(id=meter.id).update(name={"zh": "日志", "en": "Logs"}) == 1


MARKET = {
    **TERMS,
    "minimum_quantity": 20,
    "free_quantity": 10,
    "base_minor": 1000,
    "tiers": [{"up_to": 100, "unit_price_minor": 500}, {"unit_price_minor": 400, "flat_minor": 2000}],
}
SAID = (
    "units 1 to 100: 5.00 CNY for each DataKit and day",
    "from unit 101 on: 4.00 CNY for each DataKit and day, and 20.00 CNY once",
    "the first 10 DataKit of a day are free",
    "fewer than 20 DataKit count as 20",
    "a base fee of 10.00 CNY a day",
)


async def test_the_catalog_tells_what_the_plan_in_force_says(api: Api) -> None:
    plans = (
        ({**TERMS, "unit_price_minor": 500}, ["5.00 CNY for each DataKit and day", "14 days free"]),
        ({**MARKET, "free_period_seconds": 36 * 3_600}, [*SAID, "36 hours free"]),
        (
            {**TERMS, "unit_price_minor": 3, "units_per_price": 1000, "free_period_seconds": 0},
            ["0.03 CNY for every 1,000 DataKit and day"],
        ),
    )
    for terms, said in plans:
        async with in_transaction():
            await publish_plan(EditionKey.PAY_AS_YOU_GO, terms, by="tests")
        (found,) = [one for one in (await api.data(EDITIONS))["editions"] if one["key"] == "PAY_AS_YOU_GO"]
        assert [text for text in found["included"] if "free" in text or "CNY" in text or "count as" in text] == said
    api.locale = "zh"
    (found,) = [one for one in (await api.data(EDITIONS))["editions"] if one["key"] == "PAY_AS_YOU_GO"]
    assert "每 1,000 DataKit 每日 0.03 CNY" in found["included"]
    assert not [text for text in found["included"] if "{" in text or "免费期" in text]


EDITIONS = "{ editions { key included } }"
WRONG_PLANS: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {
    "another name for a price": ({**TERMS, "unit_price": 500}, ("unit_price",)),
    "no price": (TERMS, ("unit_price_minor",)),
    "a price and tiers": ({**MARKET, "unit_price_minor": 500}, ("unit_price_minor",)),
    "no tier": ({**TERMS, "tiers": []}, ("tiers",)),
    "a tier that is none": ({**TERMS, "tiers": [5]}, ("tiers",)),
    "tiers that are no list": ({**TERMS, "tiers": {"unit_price_minor": 5}}, ("tiers",)),
    "a price in parts of a fen": ({**FREE, "unit_price_minor": 1.5}, ("unit_price_minor",)),
    "a fee below zero": ({**FREE, "base_minor": -1}, ("base_minor",)),
    "no meter": ({name: value for name, value in FREE.items() if name != "meter"}, ("meter",)),
    "a meter that there is not": ({**FREE, "meter": "log_gb"}, ("meter",)),
    "a currency that there is not": ({**FREE, "currency": "QQQ"}, ("currency",)),
    "a zone that is an offset to PostgreSQL": ({**FREE, "time_zone": "EST"}, ("time_zone",)),
    "a zone that there is not": ({**FREE, "time_zone": "Asia/Nowhere"}, ("time_zone",)),
    "a least that no column holds": ({**FREE, "minimum_quantity": 2**31}, ("minimum_quantity",)),
    "a price for no units": ({**FREE, "units_per_price": 0}, ("units_per_price",)),
    "a mode that there is not": ({**FREE, "tier_mode": "SLAB"}, ("tier_mode",)),
}


@pytest.mark.parametrize(("terms", "path"), WRONG_PLANS.values(), ids=WRONG_PLANS)
async def test_a_plan_that_says_too_much_or_too_little_is_refused_by_name(
    database: str, terms: dict[str, Any], path: tuple[str, ...]
) -> None:
    with pytest.raises(InvalidInput) as refused:
        async with in_transaction():
            await publish_plan(EditionKey.PAY_AS_YOU_GO, terms, by="tests")
    assert refused.value.path == path
    assert await PricePlan.all().count() == 1


WRONG_ROWS: dict[str, dict[str, Any]] = {
    "tiers and a unit price": {**FREE, "unit_price_minor": 5, "tiers": [OPEN_LAST]},
    "a currency in small letters": {**FREE, "currency": "cny"},
    "a free period before it begins": {**FREE, "free_period_seconds": -1},
    "a zone that is an offset": {**FREE, "time_zone": "EST"},
    "withdrawn when it was in force": {**FREE, "withdrawn_at": SINCE, "withdrawn_by": "tests"},
    "a meter that there is not": {**FREE, "meter": "log_gb"},
}


@pytest.mark.parametrize("row", WRONG_ROWS.values(), ids=WRONG_ROWS)
async def test_the_database_refuses_a_wrong_plan_too(database: str, row: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError):
        await PricePlan.create(edition=EditionKey.PAY_AS_YOU_GO, version=2, valid_from=SINCE, **row)


async def test_versions_count_for_whom_the_price_is_of(database: str) -> None:
    with pytest.raises(IntegrityError):
        await PricePlan.create(edition=EditionKey.PAY_AS_YOU_GO, version=1, valid_from=SINCE, **FREE)


async def test_a_day_of_150_costs_what_the_tiers_say(database: str) -> None:
    async with in_transaction():
        plan = await publish_plan(EditionKey.PAY_AS_YOU_GO, MARKET, by="tests")
    day = await day_price(plan, 150)
    assert (day.billed_quantity, day.amount_minor) == (140, 1000 + 100 * 500 + 40 * 400 + 2000)


async def test_what_is_published_changes_by_being_withdrawn_before_it_is_in_force_alone(
    database: str, travelling_clock: TravellingClock
) -> None:
    later = travelling_clock.at + timedelta(days=1)
    async with in_transaction():
        plan = await publish_plan(EditionKey.PAY_AS_YOU_GO, FREE, later, by="tests")
        with pytest.raises(InvalidInput) as refused:
            await publish_plan(EditionKey.PAY_AS_YOU_GO, FREE, travelling_clock.at - timedelta(seconds=1), by="tests")
    assert refused.value.path == ("validFrom",)
    for change in ({"currency": "USD"}, {"valid_from": SINCE}, {"tiers": [OPEN_LAST]}, {"published_by": "x"}):
        with pytest.raises(asyncpg.RaiseError, match="never changed"):
            await PricePlan.filter(id=plan.id).update(**change)
    for withdrawn in (
        {"withdrawn_at": later, "withdrawn_by": "tests"},
        {"withdrawn_at": travelling_clock.at},
        {"withdrawn_by": "tests"},
    ):
        with pytest.raises(IntegrityError):
            await PricePlan.filter(id=plan.id).update(**withdrawn)
    assert (await withdraw(plan, "pricePlanId", by="tests")).withdrawn_at == travelling_clock.at
    travelling_clock.forward(hours=1)
    assert (await withdraw(plan, "pricePlanId", by="tests")).withdrawn_at == travelling_clock.at - timedelta(hours=1)
    for other in ({"withdrawn_at": None, "withdrawn_by": None}, {"withdrawn_by": "somebody else"}):
        with pytest.raises(asyncpg.RaiseError, match="never changed"):
            await PricePlan.filter(id=plan.id).update(**other)
    assert (await PricePlan.get(id=plan.id)).withdrawn_by == "tests"
    first = await PricePlan.get(version=1)
    with pytest.raises(InvalidInput, match="in force since"):
        await withdraw(first, "pricePlanId", by="tests")


LOGS = {"key": "log_gb", "name": {"zh": "日志", "en": "Logs"}, "unit": "GB", "aggregation": "SUM"}
WRONG_METERS: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {
    "another name": ({**LOGS, "units": "GB"}, ("units",)),
    "no unit": ({**LOGS, "unit": " "}, ("unit",)),
    "a name in one language": ({**LOGS, "name": {"zh": "日志"}}, ("name",)),
    "an empty name": ({**LOGS, "name": {"zh": "日志", "en": ""}}, ("name",)),
    "a key with a blank": ({**LOGS, "key": "log gb"}, ("key",)),
    "another aggregation": ({**LOGS, "aggregation": "AVERAGE"}, ("aggregation",)),
}


@pytest.mark.parametrize(("given", "path"), WRONG_METERS.values(), ids=WRONG_METERS)
async def test_a_wrong_meter_is_refused_by_name_and_by_the_database(
    database: str, given: dict[str, Any], path: tuple[str, ...]
) -> None:
    with pytest.raises(InvalidInput) as refused:
        await publish_meter(given, by="tests")
    assert refused.value.path == path
    if path != ("units",) and path != ("aggregation",):
        with pytest.raises(IntegrityError):
            await Meter.create(**{**given, "unit": str(given["unit"]).strip()}, valid_from=SINCE)


async def test_a_meter_is_known_from_its_day_on_and_renamed_but_never_redefined(
    database: str, travelling_clock: TravellingClock
) -> None:
    later = travelling_clock.at + timedelta(days=1)
    priced = {**FREE, "meter": "log_gb"}
    async with in_transaction():
        await publish_meter(LOGS, later, by="tests")
    assert await aggregations(["log_gb"]) == {}
    async with in_transaction():
        with pytest.raises(InvalidInput, match="no meter"):
            await publish_plan(EditionKey.PAY_AS_YOU_GO, priced, by="tests")
        plan = await publish_plan(EditionKey.PAY_AS_YOU_GO, priced, later, by="tests")
        with pytest.raises(InvalidInput, match="withdraw that first"):
            await withdraw_meter("log_gb", by="tests")
        await withdraw(plan, "pricePlanId", by="tests")
        await withdraw_meter("log_gb", by="tests")
        with pytest.raises(InvalidInput, match="was withdrawn"):
            await publish_meter(LOGS, by="tests")
    async with in_transaction():
        await publish_meter({**LOGS, "key": "traces"}, by="tests")
        assert (await publish_meter({**LOGS, "key": "traces", "unit": "TB"}, by="tests")).unit == "TB"
        for other in ({"aggregation": "MAX"},):
            with pytest.raises(InvalidInput, match="another key"):
                await publish_meter({**LOGS, "key": "traces", **other}, by="tests")
        with pytest.raises(InvalidInput, match="in force since"):
            await withdraw_meter("traces", by="tests")
    assert await aggregations(["traces", "log_gb"]) == {"traces": Aggregation.SUM}


async def test_a_version_of_an_edition_is_in_force_from_its_day_on(
    database: str, travelling_clock: TravellingClock
) -> None:
    now = travelling_clock.at
    before = await catalog(now)
    async with in_transaction():
        made = await edition_with(EditionKey.LICENSED, position=0, name={"zh": "新名", "en": "New name"})
    assert [edition.key for edition in before] == ["COMMUNITY", "PAY_AS_YOU_GO", "SUBSCRIPTION", "LICENSED"]
    assert {edition.key: edition.version for edition in await catalog(now)} == {
        "COMMUNITY": 1,
        "LICENSED": 2,
        "PAY_AS_YOU_GO": 1,
        "SUBSCRIPTION": 1,
    }
    assert made.name["en"] == "New name"
    with pytest.raises(asyncpg.RaiseError, match="never changed"):
        await type(made).filter(id=made.id).update(license_days=1)


async def test_a_wrong_edition_is_refused_by_name(database: str) -> None:
    (community, *_) = await catalog(SINCE)
    columns = {name: getattr(community, name) for name in EDITION}
    check_edition(columns)
    wrong: dict[str, Any] = {
        "colour": "blue",
        "name": {"zh": "x"},
        "license_days": 0,
        "by_application": "no",
        "included": {"zh": ["x"]},
        "features": "logs",
        "position": 2**15,
    }
    for name, value in wrong.items():
        with pytest.raises(InvalidInput) as refused:
            await publish_edition(EditionKey.COMMUNITY, {**columns, name: value}, by="tests")
        assert refused.value.path == (name,)
    with pytest.raises(InvalidInput, match="must have features"):
        check_edition({name: value for name, value in columns.items() if name != "features"})
    assert check_plan(FREE) == FREE
    assert check_meter(LOGS) == LOGS
