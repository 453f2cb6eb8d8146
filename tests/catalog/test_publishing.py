"""Prices that are published: tiers leave no quantity without a price, whoever writes them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
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
from app.catalog.publishing import check_tiers, publish_plan
from app.catalog.queries import aggregations
from app.errors import InvalidInput
from tests.api.driver import Api

SINCE = datetime(2026, 3, 1, tzinfo=UTC)
TERMS: dict[str, Any] = {
    "meter": DATA_KITS,
    "unit_price_minor": 0,
    "currency": "CNY",
    "minimum_quantity": 0,
    "free_period_seconds": 14 * 86_400,
    "time_zone": "Asia/Shanghai",
}
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
            await publish_plan(EditionKey.PAY_AS_YOU_GO, SINCE, tiers=tiers, **TERMS)
    assert refused.value.path == path
    with pytest.raises(IntegrityError, match="price_plan"):
        await PricePlan.create(edition=EditionKey.PAY_AS_YOU_GO, version=2, valid_from=SINCE, tiers=tiers, **TERMS)


async def test_a_published_plan_is_the_next_version(database: str) -> None:
    tiers = [{"up_to": 10, "unit_price_minor": 100, "flat_minor": 5}, {"up_to": None, "unit_price_minor": 90}]
    async with in_transaction():
        plan = await publish_plan(EditionKey.PAY_AS_YOU_GO, SINCE, tiers=tiers, **TERMS)
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
    meter = await Meter.create(key="log_gb", aggregation=Aggregation.SUM, name={"zh": "x", "en": "x"})
    assert await aggregations(["log_gb", DATA_KITS, "none"]) == {
        "log_gb": Aggregation.SUM,
        DATA_KITS: Aggregation.LARGEST_HOUR,
    }
    with pytest.raises(asyncpg.RaiseError, match="never changed"):
        await Meter.filter(id=meter.id).update(aggregation=Aggregation.MAX)
    with pytest.raises(asyncpg.RaiseError, match="never changed"):
        await meter.delete()
    assert await Meter.filter(id=meter.id).update(name={"zh": "日志", "en": "Logs"}) == 1


async def test_the_catalog_tells_of_the_free_period_of_the_plan_in_force(api: Api) -> None:
    included = "{ editions { key included } }"
    for seconds, said in ((14 * 86_400, ["14 free days"]), (0, [])):
        async with in_transaction():
            terms = {**TERMS, "free_period_seconds": seconds}
            await publish_plan(EditionKey.PAY_AS_YOU_GO, SINCE, **terms)
        (found,) = [one for one in (await api.data(included))["editions"] if one["key"] == "PAY_AS_YOU_GO"]
        assert [text for text in found["included"] if "free" in text] == said
