"""Lists are looked through: in either order, and by what people look for."""

from __future__ import annotations

from typing import Any

import pytest

from app.accounts.models import Role, StaffRole
from app.bootstrap import Runtime
from app.settlement.settling import settle_due
from tests.api.driver import Api, activate, advance, joined, license_and_key, registered, upgraded
from tests.api.wallets import DAY, staff, topped_up
from tests.conftest import TravellingClock
from tests.statements.conftest import Billed, billed

__all__ = ["billed"]


async def charges(mine: Api, account: str, arguments: str) -> list[Any]:
    """The days of the charges that such arguments list."""
    found = await mine.account(
        account, f"charges({arguments}) {{ nodes {{ day kind }} totalCount pageInfo {{ hasNextPage }} }}"
    )
    return [node["day"] for node in found["charges"]["nodes"]]


async def test_charges_are_found_by_day_kind_state_and_channel(billed: Billed, api: Api, runtime: Runtime) -> None:
    mine, account = billed.api, billed.account
    await topped_up(mine, await staff(api), account, "250.00")
    await billed.travel("2026-03-14T01:00:00")
    days = ["2026-03-10", "2026-03-11", "2026-03-12", "2026-03-13"]
    while await settle_due(runtime.host):
        pass
    assert await charges(mine, account, "first: 10") == days
    assert await charges(mine, account, "order: NEWEST_FIRST") == days[::-1]
    assert await charges(mine, account, 'since: "2026-03-11", until: "2026-03-12"') == days[1:3]
    assert await charges(mine, account, "kind: CREDIT_NOTE") == []
    assert await charges(mine, account, 'kind: DAILY, channel: "guance"') == days
    assert await charges(mine, account, 'channel: "aws"') == []
    assert await charges(mine, account, "state: SETTLED") == days
    assert await charges(mine, account, "state: PENDING") == []


async def test_a_page_goes_on_from_its_cursor_in_either_order(billed: Billed) -> None:
    mine, account = billed.api, billed.account
    await billed.travel("2026-03-15T01:00:00")
    days = await charges(mine, account, "first: 10")
    for order, expected in (("OLDEST_FIRST", days), ("NEWEST_FIRST", days[::-1])):
        seen, after = [], "null"
        while True:
            fields = "nodes { day } pageInfo { hasNextPage hasPreviousPage endCursor startCursor }"
            found = await mine.account(account, f"charges(first: 2, after: {after}, order: {order}) {{ {fields} }}")
            seen += [node["day"] for node in found["charges"]["nodes"]]
            about = found["charges"]["pageInfo"]
            assert about["hasPreviousPage"] is (after != "null")
            if not about["hasNextPage"]:
                break
            after = f'"{about["endCursor"]}"'
        assert seen == expected
        back = await mine.account(
            account, f'charges(last: 2, before: "{about["startCursor"]}", order: {order}) {{ nodes {{ day }} }}'
        )
        assert [node["day"] for node in back["charges"]["nodes"]] == expected[2:4]


async def test_licenses_are_found_by_state_and_expire_by_the_accounts_clock(
    api: Api, travelling_clock: TravellingClock
) -> None:
    mine, account = await upgraded(api)
    text, ak, sk = await license_and_key(mine, account)
    await activate(mine, text, ak, sk)
    await license_and_key(mine, account)

    async def states(arguments: str = "") -> list[str]:
        found = await mine.account(account, f"licenses{arguments} {{ nodes {{ state }} }}")
        return [node["state"] for node in found["licenses"]["nodes"]]

    assert await states() == ["ACTIVE", "CREATED"]
    assert await states("(state: ACTIVE)") == ["ACTIVE"]
    assert await states("(state: EXPIRED)") == await states("(edition: COMMUNITY)") == []
    await advance(mine, account, 399 * DAY)
    assert await states("(state: EXPIRED)") == ["EXPIRED", "EXPIRED"]
    assert await states("(state: CREATED)") == await states("(state: REVOKED)") == []


async def test_events_and_accounts_are_found_by_what_they_are(api: Api, travelling_clock: TravellingClock) -> None:
    mine, account = await upgraded(api)
    found = await mine.account(account, 'events(types: ["agreement.accepted"]) { nodes { type at } }')
    (accepted,) = found["events"]["nodes"]
    later = await mine.account(account, f'events(since: "{accepted["at"]}") {{ nodes {{ type }} }}')
    earlier = await mine.account(account, f'events(until: "{accepted["at"]}") {{ nodes {{ type }} }}')
    assert "agreement.accepted" in [node["type"] for node in later["events"]["nodes"]]
    assert earlier["events"]["nodes"] == []
    assert "errors" in await mine.answer(f'{{ account(id: "{account}") {{ events(types: ["no"]) {{ totalCount }} }} }}')
    await registered(api)
    manager = await staff(api, [StaffRole.ACCOUNT_MANAGER])

    async def accounts(arguments: str) -> list[str]:
        listed = await manager.data(f"{{ accounts({arguments}) {{ nodes {{ id }} }} }}")
        return [node["id"] for node in listed["accounts"]["nodes"]]

    assert await accounts("edition: PAY_AS_YOU_GO") == await accounts('channel: "guance"') == [account]
    assert account in await accounts("standing: GOOD, sandbox: true")
    assert await accounts("standing: SUSPENDED") == []
    assert account not in await accounts("sandbox: false")


async def test_who_belongs_to_what_is_said_from_both_sides(api: Api, travelling_clock: TravellingClock) -> None:
    mine, account = await upgraded(api)
    viewer, _ = await registered(api)
    await joined(mine, account, viewer, Role.VIEWER)
    for client, role in ((mine, "OWNER"), (viewer, "VIEWER")):
        seen = await client.data("{ viewer { memberships { nodes { role account { id viewerRole } } } } }")
        of = {one["account"]["id"]: one for one in seen["viewer"]["memberships"]["nodes"]}
        assert of[account] == {"role": role, "account": {"id": account, "viewerRole": role}}
    manager = await staff(api, [StaffRole.ACCOUNT_MANAGER])
    assert (await manager.account(account, "viewerRole"))["viewerRole"] is None


@pytest.mark.usefixtures("travelling_clock")
async def test_what_an_account_chose_before_is_listed(api: Api) -> None:
    mine, account = await upgraded(api)
    fields = "settlementBindings { nodes { channel state } } upgrades { nodes { state } } channelChangeableFrom"
    found = await mine.account(account, fields)
    assert found["settlementBindings"]["nodes"] == [{"channel": "guance", "state": "BOUND"}]
    assert [one["state"] for one in found["upgrades"]["nodes"]] == ["FREE_PERIOD"]
    assert found["channelChangeableFrom"] is None
