"""Personal access tokens, sessions and passwords: what leaked is found, and ended."""

from __future__ import annotations

from typing import Any

import pytest

from app.accounts.models import AccessToken
from tests.accounts.people import NEW, PASSWORD, address, signed_in, works
from tests.api.driver import Api, registered
from tests.conftest import TravellingClock

TOKENS = """{ viewer { personalAccessTokens { nodes { id name createdAt expiresAt lastUsedAt revokedAt } }
    sessions { nodes { id current lastUsedAt } } } }"""


async def tokens(mine: Api) -> list[dict[str, Any]]:
    return list((await mine.data(TOKENS))["viewer"]["personalAccessTokens"]["nodes"])


async def sessions(mine: Api) -> list[dict[str, Any]]:
    return list((await mine.data(TOKENS))["viewer"]["sessions"]["nodes"])


async def test_a_token_that_leaked_is_found_in_the_list_and_revoked(
    api: Api, travelling_clock: TravellingClock
) -> None:
    mine, _ = await registered(api)
    other, _ = await registered(api)
    made = await mine.call("createPersonalAccessToken", "token personalAccessToken { id }", name="ci")
    await other.call("createPersonalAccessToken", "token", name="theirs")
    ends = "2026-03-02T11:30:15Z"
    await mine.call("createPersonalAccessToken", "token", name="an hour", expiresAt=ends)
    found = await tokens(mine)
    assert [token["name"] for token in found] == ["ci", "an hour"]
    assert (found[0]["id"], found[0]["lastUsedAt"], found[0]["expiresAt"]) == (
        made["personalAccessToken"]["id"],
        None,
        None,
    )
    travelling_clock.forward(hours=1)
    assert [token["name"] for token in await tokens(mine)] == ["ci"]
    await mine.call(
        "revokePersonalAccessToken", "personalAccessToken { revokedAt }", personalAccessTokenId=found[0]["id"]
    )
    assert not await works(made["token"], api)
    assert await tokens(mine) == []


async def test_the_last_use_is_noted_once_an_hour(api: Api, travelling_clock: TravellingClock) -> None:
    mine, _ = await registered(api)
    script = (await mine.call("createPersonalAccessToken", "token", name="ci"))["token"]
    noted = []
    for minutes in (5, 30, 29, 2):
        travelling_clock.forward(minutes=minutes)
        assert await works(script, api)
        (row,) = await AccessToken.filter(name="ci")
        noted.append(f"{row.last_used_at:%H:%M}")
    assert noted == ["10:35", "10:35", "10:35", "11:36"]
    assert (await tokens(mine))[0]["lastUsedAt"] == "2026-03-02T11:36:15+00:00"


async def test_a_session_is_ended_from_another(api: Api) -> None:
    mine, _ = await registered(api)
    phone = (await signed_in(api, await address(mine)))["token"]
    first, second = await sessions(mine)
    assert (first["current"], second["current"]) == (True, False)
    stranger, _ = await registered(api)
    refused = await stranger.call("endSession", "session { id }", sessionId=second["id"])
    assert refused["__typename"] == "NotFoundError"
    assert (await stranger.data("query ($id: ID!) { node(id: $id) { id } }", id=second["id"]))["node"] is None
    assert await works(phone, api)
    await mine.call("endSession", "session { revokedAt }", sessionId=second["id"])
    assert not await works(phone, api)
    assert [session["id"] for session in await sessions(mine)] == [first["id"]]


async def test_another_password_ends_the_other_sessions_and_no_personal_access_token(api: Api) -> None:
    mine, _ = await registered(api)
    bystander, _ = await registered(api)
    email = await address(mine)
    phone = (await signed_in(api, email))["token"]
    script = (await mine.call("createPersonalAccessToken", "token", name="ci"))["token"]
    changed = await mine.call(
        "changePassword", "user { email }", currentPassword=PASSWORD, newPassword=NEW, idempotencyKey="once"
    )
    assert changed["user"]["email"] == email
    assert mine.token
    assert bystander.token
    alive = [await works(token, api) for token in (mine.token, phone, script, bystander.token)]
    assert alive == [True, False, True, True]
    assert (await signed_in(api, email))["code"] == "INVALID_CREDENTIALS"
    assert (await signed_in(api, email, NEW))["token"]


@pytest.mark.parametrize(
    ("current", "new", "error", "path"),
    [
        ("not the password", NEW, "INVALID_CREDENTIALS", ["currentPassword"]),
        (PASSWORD, "short", "INVALID_INPUT", ["newPassword"]),
    ],
)
async def test_a_password_is_not_changed_so(api: Api, current: str, new: str, error: str, path: list[str]) -> None:
    mine, _ = await registered(api)
    refused = await mine.call("changePassword", "user { id }", currentPassword=current, newPassword=new)
    assert (refused["code"], refused["path"]) == (error, path)
    assert (await signed_in(api, await address(mine)))["token"]
    anonymous = await api.call("changePassword", "user { id }", currentPassword=current, newPassword=new)
    assert anonymous["code"] == "UNAUTHENTICATED"


@pytest.mark.parametrize(
    ("locale", "message"),
    [
        ("en", "The e-mail address or the password is wrong. Check them, or have the password reset by mail."),
        ("zh", "邮箱或密码错误。请检查，或通过邮件重置密码。"),
    ],
)
async def test_who_mistypes_a_password_is_not_told_to_create_another(api: Api, locale: str, message: str) -> None:
    refused = await signed_in(Api(api.http, locale=locale), "nobody@example.com")
    assert refused["message"] == message
