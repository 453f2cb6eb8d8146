"""What members, tokens and access keys may do, and where it ends."""

from __future__ import annotations

from typing import Any

import pytest

from app.accounts.models import Account
from app.api.node import Node, encode_id
from tests.accounts.people import address, signed_in, works
from tests.api.driver import Api, Enum, activate, joined, license_and_key, registered, upgraded
from tests.conftest import TravellingClock


async def test_an_access_key_reports_for_its_own_account_alone(api: Api, travelling_clock: TravellingClock) -> None:
    mine, account = await upgraded(api)
    text, *key = await license_and_key(mine, account)
    await activate(mine, text, *key)
    theirs, their_account = await upgraded(api)
    _, ak, sk = await license_and_key(theirs, their_account)
    answer = await theirs.call(
        "reportUsage",
        "__typename",
        (ak, sk),
        fingerprint="fingerprint-1",
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
    await joined(owner, account, member, role)
    assert (await member.account(account, "edition"))["edition"] == "PAY_AS_YOU_GO"
    made = await member.call("createLicense", "license { id }", accountId=account, label="x")
    assert (made.get("code") is None) == ("licenses" in may), made
    asked: dict[str, Any] = {"accountId": account, "email": "new@example.com", "role": Enum(role)}
    invited = await member.call("inviteMember", "__typename", **asked)
    assert (invited.get("code") is None) == ("members" in may), invited


async def test_a_removed_member_sees_nothing_any_more(api: Api) -> None:
    owner, account = await upgraded(api)
    member, _ = await registered(api)
    membership = await joined(owner, account, member, "ADMIN")
    await owner.call("removeMember", "account { id }", membershipId=membership)
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
    made = await mine.call("createPersonalAccessToken", "personalAccessToken { id } token", name="x", expiresAt=ends)
    script = Api(api.http, made["token"])
    assert await works(str(script.token), api)
    travelling_clock.forward(hours=2)
    assert not await works(str(script.token), api)
    mine = Api(api.http, (await signed_in(api, await address(mine)))["token"])
    lasting = await mine.call("createPersonalAccessToken", "personalAccessToken { id } token", name="y")
    assert await works(lasting["token"], api)
    ended = lasting["personalAccessToken"]["id"]
    await mine.call("revokePersonalAccessToken", "personalAccessToken { id }", personalAccessTokenId=ended)
    assert not await works(lasting["token"], api)
    await mine.call("signOut", "user { id }")
    assert not await works(str(mine.token), api)


async def test_an_id_of_another_kind_is_not_another_door(api: Api) -> None:
    mine, _ = await registered(api)
    row = await Account.first()
    assert row is not None
    for kind in Node.kinds:
        found = await mine.data("query ($id: ID!) { node(id: $id) { __typename } }", id=encode_id(kind, row.id))
        assert (found["node"] is None) == (kind != "Account")


ASKED_BY_A_DEPLOYMENT = """
    mutation ($license: String!, $ak: String!, $sk: String!) {{
      activateLicense(license: $license, ak: $ak, sk: $sk, dataGatewayUrl: "https://gateway.example.com?token={{}}",
        fingerprint: "fingerprint-1") {{
          ... on ActivateLicenseSuccess {{ {asked} }} ... on Error {{ code message }} }} }}
    fragment Of on Account {{ id name members {{ totalCount }} }}"""


@pytest.mark.parametrize(
    "asked",
    [
        "account { edition wallet { vouchers { nodes { id } } } } x: account { ...Of }",
        "a: account { ... on Account { members { totalCount } } } account { ...Of }",
        "account { ...Of }",
    ],
)
async def test_a_deployment_reads_of_the_account_what_it_needs_and_nothing_else(api: Api, asked: str) -> None:
    mine, account = await upgraded(api)
    text, ak, sk = await license_and_key(mine, account)
    given = {"license": text, "ak": ak, "sk": sk}
    refused = (await api.data(ASKED_BY_A_DEPLOYMENT.format(asked=asked), **given))["activateLicense"]
    assert refused["code"] == "DEPLOYMENT_DENIED"
    assert "members" in refused["message"]
    assert (await mine.account(account, "deployments { totalCount }"))["deployments"]["totalCount"] == 0
    needed = "account { edition upgrade { state } ...Of } deployment { id }"
    document = ASKED_BY_A_DEPLOYMENT.format(asked=needed).replace(" members { totalCount }", "")
    assert (await api.data(document, **given))["activateLicense"]["account"]["edition"] == "PAY_AS_YOU_GO"
