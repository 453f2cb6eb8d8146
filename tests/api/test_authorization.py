"""Who may call what: equal to a table that people read, and what is another customer's answers as what is not there."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import pytest
from graphql import GraphQLArgument, GraphQLField, get_named_type, is_leaf_type

from app.accounts.models import Role, StaffAssignment, StaffRole, User
from app.api.arguments import Arguments
from app.api.node import encode_id
from app.api.schema import schema
from app.bootstrap import Runtime
from app.errors import InvalidInput
from tests.accounts.people import address
from tests.api.driver import Api, joined, literal, registered, upgraded
from tests.api.operations import TABLE, needed, operations
from tests.api.tenant import Tenant, tenant, vendor
from tests.api.wallets import staff
from tests.conftest import TravellingClock

ADMITTED = "admitted, and not done"
KIND = re.compile(r"must be the id of a (\w+), not")
CHECKED_INSIDE = {
    "acceptAgreement",
    "activateLicense",
    "activateOffline",
    "cancelTopUp",
    "correctReportedUsage",
    "endWalletShare",
    "importUsageFile",
    "joinWallet",
    "receiveSandboxTopUp",
    "reportUsage",
}
"""Mutations that look who calls by themselves, since what they are about says which account it is."""
REFUSED = {"UNAUTHENTICATED", "PERMISSION_DENIED", "NOT_FOUND"}


@pytest.fixture(autouse=True)
def stand_still(travelling_clock: TravellingClock, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test begins on 2026-03-02, and everything is tried more often than anybody may."""

    async def anything(buckets: object) -> None:
        """Counts no tries."""

    monkeypatch.setattr("app.api.mutation.take", anything)


async def customer(api: Api, runtime: Runtime) -> Tenant:
    """A customer, of whom everything is there, and whose owner has every role of staff, to be refused by nobody."""
    owner = await tenant(api, runtime, await vendor(api))
    user = await User.get(email=await address(owner.client))
    for role in StaffRole:
        await StaffAssignment.create(user_id=user.id, role=role)
    return owner


async def callers(api: Api, owner: Tenant) -> dict[str, Api]:
    """Whoever may ask: nobody, another customer, members with each role, and staff with each."""
    accounts = [
        one["id"]
        for one in (await owner.client.data("{ viewer { accounts { nodes { id } } } }"))["viewer"]["accounts"]["nodes"]
    ]
    found = {"anonymous": Api(api.http), "another customer's owner": (await upgraded(api))[0]}
    for role in Role:
        found[f"member {role}"], _ = await registered(api)
        for account in accounts:
            await joined(owner.client, account, found[f"member {role}"], role)
    for staff_role in StaffRole:
        found[f"staff {staff_role}"] = await staff(api, [staff_role])
    return found


async def kind_of(owner: Tenant, mutation: str, argument: str, field: GraphQLField) -> str:
    """The kind whose id an argument takes, as the API says to whoever gives another; the customer is staff as well. Of
    what may be of several kinds, one."""
    if argument == "subjectId":
        return "Deployment"
    own = {"accountId": owner.account} if "accountId" in field.args else {}
    given = needed(field.args) | own | {argument: str(encode_id("Nonsense", uuid4()))}
    said = await owner.client.call(mutation, "__typename", **given)
    found = KIND.search(said["message"])
    assert found is not None, (mutation, argument, said)
    return found[1]


async def aimed(owner: Tenant, mutation: str, field: GraphQLField) -> dict[str, Any]:
    """Arguments that a mutation must be given, ids being of what is the customer's."""
    given = needed(field.args)
    for name in _ids(field) & set(given):
        kind = await kind_of(owner, mutation, name, field)
        given[name] = (owner.ids[kind] or [str(encode_id(kind, uuid4()))])[0]
    return given


async def test_who_may_call_what_is_as_the_table_says(
    api: Api, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``BILLING_WRITE_TABLE=1`` writes the table anew: read what changed before it is committed."""
    owner = await customer(api, runtime)
    asking = await callers(api, owner)
    admit, inside = Arguments.admit, {}
    for name in CHECKED_INSIDE:
        field = operations("Mutation")[name]
        given = await aimed(owner, name, field)
        found = {who: await client.call(name, "__typename", **given) for who, client in asking.items()}
        inside[name] = [who for who, one in found.items() if one.get("code") not in REFUSED or one["path"] == ["code"]]

    async def and_no_further(self: Arguments, info: Any, given: Mapping[str, Any]) -> dict[str, Any]:
        """What a mutation would change is there for the next."""
        await admit(self, info, given)
        raise InvalidInput(reason_en=ADMITTED, reason_zh=ADMITTED)

    monkeypatch.setattr(Arguments, "admit", and_no_further)
    rows = []
    for name, field in sorted(operations("Mutation").items()):
        if name in CHECKED_INSIDE:
            rows.append(f"mutation {name}: {_named(inside[name], asking)}")
            continue
        given = await aimed(owner, name, field)
        answers = {who: await client.call(name, "__typename", **given) for who, client in asking.items()}
        assert {one["code"] for one in answers.values()} <= {*REFUSED, "INVALID_INPUT"}, (name, answers)
        admitted = [who for who, one in answers.items() if ADMITTED in one["message"]]
        rows.append(f"mutation {name}: {_named(admitted, asking)}")
    for name, field in sorted(operations("Query").items()):
        document = "{ " + name + _arguments(field.args, owner) + _selection(field.type) + " }"
        codes = {who: _code(await client.answer(document)) for who, client in asking.items()}
        rows.append(f"query {name}: {_named([who for who, code in codes.items() if code not in REFUSED], asking)}")
    for name, field in sorted(_fields("Account").items()):
        document = f"{{ account(id: {literal(owner.account)}) {{ {name}{_arguments(field.args, owner)}"
        document += f"{_selection(field.type)} }} }}"
        read = [who for who, client in asking.items() if _reads(await client.answer(document))]
        rows.append(f"Account.{name}: {_named(read, asking)}")
    text = "\n".join(rows) + "\n"
    if os.environ.get("BILLING_WRITE_TABLE"):
        TABLE.write_text(text)
    assert text.splitlines() == TABLE.read_text().splitlines()


async def test_what_is_another_s_answers_as_what_is_not_there(api: Api, runtime: Runtime) -> None:
    owner = await customer(api, runtime)
    stranger, _ = await upgraded(api)
    different = []
    asking = {"a stranger": stranger, "nobody": Api(api.http)}
    for name, field in operations("Mutation").items():
        for argument in sorted(_ids(field)):
            kind = await kind_of(owner, name, argument, field)
            for who, client in asking.items() if owner.ids[kind] else ():
                theirs, none = [
                    await client.call(name, "__typename", **needed(field.args) | {argument: one})
                    for one in (owner.ids[kind][0], str(encode_id(kind, uuid4())))
                ]
                if theirs != none:
                    different.append(f"{name}({argument}: {kind}), {who}: {theirs} and {none}")
    assert different == []


def _fields(kind: str) -> dict[str, Any]:
    found: Any = schema._schema.type_map[kind]
    return dict(found.fields)


def _ids(field: GraphQLField) -> set[str]:
    return {name for name, about in field.args.items() if str(about.type).rstrip("!") == "ID"}


def _named(some: list[str], asking: Mapping[str, Api]) -> str:
    """Who may, shortly."""
    if set(some) == set(asking):
        return "everybody"
    if set(asking) - set(some) == {"anonymous"}:
        return "whoever is signed in"
    return ", ".join(some) or "nobody"


def _arguments(arguments: Mapping[str, GraphQLArgument], owner: Tenant) -> str:
    given = needed(arguments) | dict.fromkeys({"id", "accountId"} & set(needed(arguments)), owner.account)
    given |= dict.fromkeys({"month"} & set(given), "2026-03")
    return "(" + ", ".join(f"{name}: {literal(value)}" for name, value in given.items()) + ")" if given else ""


def _selection(kind: Any) -> str:
    return "" if is_leaf_type(get_named_type(kind)) else " { __typename }"


def _code(answer: Mapping[str, Any]) -> str | None:
    return next((error["extensions"]["code"] for error in answer.get("errors", ())), None)


def _reads(answer: Mapping[str, Any]) -> bool:
    return "errors" not in answer and answer["data"]["account"] is not None
