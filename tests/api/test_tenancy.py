"""One customer never sees or changes anything of another's: of every kind, by every mutation that the schema has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from graphql import GraphQLArgument

from app.api.node import Node
from app.bootstrap import Runtime
from tests.api.driver import Api, upgraded
from tests.api.operations import for_staff, needed, operations
from tests.api.tenant import all_ids, tenant, vendor
from tests.conftest import TravellingClock
from tests.db.rows import every_row

EVERYBODYS = {"Edition", "AgreementVersion"}
"""The kinds that everybody may read. Of a price plan, only those that are nobody's."""

FOR_STAFF = for_staff("Mutation")
TAKING_IDS = {
    name: field.args
    for name, field in operations("Mutation").items()
    if any(str(argument.type).startswith("ID") for argument in field.args.values())
}


@pytest.fixture(autouse=True)
def stand_still(travelling_clock: TravellingClock) -> None:
    """Every test begins on 2026-03-02."""


async def test_of_every_kind_a_stranger_sees_nothing_of_a_customers(api: Api, runtime: Runtime) -> None:
    helpers = await vendor(api)
    everybodys = await all_ids()
    owner = await tenant(api, runtime, helpers)
    stranger, _ = await upgraded(api)
    assert {name for name in Node.kinds if not owner.ids[name]} == EVERYBODYS
    for kind, ids in owner.ids.items():
        known = set().union(*[await _seen(one, ids) for one in (owner.client, helpers.finance, helpers.manager)])
        assert set(ids) == known, f"{kind}: nobody sees {set(ids) - known}"
        for outsider in (stranger, Api(api.http), Api(api.http, "pat_nonsense")):
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
    before = await every_row()
    for mutation, arguments in TAKING_IDS.items():
        own = needed(arguments) | _own(arguments, {"accountId": account, "agreementId": agreement})
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
