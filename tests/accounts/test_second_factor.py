"""A second factor: asked for once it is confirmed, each code good once, and required where the operator says so."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from app.accounts.models import SecondFactor, StaffRole
from app.accounts.queries import find_user
from app.accounts.second_factor import forget
from app.settings import get_settings
from tests.accounts.people import PASSWORD, address, begun, code, set_up
from tests.api.driver import Api, Enum, registered, upgraded
from tests.api.wallets import staff
from tests.conftest import TravellingClock


@pytest.fixture(autouse=True)
def stand_still(travelling_clock: TravellingClock) -> None:
    """Codes are of one half minute."""


async def signing_in(api: Api, email: str, factor: str | None = None, password: str = PASSWORD) -> Any:
    return await api.call("signIn", "token", email=email, password=password, secondFactor=factor)


async def test_it_is_asked_for_once_it_is_confirmed(api: Api, travelling_clock: TravellingClock) -> None:
    mine, _ = await registered(api)
    email, secret = await address(mine), await begun(mine)
    assert (await signing_in(api, email))["token"]
    again = await begun(mine)
    for wrong in ("000000", code(secret, travelling_clock), "", "１２３４５６"):
        refused = await mine.call("confirmSecondFactor", "__typename", code=wrong)
        assert (refused["code"], refused["path"]) == ("INVALID_CREDENTIALS", ["code"])
    made = await mine.call("confirmSecondFactor", "recoveryCodes", code=code(again, travelling_clock, -1))
    assert len(set(made["recoveryCodes"])) == 10
    assert (await mine.data("{ viewer { hasSecondFactor } }"))["viewer"]["hasSecondFactor"]
    assert (await mine.call("beginSecondFactor", "__typename"))["code"] == "INVALID_INPUT"
    missing = await signing_in(api, email)
    assert (missing["code"], missing["path"]) == ("SECOND_FACTOR_REQUIRED", ["secondFactor"])
    assert (await signing_in(api, email, password="not the password"))["code"] == "INVALID_CREDENTIALS"
    assert (await signing_in(api, email, f" {code(again, travelling_clock)} "))["token"]
    kept = await SecondFactor.get()
    assert again.encode() not in kept.secret_encrypted
    assert not set(made["recoveryCodes"]) & set(kept.recovery)


async def test_each_code_is_good_once_and_of_its_time(api: Api, travelling_clock: TravellingClock) -> None:
    mine, _ = await registered(api)
    email, (secret, recovery) = await address(mine), await set_up(mine, travelling_clock)
    now = code(secret, travelling_clock)
    answers = await asyncio.gather(*(signing_in(api, email, now) for _ in range(3)))
    assert sorted(one["__typename"] for one in answers) == ["InvalidCredentialsError"] * 2 + ["SignInSuccess"]
    for late in (-1, 2, -2):
        assert (await signing_in(api, email, code(secret, travelling_clock, late)))["code"] == "INVALID_CREDENTIALS"
    assert (await signing_in(api, email, code(secret, travelling_clock, 1)))["token"]
    for used in (recovery[0].lower().replace("-", " "), recovery[1]):
        assert (await signing_in(api, email, used))["token"]
        assert (await signing_in(api, email, used))["code"] == "INVALID_CREDENTIALS"


async def test_it_is_removed_with_a_code_or_by_the_operator(api: Api, travelling_clock: TravellingClock) -> None:
    mine, _ = await registered(api)
    email, (_, recovery) = await address(mine), await set_up(mine, travelling_clock)
    assert (await mine.call("removeSecondFactor", "__typename", code="000000"))["code"] == "INVALID_CREDENTIALS"
    assert (await mine.call("removeSecondFactor", "user { id }", code=recovery[0]))["user"]
    assert (await signing_in(api, email))["token"]
    await set_up(mine, travelling_clock)
    user = await find_user(email)
    assert user is not None
    await forget(user)
    assert (await signing_in(api, email))["token"]


async def test_roles_wait_for_it_where_the_operator_says_so(
    api: Api, travelling_clock: TravellingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    finance, (owner, account) = await staff(api), await upgraded(api)
    for asked in ("staff", "staff, owners"):
        monkeypatch.setattr(get_settings(), "second_factor", asked)
        (refused,) = (await finance.answer("{ settlements { totalCount } }"))["errors"]
        assert refused["extensions"]["code"] == "SECOND_FACTOR_REQUIRED"
        issued = await finance.call(
            "issueVoucher", "__typename", accountId=account, amount="1.00", note="x", expiresAt="2027-01-01T00:00:00Z"
        )
        assert issued["code"] == "SECOND_FACTOR_REQUIRED"
        made = await owner.call("createAccessKey", "sk", accountId=account, label="x")
        assert (made.get("code") == "SECOND_FACTOR_REQUIRED") == ("owners" in asked)
        assert (await owner.account(account, "name"))["name"]
    await set_up(finance, travelling_clock)
    await set_up(owner, travelling_clock)
    assert (await finance.data("{ viewer { staffRoles } }"))["viewer"]["staffRoles"] == [StaffRole.FINANCE]
    assert (await owner.call("createAccessKey", "sk", accountId=account, label="x"))["sk"]


async def test_a_token_that_leaked_sets_up_no_factor_and_makes_no_token(
    api: Api, monkeypatch: pytest.MonkeyPatch, travelling_clock: TravellingClock
) -> None:
    mine, account = await upgraded(api)
    made = await mine.call("createPersonalAccessToken", "token", name="script")
    leaked = Api(api.http, made["token"])
    tried: dict[str, dict[str, Any]] = {
        "beginSecondFactor": {},
        "confirmSecondFactor": {"code": "123456"},
        "createPersonalAccessToken": {"name": "x"},
    }
    for mutation, arguments in tried.items():
        assert (await leaked.call(mutation, "__typename", **arguments))["code"] == "RECENT_SIGN_IN_REQUIRED"
    monkeypatch.setattr(get_settings(), "second_factor", "owners")
    await set_up(mine, travelling_clock)
    invited: dict[str, Any] = {"accountId": account, "email": "x@example.com", "role": Enum("OWNER")}
    for client, refused in ((leaked, True), (mine, False)):
        answer = await client.call("inviteMember", "__typename", **invited)
        assert (answer.get("code") == "SECOND_FACTOR_REQUIRED") is refused
