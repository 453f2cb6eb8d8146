"""A passkey signs its user in, for both factors; nobody else's, no copy, no old answer and no other page does."""

from __future__ import annotations

from typing import Any

import pytest

from app import clock
from app.accounts.models import Passkey, PasskeyChallenge, StaffRole, User
from app.accounts.passkeys import forget_challenges
from app.settings import get_settings
from tests.accounts.authenticator import Authenticator
from tests.accounts.people import ORIGIN, added, address
from tests.api.driver import Api, registered
from tests.api.wallets import staff
from tests.conftest import TravellingClock

PASSKEYS = "{ viewer { passkeys { nodes { id name lastUsedAt } } hasSecondFactor } }"


@pytest.fixture(autouse=True)
def public(monkeypatch: pytest.MonkeyPatch, travelling_clock: TravellingClock) -> None:
    """The service is known by a name."""
    monkeypatch.setattr(get_settings(), "public_url", ORIGIN)


async def signed_in(api: Api, device: Authenticator, **changes: Any) -> Any:
    """What signing in by a device answers."""
    begun = await api.call("beginPasskeySignIn", "options")
    answer = device.sign(begun["options"])
    answer["response"] |= changes
    return await api.call("completePasskeySignIn", "token user { email }", credential=answer)


async def test_a_passkey_signs_its_user_in(api: Api) -> None:
    mine, _ = await registered(api)
    device = Authenticator(ORIGIN)
    assert (await added(mine, device))["passkey"]["name"] == "phone"
    for _ in range(2):
        found = await signed_in(Api(api.http), device)
        assert found["user"]["email"] == await address(mine)
    again = Api(api.http, found["token"])
    (kept,) = (await again.data(PASSKEYS))["viewer"]["passkeys"]["nodes"]
    assert kept["lastUsedAt"] is not None
    renamed = await again.call("renamePasskey", "passkey { name }", passkeyId=kept["id"], name="old phone")
    assert renamed["passkey"]["name"] == "old phone"
    await again.call("removePasskey", "__typename", passkeyId=kept["id"])
    assert (await signed_in(api, device))["code"] == "INVALID_CREDENTIALS"


async def test_it_stands_for_both_factors(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    helper = await staff(api, [StaffRole.FINANCE])
    device = Authenticator(ORIGIN)
    await added(helper, device)
    monkeypatch.setattr(get_settings(), "second_factor", "staff")
    assert (await helper.data("{ viewer { staffRoles } }"))["viewer"]["staffRoles"] == []
    strong = Api(api.http, (await signed_in(api, device))["token"])
    assert (await strong.data("{ viewer { staffRoles } }"))["viewer"]["staffRoles"] == ["FINANCE"]


async def test_what_is_not_the_devices_answer_to_this_question_is_refused(api: Api) -> None:
    mine, _ = await registered(api)
    other, _ = await registered(api)
    device, theirs = Authenticator(ORIGIN), Authenticator(ORIGIN)
    await added(mine, device)
    await added(other, theirs)
    refused = "INVALID_CREDENTIALS"
    assert (await signed_in(api, Authenticator(ORIGIN, site=device.site)))["code"] == refused
    assert (await signed_in(api, device, signature=device.sign({"challenge": "AAAA"})["response"]["signature"]))[
        "code"
    ] == refused
    assert (await signed_in(api, device, userHandle=theirs.user))["code"] == refused
    for name, value in (("origin", "https://evil.example.com"), ("site", "evil.example.com"), ("verifies", False)):
        before = getattr(device, name)
        setattr(device, name, value)
        assert (await signed_in(api, device))["code"] == refused, name
        setattr(device, name, before)
    begun = await api.call("beginPasskeySignIn", "options")
    answer = device.sign(begun["options"])
    assert "token" in await api.call("completePasskeySignIn", "token", credential=answer)
    assert (await api.call("completePasskeySignIn", "token", credential=answer))["code"] == refused
    device.count = 0
    assert (await signed_in(api, device))["code"] == refused
    strange: list[Any] = [{}, [], "x", 5, {"id": "x", "response": {}}, {"id": "x" * 20_000}]
    for nonsense in strange:
        tried = await api.call("completePasskeySignIn", "token", credential=nonsense)
        assert tried["code"] == refused, nonsense


async def test_a_challenge_is_for_who_asked_and_for_five_minutes(api: Api, travelling_clock: TravellingClock) -> None:
    mine, _ = await registered(api)
    other, _ = await registered(api)
    begun = await mine.call("beginPasskeyRegistration", "options")
    made = Authenticator(ORIGIN).make(begun["options"])
    given: dict[str, Any] = {"credential": made, "name": "x"}
    assert (await other.call("completePasskeyRegistration", "__typename", **given))["code"] == "INVALID_CREDENTIALS"
    sign_in = await api.call("beginPasskeySignIn", "options")
    made = Authenticator(ORIGIN).make(begun["options"] | {"challenge": sign_in["options"]["challenge"]})
    wrong = await mine.call("completePasskeyRegistration", "__typename", credential=made, name="x")
    assert wrong["code"] == "INVALID_CREDENTIALS"
    travelling_clock.forward(minutes=5)
    late = await mine.call("completePasskeyRegistration", "__typename", **given)
    assert late["code"] == "INVALID_CREDENTIALS"
    travelling_clock.forward(seconds=1)
    await forget_challenges()
    assert not await PasskeyChallenge.exists()


async def test_a_session_that_somebody_finds_adds_and_removes_none(api: Api, travelling_clock: TravellingClock) -> None:
    mine, _ = await registered(api)
    passkey = (await added(mine, Authenticator(ORIGIN)))["passkey"]["id"]
    travelling_clock.forward(minutes=16)
    asked = await mine.call("beginPasskeyRegistration", "options")
    assert asked["code"] == "RECENT_SIGN_IN_REQUIRED"
    assert (await mine.call("removePasskey", "__typename", passkeyId=passkey))["code"] == "RECENT_SIGN_IN_REQUIRED"


async def test_the_only_way_in_and_more_than_twenty_are_refused(api: Api) -> None:
    mine, _ = await registered(api)
    passkey = (await added(mine, Authenticator(ORIGIN)))["passkey"]["id"]
    user = await User.get(email=await address(mine))
    await User.filter(id=user.id).update(password_hash=None)
    assert (await mine.call("removePasskey", "__typename", passkeyId=passkey))["code"] == "INVALID_INPUT"
    for number in range(19):
        keys: dict[str, Any] = {"credential_id": bytes([number]), "public_key": b"x", "sign_count": 0}
        await Passkey.create(user_id=user.id, name="x", created_at=clock.now(), **keys)
    assert (await mine.call("beginPasskeyRegistration", "options"))["code"] == "LIMIT_EXCEEDED"
