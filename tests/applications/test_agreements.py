"""Each edition has an agreement of its own: who is on the way to one accepts that."""

from __future__ import annotations

from typing import Any

import pytest

from app.accounts.models import StaffRole
from tests.api.driver import PAY_AS_YOU_GO, Api, Enum, agreed, registered, upgraded
from tests.api.wallets import DAY, staff
from tests.applications.steps import LICENSED, SUBSCRIPTION, accepted, offered, steps, terms
from tests.conftest import TravellingClock

FIELDS = "id edition version title contentHash publishedAt withdrawnAt"
NEW = {"title": {"zh": "新协议", "en": "New"}, "text": {"zh": "一。", "en": "One."}}


@pytest.fixture(autouse=True)
def stand_still(travelling_clock: TravellingClock) -> None:
    """Every test begins on 2026-03-02."""


async def agreement(api: Api, edition: Enum) -> dict[str, Any]:
    found = await api.data(f"{{ agreement(edition: {edition}) {{ {FIELDS} }} }}")
    return dict(found["agreement"])


async def accept(mine: Api, account: str, one: dict[str, Any]) -> dict[str, Any]:
    given = {"agreementId": one["id"], "contentHash": one["contentHash"]}
    return dict(await mine.call("acceptAgreement", "acceptance { id }", accountId=account, **given))


async def published(client: Api, edition: Enum, **given: Any) -> dict[str, Any]:
    answer = await client.call("publishAgreement", f"agreement {{ {FIELDS} }}", edition=edition, **{**NEW, **given})
    return dict(answer.get("agreement") or answer)


async def test_the_agreement_of_the_edition_that_is_offered_is_accepted_and_no_other(api: Api) -> None:
    mine, account = await registered(api)
    _, _, offer = await offered(api, mine, account)
    (step, *_) = (await mine.account(account, "nextSteps { action edition }"))["nextSteps"]
    assert step == {"action": "ACCEPT_AGREEMENT", "edition": "SUBSCRIPTION"}
    for other in (PAY_AS_YOU_GO, LICENSED):
        refused = await accept(mine, account, await agreement(api, other))
        assert (refused["code"], refused["path"]) == ("INVALID_INPUT", ["agreementId"])
        assert (
            f"agreement of the {other.replace('_', ' ').lower()} edition, and the account is on its way to subscription"
            in refused["message"]
        )
    assert "code" not in await accept(mine, account, await agreement(api, SUBSCRIPTION))
    await mine.call("chooseSettlementChannel", "binding { state }", accountId=account, channel="guance")
    assert "code" not in await accepted(mine, offer)


async def test_who_pays_as_it_goes_accepts_a_contracts_agreement_beside_its_own(api: Api) -> None:
    mine, account = await upgraded(api)
    _, _, offer = await offered(api, mine, account, LICENSED, **terms(productVersion="1.92.3"))
    refused = await accepted(mine, offer)
    assert (refused["code"], "accept agreement" in refused["message"]) == ("STEP_OUT_OF_ORDER", True)
    await agreed(mine, account)
    assert "code" not in await accepted(mine, offer)
    found = await mine.account(account, "acceptances { nodes { agreement { edition } } }")
    assert [one["agreement"]["edition"] for one in found["acceptances"]["nodes"]] == ["PAY_AS_YOU_GO", "LICENSED"]


async def test_another_editions_new_agreement_asks_nobody_here(api: Api) -> None:
    operator = await staff(api, [StaffRole.OPERATOR])
    mine, account = await registered(api)
    await offered(api, mine, account)
    await agreed(mine, account)
    await published(operator, PAY_AS_YOU_GO)
    assert await steps(mine, account) == ["CHOOSE_SETTLEMENT_CHANNEL", "ACCEPT_OFFER"]
    await published(operator, SUBSCRIPTION)
    assert (await steps(mine, account))[0] == "ACCEPT_AGREEMENT"


async def test_an_agreement_is_listed_and_withdrawn_before_it_is_in_force(
    api: Api, travelling_clock: TravellingClock
) -> None:
    operator = await staff(api, [StaffRole.OPERATOR])
    first = await agreement(api, LICENSED)
    made = await published(operator, LICENSED, validFrom="2026-03-10T00:00:00+08:00")
    assert (made["version"], made["title"]) == (2, "New")
    assert await published(operator, LICENSED, validFrom="2026-03-10T00:00:00+08:00") == made
    assert await agreement(api, LICENSED) == first
    taken = await operator.call("withdrawAgreement", "agreement { withdrawnAt }", agreementId=made["id"])
    assert taken["agreement"]["withdrawnAt"]
    travelling_clock.forward(seconds=10 * DAY)
    assert await agreement(api, LICENSED) == first
    again = await published(operator, LICENSED)
    assert (await agreement(api, LICENSED))["version"] == again["version"] == 3
    refused = await operator.call("withdrawAgreement", "agreement { id }", agreementId=again["id"])
    assert (refused["code"], refused["path"]) == ("INVALID_INPUT", ["agreementId"])
    listed = await operator.data("{ agreements(edition: LICENSED) { nodes { version withdrawnAt } } }")
    assert [one["version"] for one in listed["agreements"]["nodes"] if not one["withdrawnAt"]] == [1, 3]
    assert "errors" in await Api(api.http).answer("{ agreements { totalCount } }")


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ({"validFrom": "2026-03-01T00:00:00Z"}, ["validFrom"]),
        ({"title": {"zh": "", "en": "x"}}, ["title"]),
        ({"text": {"zh": " ", "en": "x"}}, ["text"]),
    ],
)
async def test_an_agreement_that_cannot_be_published_is_refused(
    api: Api, given: dict[str, Any], path: list[str]
) -> None:
    operator = await staff(api, [StaffRole.OPERATOR])
    assert (await published(operator, LICENSED, **given))["path"] == path


async def test_the_community_edition_has_none_until_one_is_published(api: Api) -> None:
    assert await api.data("{ agreement(edition: COMMUNITY) { id } }") == {"agreement": None}
