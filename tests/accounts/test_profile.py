"""What an account is called, and what it says of itself."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.driver import Api, registered

PROFILE: dict[str, Any] = {"industry": "制造业", "contactName": "王小明", "contactPhone": "+86 10 5555 0100"}
SHOWN = "account { name industry contactName contactPhone }"
LAST = "events(last: 1) { nodes { type before after } }"


async def test_an_account_is_renamed_on_record(api: Api) -> None:
    mine, account = await registered(api)
    for _ in range(2):
        done = await mine.call("renameAccount", "account { name }", accountId=account, name=" 示例科技集团 ")
        assert done["account"] == {"name": "示例科技集团"}
    events = (await mine.account(account, "events { nodes { type before after } }"))["events"]["nodes"]
    assert [event for event in events if event["type"] == "account.renamed"] == [
        {"type": "account.renamed", "before": {"name": "Acme"}, "after": {"name": "示例科技集团"}}
    ]


async def test_a_profile_is_set_and_cleared_on_record_without_its_people(api: Api) -> None:
    mine, account = await registered(api)
    for _ in range(2):
        done = await mine.call("setAccountProfile", SHOWN, accountId=account, **PROFILE)
        assert done["account"] == {"name": "Acme", **PROFILE}
    done = await mine.call("setAccountProfile", SHOWN, accountId=account, industry="制造业", contactName="王小明")
    assert done["account"]["contactPhone"] is None
    events = (await mine.account(account, "events { nodes { type after } }"))["events"]["nodes"]
    assert [event["after"] for event in events if event["type"] == "account.profile_changed"] == [
        {"changed": ["industry", "contactName", "contactPhone"]},
        {"changed": ["contactPhone"]},
    ]


@pytest.mark.parametrize(
    ("mutation", "given"),
    [
        ("renameAccount", {"name": " "}),
        ("renameAccount", {"name": "示" * 201}),
        ("setAccountProfile", {"industry": "x" * 101}),
        ("setAccountProfile", {"contactName": "x" * 101}),
        ("setAccountProfile", {"contactPhone": "call me"}),
    ],
)
async def test_what_is_too_long_or_no_number_is_refused(api: Api, mutation: str, given: dict[str, Any]) -> None:
    mine, account = await registered(api)
    refused = await mine.call(mutation, "account { id }", accountId=account, **given)
    assert (refused["code"], refused["path"]) == ("INVALID_INPUT", list(given))
