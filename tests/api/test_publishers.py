"""Who published, changed or withdrew what is sold: operators and auditors see it, and nobody else does."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from app.accounts.models import StaffRole
from tests.api.driver import PAY_AS_YOU_GO, Api, Enum, registered
from tests.api.publishing import EDITION, NAME, PRICE
from tests.api.wallets import staff
from tests.conftest import TravellingClock

BY = "publishedBy withdrawnBy"


async def signed_in_as(who: Api) -> str:
    return str((await who.data("{ viewer { user { email } } }"))["viewer"]["user"]["email"])


@pytest.fixture
def later(travelling_clock: TravellingClock) -> str:
    """Tomorrow."""
    return (travelling_clock.at + timedelta(days=1)).isoformat()


async def test_operators_and_auditors_see_who_published_and_withdrew(api: Api, later: str) -> None:
    first, second = [await staff(api, [StaffRole.OPERATOR]) for _ in "12"]
    auditor, finance = await staff(api, [StaffRole.AUDITOR]), await staff(api, [StaffRole.FINANCE])
    mine, _ = await registered(api)
    one, two = await signed_in_as(first), await signed_in_as(second)
    made: list[tuple[str, dict[str, Any], str, dict[str, Any], str]] = [
        (
            "publishPricePlan",
            {"edition": PAY_AS_YOU_GO, "terms": PRICE, "validFrom": later},
            "withdrawPricePlan",
            {"pricePlanId": "id"},
            "pricePlan",
        ),
        (
            "publishEdition",
            {"edition": PAY_AS_YOU_GO, "terms": EDITION, "validFrom": later},
            "withdrawEdition",
            {"editionId": "id"},
            "edition",
        ),
        (
            "publishAgreement",
            {"edition": PAY_AS_YOU_GO, "title": NAME, "text": NAME, "validFrom": later},
            "withdrawAgreement",
            {"agreementId": "id"},
            "agreement",
        ),
    ]
    for publish, given, withdraw, named, shown in made:
        answer = await first.call(publish, f"{shown} {{ id __typename {BY} }}", **given)
        row = answer[shown]
        assert (row["publishedBy"], row["withdrawnBy"]) == (one, None)
        key = {name: row[value] for name, value in named.items()}
        for who in (second, first):
            again = await who.call(withdraw, f"{shown} {{ {BY} }}", **key)
            assert again[shown] == {"publishedBy": one, "withdrawnBy": two}
        document = f"query ($id: ID!) {{ node(id: $id) {{ ... on {row['__typename']} {{ {BY} }} }} }}"
        for reader, seen in ((auditor, (one, two)), (finance, (None, None)), (mine, (None, None))):
            found = (await reader.data(document, id=row["id"]))["node"]
            assert (found["publishedBy"], found["withdrawnBy"]) == seen


async def test_a_meter_and_a_release_say_it_too(api: Api, later: str) -> None:
    first, second = [await staff(api, [StaffRole.OPERATOR]) for _ in "12"]
    mine, _ = await registered(api)
    one, two = await signed_in_as(first), await signed_in_as(second)
    given: dict[str, Any] = {"meter": "log_gb", "name": NAME, "aggregation": Enum("SUM")}
    for who, unit, changed, at in ((first, "GB", None, later), (second, "GB", None, None), (second, "TB", two, None)):
        answer = await who.call("publishMeter", f"meter {{ {BY} changedBy }}", None, **given, unit=unit, validFrom=at)
        assert answer["meter"] == {"publishedBy": one, "withdrawnBy": None, "changedBy": changed}
    meters = "{ meters { key publishedBy changedBy } releases { nodes { version publishedBy } } }"
    await first.call("publishRelease", f"release {{ {BY} }}", version="9.9.9", releasedAt=later)
    seen, hidden = await first.data(meters), await mine.data(meters)
    assert seen["meters"] == [
        {"key": "datakit", "publishedBy": "billing", "changedBy": None},
        {"key": "log_gb", "publishedBy": one, "changedBy": two},
    ]
    assert seen["releases"]["nodes"] == [{"version": "9.9.9", "publishedBy": one}]
    assert {one["publishedBy"] for one in (*hidden["meters"], *hidden["releases"]["nodes"])} == {None}
    withdrawn = await second.call("withdrawMeter", f"meter {{ {BY} }}", meter="log_gb")
    assert withdrawn["meter"] == {"publishedBy": one, "withdrawnBy": two}
    withdrawn = await second.call("withdrawRelease", f"release {{ {BY} }}", version="9.9.9")
    assert withdrawn["release"] == {"publishedBy": one, "withdrawnBy": two}
