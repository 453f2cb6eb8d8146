"""One customer never sees or changes anything of another's: of every kind, by every mutation that the schema has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from graphql import GraphQLArgument

from app.accounts.models import Role, StaffRole
from app.api.node import Node
from app.bootstrap import Runtime
from tests.api.driver import Api, joined, registered, upgraded
from tests.api.operations import for_staff, needed, operations
from tests.api.tenant import all_ids, tenant, vendor
from tests.api.wallets import staff, titled
from tests.conftest import TravellingClock
from tests.db.rows import every_row

EVERYBODYS = {"Edition", "AgreementVersion"}
"""The kinds that everybody may read. Of a price plan, only those that are nobody's."""

ACCOUNTS = "{ viewer { accounts { nodes { id } } } }"
OF_ONE_USER = {"Identity", "Passkey", "PersonalAccessToken", "Session"}
FOR_ADMINISTRATORS = {"AuditEntry", "Delivery", "Invitation", "ServiceToken", "WebhookEndpoint"}
FOR_FINANCE = {"Coupon", "ReconciliationCase", "VoucherBatch"}
FOR_STAFF_ALONE = {"ApplicationNote", *FOR_FINANCE}
NOT_FOR = {
    "Role.OWNER": {*FOR_STAFF_ALONE, "User", *OF_ONE_USER},
    "Role.ADMIN": {*FOR_STAFF_ALONE, "User", *OF_ONE_USER},
    "Role.FINANCE": {*FOR_STAFF_ALONE, "User", *FOR_ADMINISTRATORS, *OF_ONE_USER},
    "Role.VIEWER": {*FOR_STAFF_ALONE, "User", *FOR_ADMINISTRATORS, *OF_ONE_USER},
    "StaffRole.ACCOUNT_MANAGER": {*FOR_FINANCE, *FOR_ADMINISTRATORS, *OF_ONE_USER},
    "StaffRole.FINANCE": {"ApplicationNote", *FOR_ADMINISTRATORS, *OF_ONE_USER},
    "StaffRole.OPERATOR": {"ApplicationNote", *FOR_FINANCE, *(FOR_ADMINISTRATORS - {"AuditEntry"}), *OF_ONE_USER},
    "StaffRole.AUDITOR": {*(FOR_ADMINISTRATORS - {"AuditEntry"}), *OF_ONE_USER},
}
"""The kinds of a customer's of which a member or one of the staff sees nothing, by role."""

FOR_ONESELF = {
    "endSession",
    "leaveAccount",
    "revokePersonalAccessToken",
    "removePasskey",
    "renamePasskey",
    "unlinkIdentity",
}
"""What changes only what is a user's own, whatever the user's role in an account."""

OF_MONEY = {
    "addInvoiceAddress",
    "addInvoiceTitle",
    "cancelInvoice",
    "cancelTopUp",
    "endWalletShare",
    "inviteToWallet",
    "joinWallet",
    "purchaseCard",
    "receiveSandboxTopUp",
    "redeemCoupon",
    "redeemVoucherCode",
    "removeBalanceAlert",
    "removeBudget",
    "removeInvoiceAddress",
    "removeInvoiceTitle",
    "removeUsageAlert",
    "requestInvoice",
    "requestTopUp",
    "setBalanceAlert",
    "setBudget",
    "setUsageAlert",
    "startOnlineTopUp",
    "submitCompanyVerification",
}
"""What members who see to money may do."""

FOR_STAFF = for_staff("Mutation")
TAKING_IDS = {
    name: field.args
    for name, field in operations("Mutation").items()
    if any(str(argument.type).startswith("ID") for argument in field.args.values())
}


async def _anything(buckets: object) -> None:
    """Counts no tries."""


@pytest.fixture(autouse=True)
def stand_still(travelling_clock: TravellingClock, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test begins on 2026-03-02, and everything is tried more often than anybody may."""
    monkeypatch.setattr("app.api.mutation.take", _anything)


async def test_of_every_kind_a_stranger_sees_nothing_of_a_customers(api: Api, runtime: Runtime) -> None:
    helpers = await vendor(api)
    everybodys = await all_ids()
    owner = await tenant(api, runtime, helpers)
    stranger, _ = await upgraded(api)
    assert {name for name in Node.kinds if not owner.ids[name]} == EVERYBODYS
    for kind, ids in owner.ids.items():
        known = set().union(*[await _seen(one, ids) for one in (owner.client, helpers.finance, helpers.manager)])
        assert set(ids) == known, f"{kind}: nobody sees {set(ids) - known}"
        for outsider in (stranger, Api(api.http)):
            assert not await _seen(outsider, ids), kind
            for one in ids[:1]:
                assert (await outsider.data("query ($id: ID!) { node(id: $id) { id } }", id=one))["node"] is None, kind
    found = await stranger.data("query ($id: ID!) { account(id: $id) { id } }", id=owner.account)
    assert found["account"] is None
    for kind in EVERYBODYS:
        assert await _seen(Api(api.http), sorted(everybodys[kind])) == everybodys[kind], kind


async def test_no_mutation_changes_anything_of_another_customers(api: Api, runtime: Runtime) -> None:
    owner = await tenant(api, runtime, await vendor(api))
    stranger, account = await upgraded(api)
    agreement = (await api.data("{ agreement(edition: PAY_AS_YOU_GO) { id } }"))["agreement"]["id"]
    title = await titled(stranger, account)
    before = await every_row()
    for mutation, arguments in TAKING_IDS.items():
        own = needed(arguments) | _own(arguments, {"accountId": account, "agreementId": agreement, "titleId": title})
        denied = "PERMISSION_DENIED" if mutation in FOR_STAFF else "NOT_FOUND"
        for aimed in _ids(arguments) - {"agreementId"}:
            for client, expected in ((stranger, denied), (Api(api.http), "UNAUTHENTICATED")):
                answers = {
                    kind: (await client.call(mutation, "__typename", **own | {aimed: ids[0]})).get("code")
                    for kind, ids in owner.ids.items()
                    if ids
                }
                assert expected in answers.values(), f"{mutation}({aimed}) does not look who asks: {answers}"
                assert set(answers.values()) <= {expected, "INVALID_INPUT"}, (mutation, answers)
    assert await every_row() == before


async def test_each_role_sees_the_kinds_that_are_for_it(api: Api, runtime: Runtime) -> None:
    owner = await tenant(api, runtime, await vendor(api))
    accounts = [one["id"] for one in (await owner.client.data(ACCOUNTS))["viewer"]["accounts"]["nodes"]]
    asking = {f"Role.{role}": await _member(api, owner.client, accounts, role) for role in Role}
    asking |= {f"StaffRole.{role}": await staff(api, [role]) for role in StaffRole}
    seen = {role: await _kinds(client, owner.ids) for role, client in asking.items()}
    everything = {kind for kind, ids in owner.ids.items() if ids}
    assert {role: everything - kinds for role, kinds in seen.items()} == NOT_FOR


@pytest.mark.parametrize(("role", "may"), [(Role.VIEWER, set()), (Role.FINANCE, OF_MONEY)])
async def test_a_member_changes_nothing_but_what_the_role_may(
    api: Api, runtime: Runtime, role: Role, may: set[str]
) -> None:
    owner = await tenant(api, runtime, await vendor(api))
    accounts = [one["id"] for one in (await owner.client.data(ACCOUNTS))["viewer"]["accounts"]["nodes"]]
    member = await _member(api, owner.client, accounts, role)
    agreement = (await api.data("{ agreement(edition: PAY_AS_YOU_GO) { id } }"))["agreement"]["id"]
    before = await every_row()
    for mutation, arguments in TAKING_IDS.items():
        if mutation in {*FOR_STAFF, *FOR_ONESELF, *may}:
            continue
        own = needed(arguments) | _own(arguments, {"accountId": accounts[0], "agreementId": agreement})
        for aimed in _ids(arguments) - {"agreementId"}:
            answers = {
                (await member.call(mutation, "__typename", **own | {aimed: ids[0]})).get("code")
                for ids in owner.ids.values()
                if ids
            }
            assert "PERMISSION_DENIED" in answers, f"{mutation}({aimed}) lets a {role} do it: {answers}"
            assert answers <= {"PERMISSION_DENIED", "NOT_FOUND", "INVALID_INPUT"}, (mutation, answers)
    assert await every_row() == before
    for mutation in sorted(may):
        arguments = TAKING_IDS[mutation]
        own = needed(arguments) | _own(arguments, {"accountId": accounts[0]})
        for aimed in _ids(arguments):
            for ids in filter(None, owner.ids.values()):
                answer = await member.call(mutation, "__typename", **own | {aimed: ids[0]})
                assert answer.get("code") != "PERMISSION_DENIED", (mutation, answer)


async def _member(api: Api, owner: Api, accounts: list[str], role: Role) -> Api:
    """A new member of these accounts."""
    mine, _ = await registered(api)
    for account in accounts:
        await joined(owner, account, mine, role)
    return mine


async def _kinds(client: Api, ids: Mapping[str, list[str]]) -> set[str]:
    """The kinds of which somebody sees something."""
    return {kind for kind, there in ids.items() if there and await _seen(client, there)}


async def _seen(client: Api, ids: list[str]) -> set[str]:
    seen: set[str] = set()
    for start in range(0, len(ids), 100):
        found = await client.data("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=ids[start : start + 100])
        seen |= {node["id"] for node in found["nodes"] if node}
    return seen


def _ids(arguments: Mapping[str, GraphQLArgument]) -> set[str]:
    return {name for name, argument in arguments.items() if str(argument.type).startswith("ID")}


def _own(arguments: Mapping[str, GraphQLArgument], ids: dict[str, str]) -> dict[str, Any]:
    return {name: ids[name] for name in _ids(arguments) & ids.keys()}
