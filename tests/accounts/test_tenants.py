"""One customer never sees or changes anything of another's, whichever way they ask."""

from __future__ import annotations

from typing import Any

import pytest

from app.accounts.models import Account
from app.api.node import Node, encode_id, split_id
from app.bootstrap import Runtime
from app.settlement.settling import settle_due
from tests.api.driver import PAY_AS_YOU_GO, Api, Enum, activate, advance, license_and_key, registered, upgraded
from tests.conftest import TravellingClock

DAY = 86_400
OWNED = """id settlementBinding { id } upgrade { id } topUps { id }
    members { nodes { id user { id } } } acceptances { nodes { id } } licenses { nodes { id } }
    accessKeys { nodes { id } } deployments { nodes { id } } events(first: 100) { nodes { id } }
    charges { nodes { id settlement { id } } }"""


def _ids(found: Any) -> set[str]:
    if isinstance(found, dict):
        return ({found["id"]} if "id" in found else set()).union(*map(_ids, found.values()))
    return set().union(*map(_ids, found)) if isinstance(found, list) else set()


async def _billed(api: Api, runtime: Runtime) -> tuple[Api, str, dict[str, Any]]:
    """An account that has one of everything."""
    mine, account = await upgraded(api)
    text, ak, sk = await license_and_key(mine, account)
    await activate(mine, text, ak, sk)
    await mine.call("requestTopUp", "topUp { id }", accountId=account, amount="10.00")
    await advance(mine, account, 9 * DAY)
    while await settle_due(runtime.host):
        pass
    return mine, account, await mine.account(account, OWNED)


async def test_nothing_of_one_is_shown_to_another(
    api: Api, travelling_clock: TravellingClock, runtime: Runtime
) -> None:
    mine, account, owned = await _billed(api, runtime)
    theirs, _ = await registered(api)
    ids = sorted(_ids(owned))
    kinds = {type_name for type_name in Node.kinds if any(split_id(id)[0] == type_name for id in ids)}
    assert {"Account", "License", "Charge", "Settlement", "Event", "AccessKey", "Deployment", "TopUp"} <= kinds
    document = "query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }"
    for start in range(0, len(ids), 100):
        asked = ids[start : start + 100]
        assert [node["id"] for node in (await mine.data(document, ids=asked))["nodes"]] == asked
        for stranger in (theirs, Api(api.http), Api(api.http, "pat_nonsense")):
            assert set(map(str, (await stranger.data(document, ids=asked))["nodes"])) == {"None"}
            one = await stranger.data("query ($id: ID!) { node(id: $id) { id } }", id=asked[0])
            assert one["node"] is None
    assert (await theirs.data("query ($id: ID!) { account(id: $id) { id } }", id=account))["account"] is None
    assert account not in str(await theirs.data("{ viewer { accounts { id } memberships { id } } }"))
    for staff_only in ("{ accounts { nodes { id } } }", "{ topUps { id } }"):
        assert "errors" in await theirs.answer(staff_only)


async def test_nothing_of_one_is_changed_by_another(
    api: Api, travelling_clock: TravellingClock, runtime: Runtime
) -> None:
    mine, account, owned = await _billed(api, runtime)
    theirs, their_account = await upgraded(api)
    agreement = (await api.data("{ agreement(edition: PAY_AS_YOU_GO) { id contentHash } }"))["agreement"]
    membership = owned["members"]["nodes"][0]["id"]
    attempts: list[tuple[str, dict[str, Any]]] = [
        ("upgradeEdition", {"accountId": account, "edition": PAY_AS_YOU_GO}),
        (
            "acceptAgreement",
            {"accountId": account, "agreementId": agreement["id"], "contentHash": agreement["contentHash"]},
        ),
        ("chooseSettlementChannel", {"accountId": account, "channel": "guance"}),
        ("createLicense", {"accountId": account, "label": "x"}),
        ("revokeLicense", {"licenseId": owned["licenses"]["nodes"][0]["id"], "reason": "x"}),
        ("createAccessKey", {"accountId": account, "label": "x"}),
        ("revokeAccessKey", {"id": owned["accessKeys"]["nodes"][0]["id"]}),
        ("requestTopUp", {"accountId": account, "amount": "1.00"}),
        ("startOnlineTopUp", {"accountId": account, "amount": "10.00"}),
        ("cancelTopUp", {"topUpId": owned["topUps"][0]["id"]}),
        ("advanceSandboxClock", {"accountId": account, "bySeconds": 1}),
        ("addMember", {"accountId": account, "email": "x@example.com", "role": Enum("OWNER")}),
        ("changeMemberRole", {"membershipId": membership, "role": Enum("VIEWER")}),
        ("removeMember", {"membershipId": membership}),
    ]
    before = await mine.account(account, OWNED)
    for mutation, arguments in attempts:
        assert (await theirs.call(mutation, "__typename", **arguments)).get("code") == "NOT_FOUND", mutation
        anonymous = await Api(api.http).call(mutation, "__typename", **arguments)
        assert anonymous.get("code") == "UNAUTHENTICATED", mutation
    staff_only = await theirs.call(
        "confirmTopUp", "__typename", topUpId=owned["topUps"][0]["id"], bankReference="B", receivedAmount="10.00"
    )
    assert staff_only["code"] == "PERMISSION_DENIED"
    assert await mine.account(account, OWNED) == before
    assert (await theirs.account(their_account, "edition"))["edition"] == "PAY_AS_YOU_GO"


async def test_an_access_key_reports_for_its_own_account_alone(
    api: Api, travelling_clock: TravellingClock, runtime: Runtime
) -> None:
    await _billed(api, runtime)
    theirs, their_account = await upgraded(api)
    _, ak, sk = await license_and_key(theirs, their_account)
    answer = await theirs.call(
        "reportUsage",
        "__typename",
        (ak, sk),
        deploymentFingerprint="fingerprint-1",
        reports=[{"hour": "2026-03-02T10:00:00Z", "dataKits": ["a"]}],
    )
    assert answer["code"] == "NOT_FOUND"


@pytest.mark.parametrize(
    ("role", "may"),
    [("OWNER", {"members", "licenses"}), ("ADMIN", {"licenses"}), ("VIEWER", set())],
)
async def test_what_a_role_may_do(api: Api, role: str, may: set[str]) -> None:
    owner, account = await upgraded(api)
    member, _ = await registered(api)
    email = (await member.data("{ viewer { user { email } } }"))["viewer"]["user"]["email"]
    added = await owner.call(
        "addMember", "membership { id role }", accountId=account, email=email.upper(), role=Enum(role)
    )
    assert added["membership"]["role"] == role
    assert (await member.account(account, "edition"))["edition"] == "PAY_AS_YOU_GO"
    made = await member.call("createLicense", "license { id }", accountId=account, label="x")
    assert (made.get("code") is None) == ("licenses" in may), made
    invited = await member.call("addMember", "__typename", accountId=account, email=email, role=Enum(role))
    assert (invited.get("code") is None) == ("members" in may), invited


async def test_a_removed_member_sees_nothing_any_more(api: Api) -> None:
    owner, account = await upgraded(api)
    member, _ = await registered(api)
    email = (await member.data("{ viewer { user { email } } }"))["viewer"]["user"]["email"]
    added = await owner.call("addMember", "membership { id }", accountId=account, email=email, role=Enum("ADMIN"))
    await owner.call("removeMember", "account { id }", membershipId=added["membership"]["id"])
    found = await member.data("query ($id: ID!) { account(id: $id) { id } }", id=account)
    assert found["account"] is None


async def test_an_account_keeps_an_owner(api: Api) -> None:
    owner, account = await registered(api)
    membership = (await owner.account(account, "members { nodes { id } }"))["members"]["nodes"][0]["id"]
    attempts: tuple[tuple[str, dict[str, Any]], ...] = (
        ("removeMember", {}),
        ("changeMemberRole", {"role": Enum("ADMIN")}),
    )
    for mutation, arguments in attempts:
        answer = await owner.call(mutation, "__typename", membershipId=membership, **arguments)
        assert answer["code"] == "LAST_OWNER"


async def test_tokens_end(api: Api, travelling_clock: TravellingClock) -> None:
    mine, _ = await registered(api)
    ends = (travelling_clock.at.replace(microsecond=0)).isoformat().replace("10:30", "11:30")
    made = await mine.call("createPersonalAccessToken", "personalAccessToken { id } secret", name="x", expiresAt=ends)
    script = Api(api.http, made["secret"])
    viewer = "{ viewer { user { id } } }"
    assert (await script.data(viewer))["viewer"] is not None
    travelling_clock.forward(hours=2)
    assert (await script.data(viewer))["viewer"] is None
    lasting = await mine.call("createPersonalAccessToken", "personalAccessToken { id } secret", name="y")
    script = Api(api.http, lasting["secret"])
    assert (await script.data(viewer))["viewer"] is not None
    await mine.call("revokePersonalAccessToken", "personalAccessToken { id }", id=lasting["personalAccessToken"]["id"])
    assert (await script.data(viewer))["viewer"] is None
    await mine.call("signOut", "user { id }")
    assert (await mine.data(viewer))["viewer"] is None


async def test_an_id_of_another_kind_is_not_another_door(api: Api) -> None:
    mine, _ = await registered(api)
    row = await Account.first()
    assert row is not None
    for kind in Node.kinds:
        found = await mine.data("query ($id: ID!) { node(id: $id) { __typename } }", id=encode_id(kind, row.id))
        assert (found["node"] is None) == (kind != "Account")
