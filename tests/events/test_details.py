"""What events name can be looked up with the API."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

import orjson

from app.api.node import decode_id
from app.events.details import DETAILS, shown
from app.events.models import Event
from app.notifications.media.webhook import payload
from tests.api.driver import Api, activate, advance, license_and_key, upgraded
from tests.events.shapes import sample

RAW = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


async def test_every_id_in_an_event_is_found_by_the_api(api: Api) -> None:
    mine, account = await upgraded(api)
    await activate(mine, *await license_and_key(mine, account))
    await mine.call("requestTopUp", "topUp { id }", accountId=account, amount="100.00")
    await advance(mine, account, 9 * 86_400)
    events = await mine.account(account, "events(first: 100) { nodes { type before after } }")
    named = set()
    for event in events["events"]["nodes"]:
        assert not RAW.search(orjson.dumps(event).decode()), event
        for name, value in (event["after"] or {}).items():
            if isinstance(kind := DETAILS[name].kind, str):
                found = await mine.data("query ($id: ID!) { node(id: $id) { __typename } }", id=value)
                assert found["node"] == {"__typename": kind}, event
                named.add(name)
    assert named == {"charge", "deployment", "license", "topUp"}


async def test_charges_are_told_of_behind_the_newest_event_even_when_a_clock_is_behind(api: Api) -> None:
    mine, account = await upgraded(api)
    await activate(mine, *await license_and_key(mine, account))
    ahead = UUID("ffffffff-ffff-7fff-bfff-ffffffff0000")
    owner = decode_id(account, "Account", "id")
    told = await Event.filter(account_id=owner).first()
    assert told is not None
    await Event.create(
        id=ahead,
        account_id=owner,
        type="member.added",
        actor_kind="SYSTEM",
        actor_label="x",
        at=told.at,
        **sample("member.added"),
    )
    await advance(mine, account, 11 * 86_400)
    raised = await Event.filter(account_id=owner, type="charge.raised").order_by("id")
    assert len(raised) == 3
    assert raised[0].id > ahead
    days = [event.after["day"] for event in raised if event.after]
    assert days == sorted(set(days))


async def test_a_webhook_names_its_account_and_event_as_the_api_does(api: Api) -> None:
    mine, account = await upgraded(api)
    row = await Event.filter(account_id=decode_id(account, "Account", "id"), type="upgrade.took_effect").get()
    data = orjson.loads(payload(row))["data"]
    assert data["accountId"] == account
    assert await mine.data("query ($id: ID!) { node(id: $id) { __typename } }", id=data["id"]) == {
        "node": {"__typename": "Event"}
    }


async def test_the_key_that_a_statement_prints_does_for_an_id(api: Api) -> None:
    mine, account = await upgraded(api)
    key = decode_id(account, "Account", "id")
    found = await mine.data("query ($id: ID!) { account(id: $id) { id } }", id=str(key))
    assert found == {"account": {"id": account}}


def test_details_that_are_no_keys_stay() -> None:
    key = UUID(int=7)
    details: dict[str, Any] = {"deployment": "machine-0001", "vouchers": [str(key)], "state": "ACTIVE", "offer": None}
    assert shown(details) == {**details, "vouchers": ["RnVuZDowMDAwMDAwMC0wMDAwLTAwMDAtMDAwMC0wMDAwMDAwMDAwMDc"]}
    assert shown(None) is None
