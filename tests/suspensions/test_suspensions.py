"""Staff suspend an account, a license or a deployment: what stops meanwhile, what goes on, and that it comes back."""

from __future__ import annotations

from typing import Any

import pytest

from app.accounts.models import StaffRole
from app.refusals import hint
from tests.api.driver import Api, activate, license_and_key, upgraded
from tests.api.wallets import staff
from tests.applications.steps import event_types
from tests.conftest import TravellingClock

HOUR = "2026-03-02T09:00:00Z"
SHOWN = "suspension { subject subjectId reason endedAt }"


@pytest.fixture
async def manager(api: Api) -> Api:
    """An account manager."""
    return await staff(api, [StaffRole.ACCOUNT_MANAGER])


async def reported(api: Api, ak: str, sk: str) -> Any:
    """What a report of a deployment answers."""
    return await Api(api.http).call(
        "reportUsage",
        "accepted { count } receipt { text }",
        (ak, sk),
        fingerprint="fingerprint-1",
        reports=[{"hour": HOUR, "dataKits": ["dk-1"]}],
    )


async def running(api: Api) -> tuple[Api, str, dict[str, str], tuple[str, str, str]]:
    """A customer whose deployment runs; the ids of what can be suspended, and license, AK and SK."""
    mine, account = await upgraded(api)
    text, ak, sk = await license_and_key(mine, account)
    await activate(mine, text, ak, sk)
    found = await mine.account(account, "licenses { nodes { id } } deployments { nodes { id } }")
    ids = {
        "ACCOUNT": account,
        "LICENSE": found["licenses"]["nodes"][0]["id"],
        "DEPLOYMENT": found["deployments"]["nodes"][0]["id"],
    }
    return mine, account, ids, (text, ak, sk)


@pytest.mark.parametrize("subject", ["ACCOUNT", "LICENSE", "DEPLOYMENT"])
async def test_nothing_is_activated_or_leased_while_it_lasts_and_usage_is_still_taken(
    api: Api, manager: Api, travelling_clock: TravellingClock, subject: str
) -> None:
    mine, account, ids, (text, ak, sk) = await running(api)
    assert (await reported(api, ak, sk))["receipt"] is not None
    held = await manager.call("suspend", SHOWN, subjectId=ids[subject], reason="a chargeback")
    assert held["suspension"] == {
        "subject": subject,
        "subjectId": ids[subject],
        "reason": "a chargeback",
        "endedAt": None,
    }
    again = await manager.call("suspend", SHOWN, subjectId=ids[subject], reason="another reason")
    assert again["suspension"]["reason"] == "a chargeback"
    refused = await activate(mine, text, ak, sk)
    assert refused["code"] == "INVALID_LICENSE"
    assert hint("SUSPENDED", "en") in refused["message"]
    taken = await reported(api, ak, sk)
    assert (taken["receipt"], taken["accepted"]) == (None, [{"count": 1}])
    node = await mine.data(
        "query ($id: ID!) { node(id: $id) { ... on Account { suspension { reason } } ... on License { suspension "
        "{ reason } } ... on Deployment { suspension { reason } } } }",
        id=ids[subject],
    )
    assert node["node"]["suspension"] == {"reason": "a chargeback"}

    ended = await manager.call("reinstate", SHOWN, subjectId=ids[subject], reason="it was paid")
    assert ended["suspension"]["endedAt"] is not None
    assert (await manager.call("reinstate", SHOWN, subjectId=ids[subject], reason="again"))["suspension"] is None
    assert (await activate(mine, text, ak, sk))["__typename"] == "ActivateLicenseSuccess"
    assert (await reported(api, ak, sk))["receipt"] is not None
    types = await event_types(mine, account)
    assert [types.count(f"suspension.{what}") for what in ("began", "ended")] == [1, 1]
    history = (await mine.account(account, "suspensions { nodes { reason endReason } }"))["suspensions"]["nodes"]
    assert history == [{"reason": "a chargeback", "endReason": "it was paid"}]


async def test_members_of_a_suspended_account_look_and_pay_and_change_nothing_else(
    api: Api, manager: Api, travelling_clock: TravellingClock
) -> None:
    mine, account, _, _ = await running(api)
    await manager.call("suspend", SHOWN, subjectId=account, reason="abuse")
    for mutation in ("createLicense", "createAccessKey"):
        refused = await mine.call(mutation, "__typename", accountId=account, label="x")
        assert (refused["code"], "(abuse)" in refused["message"]) == ("ACCOUNT_SUSPENDED", True)
    asked = await mine.call("requestTopUp", "topUp { state }", accountId=account, amount="100.00")
    assert asked["topUp"]["state"] == "REQUESTED"
    assert (await mine.account(account, "edition"))["edition"] == "PAY_AS_YOU_GO"
    await manager.call("reinstate", SHOWN, subjectId=account, reason="talked")
    made = await mine.call("createLicense", "__typename", accountId=account, label="x")
    assert made["__typename"] == "CreateLicenseSuccess"


async def test_one_license_or_deployment_is_suspended_and_the_others_work_on(
    api: Api, manager: Api, travelling_clock: TravellingClock
) -> None:
    mine, account, ids, (_, ak, sk) = await running(api)
    other, _, _ = await license_and_key(mine, account)
    await activate(mine, other, ak, sk)
    found = (await mine.account(account, "licenses { nodes { id } }"))["licenses"]["nodes"]
    (newer,) = {one["id"] for one in found} - {ids["LICENSE"]}
    await manager.call("suspend", SHOWN, subjectId=newer, reason="leaked")
    assert (await reported(api, ak, sk))["receipt"] is not None
    await manager.call("suspend", SHOWN, subjectId=ids["LICENSE"], reason="leaked")
    assert (await reported(api, ak, sk))["receipt"] is None
    await manager.call("reinstate", SHOWN, subjectId=newer, reason="another one")
    assert (await activate(mine, other, ak, sk))["__typename"] == "ActivateLicenseSuccess"
    await manager.call("suspend", SHOWN, subjectId=ids["DEPLOYMENT"], reason="sold")
    assert (await activate(mine, other, ak, sk))["code"] == "INVALID_LICENSE"
    elsewhere, _, _ = await license_and_key(mine, account)
    assert (await activate(mine, elsewhere, ak, sk, "fingerprint-2"))["__typename"] == "ActivateLicenseSuccess"


async def test_what_cannot_be_suspended_is_refused(api: Api, manager: Api, travelling_clock: TravellingClock) -> None:
    mine, account, ids, _ = await running(api)
    user = (await mine.data("{ viewer { user { id } } }"))["viewer"]["user"]["id"]
    answers = {
        given: (await manager.call("suspend", "__typename", subjectId=given, reason="x")).get("code")
        for given in (user, "nonsense", ids["LICENSE"][:-4])
    }
    assert set(answers.values()) == {"INVALID_INPUT"}, answers
    assert (await manager.call("suspend", "__typename", subjectId=account, reason=" "))["code"] == "INVALID_INPUT"
    assert (await mine.call("suspend", "__typename", subjectId=account, reason="x"))["code"] == "PERMISSION_DENIED"
    finance = await staff(api)
    assert (await finance.call("suspend", "__typename", subjectId=account, reason="x"))["code"] == "PERMISSION_DENIED"
