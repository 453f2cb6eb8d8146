"""Idempotency keys: those of who is not signed in are nobody's, and all are forgotten in time."""

from __future__ import annotations

from typing import Any

import orjson

from app import clock
from app.accounts.models import Role
from app.idempotency.keys import forget_keys
from app.idempotency.models import IdempotencyKey
from tests.api.driver import URL, Api, Enum, activate, joined, license_and_key, registered, upgraded
from tests.conftest import TravellingClock

WHO: dict[str, Any] = {
    "password": "a long password",
    "name": "A",
    "organizationName": "A Ltd",
    "idempotencyKey": "signup-1",
}
PASSWORD = "a long password"


async def test_two_behind_one_address_may_have_the_same_key(api: Api) -> None:
    first, second = [
        await api.call("register", "token user { email }", **WHO, email=email)
        for email in ("a@example.com", "b@example.com")
    ]
    assert [made["user"]["email"] for made in (first, second)] == ["a@example.com", "b@example.com"]
    again = await api.call("register", "token user { email }", **WHO, email="a@example.com")
    assert again["token"] == first["token"]


async def test_a_token_that_has_ended_is_not_answered_again(api: Api) -> None:
    made = await api.call("register", "token", **WHO, email="a@example.com")
    sign_in: dict[str, Any] = {"email": "a@example.com", "password": PASSWORD, "idempotencyKey": "in-1"}
    first = await api.call("signIn", "token", **sign_in)
    assert await api.call("signIn", "token", **sign_in) == first
    mine = Api(api.http, made["token"])
    changed = await mine.call(
        "changePassword", "user { email }", currentPassword=PASSWORD, newPassword="another long password"
    )
    assert "code" not in changed
    assert (await api.call("signIn", "token", **sign_in))["code"] == "INVALID_CREDENTIALS"
    assert await api.call("register", "token", **WHO, email="a@example.com") == made
    session = (await mine.data(SESSION))["viewer"]["sessions"]["nodes"][0]["id"]
    await mine.call("endSession", "__typename", sessionId=session)
    assert (await api.call("register", "token", **WHO, email="a@example.com"))["code"] == "EMAIL_TAKEN"


SESSION = "{ viewer { sessions(first: 1) { nodes { id } } } }"


async def test_a_key_that_a_request_says_it_is_signed_with_proves_nothing(api: Api) -> None:
    mine, account = await upgraded(api)
    text, ak, sk = await license_and_key(mine, account)
    await activate(mine, text, ak, sk)
    hour = clock.now().replace(minute=0, second=0, microsecond=0).isoformat()
    document = (
        f'mutation {{ register(email: "m@example.com", password: "{PASSWORD}", name: "M", organizationName: "M", '
        'idempotencyKey: "hour-1") { __typename } }'
    )
    forged = {"Content-Type": "application/json", "Signature-Input": f'sig=("@method");keyid="{ak}"'}
    answer = await api.http.post(URL, content=orjson.dumps({"query": document}), headers=forged)
    assert answer.json()["data"]["register"]["__typename"] == "RegisterSuccess"
    report: dict[str, Any] = {
        "fingerprint": "fingerprint-1",
        "reports": [{"hour": hour, "dataKits": ["a"]}],
        "idempotencyKey": "hour-1",
    }
    for _ in range(2):
        told = await api.call("reportUsage", "accepted { count }", (ak, sk), **report)
        assert told["accepted"] == [{"count": 1}]


async def test_a_key_is_forgotten_after_its_days(api: Api, travelling_clock: TravellingClock) -> None:
    mine, _ = await registered(api)
    made = await mine.call("createAccount", "account { id }", name="B", idempotencyKey="k")
    travelling_clock.forward(hours=29 * 24)
    await forget_keys(30)
    assert await mine.call("createAccount", "account { id }", name="B", idempotencyKey="k") == made
    travelling_clock.forward(hours=24, seconds=1)
    await forget_keys(30)
    assert await IdempotencyKey.all().count() == 0


async def test_a_token_that_may_not_do_it_is_not_answered_what_another_did(
    api: Api, travelling_clock: TravellingClock
) -> None:
    mine, account = await registered(api)
    reads = await mine.call("createPersonalAccessToken", "token", name="reads", scopes=[])
    whole = await mine.call("createPersonalAccessToken", "token", name="whole", idempotencyKey="k")
    key: dict[str, Any] = {"accountId": account, "label": "x", "idempotencyKey": "ak"}
    made = await mine.call("createAccessKey", "sk", **key)
    for mutation, success, given in (
        ("createPersonalAccessToken", "token", {"name": "whole", "idempotencyKey": "k"}),
        ("createAccessKey", "sk", key),
    ):
        refused = await Api(api.http, reads["token"]).call(mutation, success, **given)
        assert refused["code"] == "PERMISSION_DENIED"
    assert await mine.call("createAccessKey", "sk", **key) == made
    again: dict[str, Any] = {"name": "whole", "idempotencyKey": "k"}
    assert await mine.call("createPersonalAccessToken", "token", **again) == whole
    travelling_clock.forward(hours=1)
    for client in (mine, Api(api.http, whole["token"])):
        assert (await client.call("createPersonalAccessToken", "token", **again))["code"] == "RECENT_SIGN_IN_REQUIRED"


async def test_who_lost_the_role_is_not_answered_again(api: Api) -> None:
    mine, account = await registered(api)
    other = (await registered(api))[0]
    membership = await joined(mine, account, other, Role.ADMIN)
    key: dict[str, Any] = {"accountId": account, "label": "x", "idempotencyKey": "ak"}
    assert "sk" in await other.call("createAccessKey", "sk", **key)
    await mine.call("changeMemberRole", "__typename", membershipId=membership, role=Enum("VIEWER"))
    assert (await other.call("createAccessKey", "sk", **key))["code"] == "PERMISSION_DENIED"
    await mine.call("removeMember", "__typename", membershipId=membership)
    assert (await other.call("createAccessKey", "sk", **key))["code"] == "NOT_FOUND"
