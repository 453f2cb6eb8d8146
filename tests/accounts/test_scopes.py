"""What a token may do: all that its user may, or what its scopes say; and what an account's own token may."""

from __future__ import annotations

from typing import Any

import pytest

from app.accounts.models import StaffRole, TokenScope
from tests.api.driver import Api, Enum, activate, joined, license_and_key, registered, upgraded
from tests.api.operations import operations
from tests.api.wallets import staff
from tests.conftest import TravellingClock

VIEWER = "{ viewer { user { id } staffRoles } }"


async def scoped(mine: Api, *scopes: str) -> Api:
    made = await mine.call(
        "createPersonalAccessToken", "personalAccessToken { scopes } token", name="x", scopes=list(map(Enum, scopes))
    )
    assert made["personalAccessToken"]["scopes"] == sorted(scopes)
    return Api(mine.http, made["token"])


async def service(mine: Api, account: str, role: str, **more: Any) -> Api:
    made = await mine.call("createServiceToken", "token", accountId=account, name="ci", role=Enum(role), **more)
    return Api(mine.http, made["token"])


ATTEMPTS: dict[str, tuple[str, dict[str, Any]]] = {
    "ACCOUNT": ("createLicense", {"label": "x"}),
    "MONEY": ("setBudget", {"amount": "10.00", "currency": "CNY", "thresholds": [80]}),
    "MEMBERS": ("inviteMember", {"email": "new@example.com", "role": Enum("VIEWER")}),
}


@pytest.mark.parametrize("scope", [*TokenScope, None])
async def test_a_token_does_what_its_scopes_say(api: Api, scope: str | None) -> None:
    mine, account = await upgraded(api)
    script = await scoped(mine, *([scope] if scope else []))
    assert (await script.account(account, "name"))["name"]
    for name, (mutation, arguments) in ATTEMPTS.items():
        answer = await script.call(mutation, "__typename", accountId=account, **arguments)
        if name == scope:
            assert answer["__typename"].endswith("Success"), answer
        else:
            assert answer["code"] == "PERMISSION_DENIED", (name, answer)
            assert name.lower() in answer["message"]
            assert "owner" not in answer["message"]
    for mutation in ("createPersonalAccessToken", "createAccount"):
        refused = await script.call(mutation, "__typename", name="y")
        assert refused["code"] == "PERMISSION_DENIED"


async def test_a_token_is_staff_only_with_that_scope(api: Api) -> None:
    finance = await staff(api)
    for scopes, roles in ((["STAFF"], ["FINANCE"]), (["ACCOUNT", "MONEY", "MEMBERS"], [])):
        script = await scoped(finance, *scopes)
        assert (await script.data(VIEWER))["viewer"]["staffRoles"] == roles
        assert ("errors" in await script.answer("{ settlements { totalCount } }")) == (not roles)


async def test_a_service_token_is_the_account_s_and_outlives_its_maker(api: Api) -> None:
    owner, account = await upgraded(api)
    other, _ = await registered(api)
    await joined(owner, account, other, "OWNER")
    ci = await service(other, account, "ADMIN")
    await other.call("leaveAccount", "user { id }", accountId=account)
    made = await ci.call("createLicense", "license { id }", accountId=account, label="x")
    assert made["license"]
    assert (await ci.call("inviteMember", "__typename", accountId=account, email="a@example.com", role=Enum("VIEWER")))[
        "code"
    ] == "PERMISSION_DENIED"
    assert (await ci.data(VIEWER))["viewer"] is None
    personal: tuple[tuple[str, dict[str, Any]], ...] = (
        ("createAccount", {"name": "B"}),
        ("signOut", {}),
        ("leaveAccount", {"accountId": account}),
        ("changePassword", {"currentPassword": "a long password", "newPassword": "another password"}),
    )
    for mutation, arguments in personal:
        assert (await ci.call(mutation, "__typename", **arguments))["code"] == "PERMISSION_DENIED", mutation
    event = (await owner.account(account, "events(last: 1) { nodes { type actorKind actor } }"))["events"]["nodes"][0]
    assert event == {"type": "license.created", "actorKind": "SERVICE", "actor": "ci"}
    theirs, their_account = await upgraded(api)
    assert (await ci.data("query ($id: ID!) { account(id: $id) { id } }", id=their_account))["account"] is None
    token = (await owner.account(account, "serviceTokens { nodes { id role } }"))["serviceTokens"]["nodes"][0]
    assert (await theirs.call("revokeServiceToken", "__typename", serviceTokenId=token["id"]))["code"] == "NOT_FOUND"
    for _ in range(2):
        assert (await owner.call("revokeServiceToken", "serviceToken { revokedAt }", serviceTokenId=token["id"]))[
            "serviceToken"
        ]
    refused = await ci.answer("query ($id: ID!) { account(id: $id) { id } }", id=account)
    assert refused["errors"]


async def test_a_service_token_has_limits(
    api: Api, monkeypatch: pytest.MonkeyPatch, travelling_clock: TravellingClock
) -> None:
    owner, account = await upgraded(api)
    asked: dict[str, Any] = {"accountId": account, "name": "x"}
    refused = await owner.call("createServiceToken", "__typename", **asked, role=Enum("OWNER"))
    assert (refused["code"], refused["path"]) == ("INVALID_INPUT", ["role"])
    past = {**asked, "role": Enum("VIEWER"), "expiresAt": "2026-03-02T10:00:00Z"}
    assert (await owner.call("createServiceToken", "__typename", **past))["path"] == ["expiresAt"]
    reader = await service(owner, account, "ADMIN", scopes=[], expiresAt="2026-03-03T00:00:00Z")
    assert (await reader.account(account, "name"))["name"]
    assert (await reader.call("createLicense", "__typename", accountId=account, label="x"))["code"] == (
        "PERMISSION_DENIED"
    )
    monkeypatch.setattr("app.accounts.tokens.MOST_SERVICE_TOKENS", 1)
    full = await owner.call("createServiceToken", "__typename", **asked, role=Enum("VIEWER"))
    assert full["code"] == "LIMIT_EXCEEDED"
    travelling_clock.forward(hours=24)
    assert (await owner.call("createServiceToken", "token", **asked, role=Enum("VIEWER")))["token"]
    assert "errors" in await reader.answer("query ($id: ID!) { account(id: $id) { id } }", id=account)


async def test_an_auditor_reads_what_staff_read_and_changes_nothing(api: Api) -> None:
    auditor = await staff(api, [StaffRole.AUDITOR])
    _, account = await upgraded(api)
    assert (await auditor.account(account, "charges { totalCount }"))["charges"]["totalCount"] == 0
    for listed in ("settlements", "reconciliationCases", "invoices", "applications", "coupons"):
        assert (await auditor.data(f"{{ {listed} {{ totalCount }} }}"))[listed]["totalCount"] == 0
    assert (await auditor.data("{ trialBalance { kind } }"))["trialBalance"] == []
    for name, field in operations("Mutation").items():
        if "For finance staff" in (field.description or "") and not field.args.keys() - {"idempotencyKey"}:
            assert (await auditor.call(name, "__typename"))["code"] == "PERMISSION_DENIED", name
    answer = await auditor.call(
        "issueVoucher", "__typename", accountId=account, amount="1.00", note="x", expiresAt="2027-01-01T00:00:00Z"
    )
    assert answer["code"] == "PERMISSION_DENIED"
    assert (await auditor.call("renameAccount", "__typename", accountId=account, name="B"))["code"] == "NOT_FOUND"


async def test_a_pair_of_keys_is_rotated_with_an_overlap(api: Api, travelling_clock: TravellingClock) -> None:
    mine, account = await upgraded(api)
    text, ak, sk = await license_and_key(mine, account)
    key = (await mine.account(account, "accessKeys { nodes { id } }"))["accessKeys"]["nodes"][0]["id"]
    for hours in (-1, 721):
        refused = await mine.call("rotateAccessKey", "__typename", accessKeyId=key, overlapHours=hours)
        assert (refused["code"], refused["path"]) == ("INVALID_INPUT", ["overlapHours"])
    made = await mine.call("rotateAccessKey", "sk accessKey { ak label }", accessKeyId=key)
    assert made["accessKey"]["label"] == "x"
    report = {
        "fingerprint": "fingerprint-1",
        "reports": [{"hour": "2026-03-02T10:00:00Z", "dataKits": ["a"]}],
    }
    assert (await activate(mine, text, ak, sk))["deployment"]
    both = ((ak, sk), (made["accessKey"]["ak"], made["sk"]))
    travelling_clock.forward(hours=23, minutes=59)
    answers = [await api.call("reportUsage", "__typename", pair, **report) for pair in both]
    assert [one["__typename"] for one in answers] == ["ReportUsageSuccess"] * 2
    travelling_clock.forward(minutes=1)
    answers = [await api.call("reportUsage", "__typename", pair, **report) for pair in both]
    assert [one["__typename"] for one in answers] == ["InvalidCredentialsError", "ReportUsageSuccess"]
    assert (await mine.call("rotateAccessKey", "__typename", accessKeyId=key))["code"] == "NOT_FOUND"
    assert (await activate(mine, text, ak, sk))["code"] == "INVALID_CREDENTIALS"


async def test_a_token_without_the_scope_uses_up_no_tries_of_its_user(api: Api) -> None:
    mine, account = await registered(api)
    script = await scoped(mine)
    tries: dict[str, dict[str, Any]] = {
        "changePassword": {"currentPassword": "x", "newPassword": "x"},
        "redeemVoucherCode": {"accountId": account, "code": "x"},
    }
    for _ in range(21):
        for mutation, given in tries.items():
            assert (await script.call(mutation, "__typename", **given))["code"] == "PERMISSION_DENIED"
    changed = await mine.call("changePassword", "__typename", currentPassword="wrong one", newPassword="a new password")
    assert changed["code"] == "INVALID_CREDENTIALS"
    assert (await mine.call("acceptInvitation", "__typename", code="x"))["code"] == "INVALID_CREDENTIALS"


async def test_a_token_for_money_withdraws_what_it_announced(api: Api) -> None:
    mine, account = await upgraded(api)
    reader, script = await scoped(mine), await scoped(mine, "MONEY")
    announced = await script.call("requestTopUp", "topUp { id }", accountId=account, amount="10.00")
    top_up = announced["topUp"]["id"]
    assert (await reader.call("cancelTopUp", "__typename", topUpId=top_up))["code"] == "PERMISSION_DENIED"
    assert (await script.call("cancelTopUp", "topUp { state }", topUpId=top_up))["topUp"]["state"] == "CANCELLED"
    share = (await script.call("inviteToWallet", "share { id }", accountId=account))["share"]["id"]
    assert (await reader.call("endWalletShare", "__typename", shareId=share))["code"] == "PERMISSION_DENIED"
    assert (await script.call("endWalletShare", "share { state }", shareId=share))["share"]["state"] == "ENDED"
