"""Signing in by a provider: as whom it says, in the browser that began, once; and never as somebody else."""

from __future__ import annotations

import asyncio
import logging
import re
import secrets
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import oidc_provider_mock
import pyotp
import pytest
from joserfc.jwk import RSAKey
from tortoise.connection import get_connection

from app import clock
from app.accounts import openid
from app.accounts.models import Identity, Invitation, SecurityChange, SecurityNotice, SignInAttempt, User
from app.accounts.passwords import claim_reset
from app.accounts.providers import SignInProvider, sign_in_providers
from app.audit.models import AuditEntry
from app.errors import CannotStart
from app.settings import get_settings
from tests.accounts.people import PASSWORD, address, signed_in, works
from tests.api.driver import Api, Enum, registered
from tests.api.wallets import staff
from tests.db.rows import every_row
from tests.notifications.mailbox import Mailbox
from tests.serving import ROOT
from tests.standins.identity_provider import (
    CLIENT_ID,
    CLIENT_SECRET,
    PERSON,
    REDIRECT_URI,
    IdentityProvider,
    shared_secret,
)

WANG = "wang@corp.example"
FILE = """
[{key}]
issuer = "{issuer}"
client_id = "{client_id}"
client_secret = "{secret}"
redirect_uri = "{redirect_uri}"
name = {{ zh = "公司账号", en = "Company account" }}
{more}
"""
SPEAKS = 'domains = ["corp.example"]'
EVERYONE = SPEAKS + '\nregisters = "everyone"'


@pytest.fixture(autouse=True)
def nothing_known() -> None:
    """Each test meets its providers for the first time."""
    openid._known.clear()
    sign_in_providers.cache_clear()


@pytest.fixture
async def idp() -> AsyncIterator[IdentityProvider]:
    async with IdentityProvider().serving() as provider:
        yield provider


@pytest.fixture
def configured(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """Writes the operator's file."""

    def write(issuer: str, more: str = EVERYONE, key: str = "company", text: str = "") -> None:
        file = tmp_path / "sign-in.toml"
        made = FILE.format(
            key=key,
            issuer=issuer,
            client_id=CLIENT_ID,
            secret=CLIENT_SECRET,
            redirect_uri=REDIRECT_URI,
            more=f"timeout_seconds = 0.5\n{more}",
        )
        file.write_text(text or made)
        monkeypatch.setattr(get_settings(), "sign_in_providers", file)
        sign_in_providers.cache_clear()

    return write


class Browser:
    """A browser that signs in by a provider, and keeps what it is given."""

    def __init__(self, api: Api, link: bool = False) -> None:
        self.api, self.link = api, link
        self.secret = self.state = self.code = ""

    async def begin(self, provider: str = "company") -> Any:
        begun = await self.api.call(
            "beginIdentityLink" if self.link else "beginSignIn", "authorizationUrl secret", provider=provider
        )
        self.secret = begun.get("secret", "")
        return begun

    async def go(self, provider: str = "company") -> Browser:
        """Begin, and be sent back by the provider."""
        begun = await self.begin(provider)
        assert "code" not in begun, begun
        async with httpx.AsyncClient() as web:
            back = (await web.get(begun["authorizationUrl"])).headers["location"]
        assert back.startswith(REDIRECT_URI)
        self.remember(back)
        return self

    def remember(self, back: str) -> None:
        sent = {name: values[0] for name, values in parse_qs(urlsplit(back).query).items()}
        self.state, self.code = sent["state"], sent["code"]

    async def complete(self, **other: Any) -> Any:
        name, success = ("completeIdentityLink", "identity { id }") if self.link else ("completeSignIn", "token")
        given = {"state": self.state, "secret": self.secret, "code": self.code, **other}
        return await self.api.call(name, success, **given)


async def signing_in(api: Api) -> Any:
    return await (await Browser(api).go()).complete()


async def refused(api: Api, code: str = "INVALID_CREDENTIALS") -> None:
    before = {**await every_row(), "sign_in_attempt": None}
    answer = await signing_in(api)
    assert answer["code"] == code, answer
    assert {**await every_row(), "sign_in_attempt": None} == before


async def test_a_person_unknown_until_now_signs_in_and_again(api: Api, idp: IdentityProvider, configured: Any) -> None:
    configured(idp.issuer)
    shown = await Api(api.http, locale="zh").data("{ signInProviders { key name } }")
    assert shown["signInProviders"] == [{"key": "company", "name": "公司账号"}]
    made = await signing_in(api)
    mine = Api(api.http, made["token"])
    seen = (await mine.data("{ viewer { user { email name confirmedAt } accounts { totalCount } } }"))["viewer"]
    assert (seen["user"]["email"], seen["user"]["name"], seen["accounts"]) == (
        WANG,
        "Wang Wei",
        {"totalCount": 0},
    )
    assert seen["user"]["confirmedAt"]
    assert (await mine.call("createAccount", "account { id }", name="Corp", sandbox=True))["account"]
    idp.person |= {"email": "other@elsewhere.example"}
    again = Api(api.http, (await signing_in(api))["token"])
    assert await address(again) == WANG
    identities = "{ viewer { identities { nodes { id issuer subject email lastUsedAt } } } }"
    (found,) = (await again.data(identities))["viewer"]["identities"]["nodes"]
    assert (found["issuer"], found["subject"], found["email"]) == (idp.issuer, "u-1", "other@elsewhere.example")
    assert found["lastUsedAt"]
    assert await User.all().count() - await User.filter(password_hash__isnull=False).count() == 1
    assert (await signed_in(api, WANG, ""))["code"] == "INVALID_CREDENTIALS"
    logged = await AuditEntry.filter(action="completeSignIn").values_list("actor_label", "outcome")
    assert logged == [(WANG, "SUCCESS")] * 2
    assert idp.requests.count("/.well-known/openid-configuration") == idp.requests.count("/keys") == 1


async def test_by_a_provider_that_others_wrote(api: Api, configured: Any) -> None:
    with oidc_provider_mock.run_server_in_thread(require_nonce=True) as server:
        issuer = f"http://localhost:{server.server_port}"
        configured(issuer)
        async with httpx.AsyncClient() as web:
            about = {"email": WANG, "email_verified": True, "name": "Wang Wei"}
            assert (await web.put(f"{issuer}/users/w-1", json=about)).status_code == 204
            browser = Browser(api)
            begun = await browser.begin()
            back = await web.post(begun["authorizationUrl"], data={"sub": "w-1"})
        browser.remember(back.headers["location"])
        made = await browser.complete()
        assert await address(Api(api.http, made["token"])) == WANG
        assert (await browser.complete())["code"] == "INVALID_CREDENTIALS"


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"aud": "another-client"},
        {"aud": None},
        {"aud": [CLIENT_ID, "another-client"]},
        {"azp": "another-client"},
        {"iss": "https://evil.example.com"},
        {"exp": 1_700_000_000},
        {"exp": None},
        {"iat": 4_102_444_800},
        {"nbf": 4_102_444_800},
        {"sub": ""},
        {"sub": "x" * 256},
        {"sub": 7},
        {"at_hash": "bm90IHRoaXMgb25l"},
        {"amr": "mfa"},
    ],
    ids=str,
)
async def test_an_id_token_that_is_not_for_this_sign_in_is_refused(
    api: Api, idp: IdentityProvider, configured: Any, claims: dict[str, Any]
) -> None:
    configured(idp.issuer)
    idp.claims = claims
    await refused(api)


async def test_an_id_token_that_the_provider_did_not_sign_is_refused(
    api: Api, idp: IdentityProvider, configured: Any
) -> None:
    configured(idp.issuer)
    for header, key in (
        ({"alg": "none"}, None),
        ({"alg": "HS256"}, shared_secret()),
        ({}, RSAKey.generate_key(2048, {"kid": "1"})),
        ({"kid": "2"}, RSAKey.generate_key(2048, {"kid": "2"})),
    ):
        idp.header, idp.signs_with = header, key
        await refused(api)


async def test_keys_are_rotated(api: Api, idp: IdentityProvider, configured: Any) -> None:
    configured(idp.issuer)
    assert (await signing_in(api))["token"]
    idp.rotate()
    assert (await signing_in(api))["token"]
    idp.key = RSAKey.generate_key(2048, {"kid": str(idp.key.kid)})
    idp.published = [idp.key]
    assert (await signing_in(api))["token"]


async def test_only_the_browser_that_began_finishes_and_once(api: Api, idp: IdentityProvider, configured: Any) -> None:
    configured(idp.issuer)
    mine, others = await Browser(api).go(), await Browser(api).go()
    for wrong in (
        {"secret": others.secret},
        {"state": others.state},
        {"state": "unknown"},
        {"secret": ""},
        {"state": others.state, "secret": mine.secret},
    ):
        assert (await mine.complete(**wrong))["code"] == "INVALID_CREDENTIALS"
    answers = await asyncio.gather(*(mine.complete() for _ in range(3)))
    assert sorted(one["__typename"] for one in answers) == ["CompleteSignInSuccess"] + ["InvalidCredentialsError"] * 2
    assert (await mine.complete())["code"] == "INVALID_CREDENTIALS"
    stolen = await Browser(api).go()
    assert (await stolen.complete(code=others.code))["code"] == "INVALID_CREDENTIALS"
    assert (await stolen.complete())["code"] == "INVALID_CREDENTIALS"
    assert (await (await Browser(api).go()).complete(iss="https://evil.example.com"))["code"] == "INVALID_CREDENTIALS"
    assert (await (await Browser(api).go()).complete(iss=idp.issuer))["token"]
    openid._known.clear()
    idp.metadata = {"authorization_response_iss_parameter_supported": True}
    assert (await signing_in(api))["code"] == "INVALID_CREDENTIALS"


async def test_it_is_finished_within_ten_minutes(
    api: Api, idp: IdentityProvider, configured: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    configured(idp.issuer)
    browser = await Browser(api).go()
    later = clock.now() + timedelta(minutes=10, seconds=1)
    monkeypatch.setattr("app.accounts.identities.clock.now", lambda: later)
    assert (await browser.complete())["code"] == "INVALID_CREDENTIALS"


async def test_nothing_that_is_kept_finishes_it(api: Api, idp: IdentityProvider, configured: Any) -> None:
    configured(idp.issuer)
    browser = Browser(api)
    begun = await browser.begin()
    (asked,) = [parse_qs(urlsplit(begun["authorizationUrl"]).query)]
    rows = str(await SignInAttempt.all().values())
    for known in (browser.secret, *asked["state"], *asked["nonce"], *asked["code_challenge"]):
        assert known not in rows
    assert browser.secret not in begun["authorizationUrl"]


async def test_who_has_no_account_here_is_refused_unless_the_operator_says_otherwise(
    api: Api, idp: IdentityProvider, configured: Any
) -> None:
    for more in ("", 'registers = "everyone"', SPEAKS, SPEAKS + '\nregisters = "nobody"'):
        configured(idp.issuer, more)
        await refused(api, "IDENTITY_REFUSED")
    configured(idp.issuer, 'domains = ["other.example"]\nregisters = "everyone"')
    await refused(api, "IDENTITY_REFUSED")
    for unproved in ({"email_verified": False}, {"email_verified": None}, {"email_verified": "true"}, {"email": "x@y"}):
        configured(idp.issuer)
        idp.claims = unproved
        await refused(api, "IDENTITY_REFUSED")
    idp.claims = {}
    owner, account = await registered(api)
    invited = await owner.call("inviteMember", "invitationCode", accountId=account, email=WANG, role=Enum("VIEWER"))
    configured(idp.issuer, SPEAKS + '\nregisters = "nobody"')
    await refused(api, "IDENTITY_REFUSED")
    configured(idp.issuer, SPEAKS)
    mine = Api(api.http, (await signing_in(api))["token"])
    assert (await mine.call("acceptInvitation", "membership { id }", code=invited["invitationCode"]))["membership"]
    assert await Invitation.filter(accepted_at__isnull=True).count() == 0
    configured(idp.issuer, '\ndomains = ["*"]\nregisters = "everyone"')
    idp.person |= {"sub": "u-2", "email": "somebody@anywhere.example"}
    assert (await signing_in(api))["token"]


async def test_an_address_finds_the_user_who_confirmed_it_where_the_provider_speaks_for_it(
    api: Api, idp: IdentityProvider, configured: Any
) -> None:
    mine, _ = await registered(api)
    await User.filter(email=await address(mine)).update(email=WANG)
    configured(idp.issuer, 'domains = ["*"]\nregisters = "everyone"')
    await refused(api, "IDENTITY_REFUSED")
    await User.filter(email=WANG).update(confirmed_at=clock.now())
    configured(idp.issuer, 'registers = "everyone"')
    await refused(api, "IDENTITY_REFUSED")
    configured(idp.issuer, 'domains = ["corp.example"]\nregisters = "nobody"')
    made = await signing_in(api)
    assert await Identity.filter(user__email=WANG).count() == 1
    assert await address(Api(api.http, made["token"])) == WANG
    assert (await signed_in(api, WANG))["token"]


async def test_an_address_that_the_id_token_leaves_out_is_asked_for(
    api: Api, idp: IdentityProvider, configured: Any
) -> None:
    configured(idp.issuer)
    idp.thin = True
    assert await address(Api(api.http, (await signing_in(api))["token"])) == WANG
    idp.person = {**PERSON, "sub": "u-2"}

    async def another(request: Any) -> Any:
        return await idp._answer(request, {**PERSON, "sub": "u-3"})

    idp.thin, idp.userinfo = True, another  # type: ignore[method-assign]
    async with idp.serving():
        openid._known.clear()
        configured(idp.issuer)
        await refused(api)


async def test_an_identity_is_linked_by_who_is_signed_in_and_unlinked(
    api: Api, idp: IdentityProvider, configured: Any
) -> None:
    configured(idp.issuer, "")
    mine, _ = await registered(api)
    other, _ = await registered(api)
    begun = await Browser(mine, link=True).go()
    begun.api = other
    assert (await begun.complete())["code"] == "INVALID_CREDENTIALS"
    begun.api, begun.link = api, False
    assert (await begun.complete())["code"] == "INVALID_CREDENTIALS"
    begun.api, begun.link = mine, True
    linked = (await begun.complete())["identity"]["id"]
    assert (await (await Browser(mine, link=True).go()).complete())["identity"]["id"] == linked
    anothers = await (await Browser(other, link=True).go()).complete()
    assert (anothers["code"], anothers["path"]) == ("INVALID_INPUT", ["code"])
    sign_in = await Browser(api).go()
    sign_in.api, sign_in.link = mine, True
    assert (await sign_in.complete())["code"] == "INVALID_CREDENTIALS"
    made = await signing_in(api)
    assert await address(Api(api.http, made["token"])) == await address(mine)
    assert (await other.call("unlinkIdentity", "identity { id }", identityId=linked))["code"] == "NOT_FOUND"
    user = User.filter(email=await address(mine))
    await user.update(password_hash=None)
    assert (await mine.call("unlinkIdentity", "identity { id }", identityId=linked))["code"] == "INVALID_INPUT"
    await user.update(password_hash="x")
    assert (await mine.call("unlinkIdentity", "identity { id }", identityId=linked))["identity"]["id"] == linked
    await refused(api, "IDENTITY_REFUSED")
    told = await SecurityNotice.filter(user__email=await address(mine)).order_by("id")
    assert [one.change for one in told] == [SecurityChange.IDENTITY_LINKED, SecurityChange.IDENTITY_UNLINKED]


async def test_ways_in_are_changed_in_a_recent_session_alone(
    api: Api, idp: IdentityProvider, configured: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    configured(idp.issuer, "")
    mine, _ = await registered(api)
    token = await mine.call("createPersonalAccessToken", "token", name="script")
    script = Api(api.http, token["token"])
    assert (await Browser(script, link=True).begin())["code"] == "RECENT_SIGN_IN_REQUIRED"
    browser = await Browser(mine, link=True).go()
    identity = (await browser.complete())["identity"]["id"]
    unfinished = await Browser(mine, link=True).go()
    later = clock.now() + timedelta(minutes=15, seconds=1)
    monkeypatch.setattr("app.accounts.tokens.clock.now", lambda: later)
    assert (await Browser(mine, link=True).begin())["code"] == "RECENT_SIGN_IN_REQUIRED"
    assert (await unfinished.complete())["code"] == "RECENT_SIGN_IN_REQUIRED"
    assert (await mine.call("unlinkIdentity", "identity { id }", identityId=identity))[
        "code"
    ] == "RECENT_SIGN_IN_REQUIRED"


async def test_a_second_factor_is_asked_for_unless_the_providers_counts(
    api: Api, idp: IdentityProvider, configured: Any
) -> None:
    configured(idp.issuer)
    mine = Api(api.http, (await signing_in(api))["token"])
    begun = await mine.call("beginSecondFactor", "secret")
    totp = pyotp.TOTP(begun["secret"])
    at = int(clock.now().timestamp())
    recovery = (await mine.call("confirmSecondFactor", "recoveryCodes", code=totp.at(at - 30)))["recoveryCodes"]
    browser = await Browser(api).go()
    for code, expected in ((None, "SECOND_FACTOR_REQUIRED"), ("000000", "INVALID_CREDENTIALS")):
        said = await browser.complete(secondFactor=code)
        assert (said["code"], said["path"]) == (expected, ["secondFactor"])
    asked = len(idp.requests)
    assert (await browser.complete(secondFactor=recovery[0]))["token"]
    assert len(idp.requests) == asked, "whom it is stays known"
    idp.claims = {"amr": ["pwd", "mfa"]}
    assert (await signing_in(api))["code"] == "SECOND_FACTOR_REQUIRED"
    configured(idp.issuer, EVERYONE + "\nmfa_counts = true")
    assert (await signing_in(api))["token"]
    idp.claims = {"amr": ["pwd"]}
    assert (await signing_in(api))["code"] == "SECOND_FACTOR_REQUIRED"
    guessing = await Browser(api).go()
    said = [await guessing.complete(secondFactor="000000") for _ in range(11)]
    assert [one["code"] for one in said][-1] == "RATE_LIMITED"


async def test_roles_that_wait_for_a_second_factor_are_there_after_the_providers(
    api: Api, idp: IdentityProvider, configured: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    finance = await staff(api)
    await User.filter(email=await address(finance)).update(email=WANG, confirmed_at=clock.now())
    monkeypatch.setattr(get_settings(), "second_factor", "staff")
    configured(idp.issuer, SPEAKS + "\nmfa_counts = true")
    roles = "{ viewer { staffRoles } }"
    for amr, expected in ((["pwd"], []), (["mfa"], ["FINANCE"])):
        idp.claims = {"amr": amr}
        mine = Api(api.http, (await signing_in(api))["token"])
        assert (await mine.data(roles))["viewer"]["staffRoles"] == expected
        made = await mine.call("createPersonalAccessToken", "token", name="script")
        assert (await Api(api.http, made["token"]).data(roles))["viewer"]["staffRoles"] == expected


async def test_a_provider_that_does_not_answer_is_told_and_may_be_tried_again(
    api: Api, idp: IdentityProvider, configured: Any, caplog: pytest.LogCaptureFixture
) -> None:
    configured(idp.issuer)
    idp.down = True
    said = await api.answer(
        'mutation { beginSignIn(provider: "company") { ... on SignInProviderUnavailableError { code retryAfter } } }'
    )
    assert said["data"]["beginSignIn"] == {"code": "SIGN_IN_PROVIDER_UNAVAILABLE", "retryAfter": 5}
    idp.down, late, browser = False, Browser(api), Browser(api)
    await late.go()
    await browser.go()
    for broken, one in (({"slow": 1.0}, late), ({"down": True}, browser)):
        vars(idp).update(broken)
        said = await one.complete()
        assert said["code"] == "SIGN_IN_PROVIDER_UNAVAILABLE"
        assert "Company account" in said["message"]
        idp.down, idp.slow = False, 0.0
    made = await browser.complete()
    assert made["token"]
    with caplog.at_level(logging.DEBUG):
        configured("http://127.0.0.1:1")
        assert (await Browser(api).begin())["code"] == "SIGN_IN_PROVIDER_UNAVAILABLE"
    for secret in (browser.secret, browser.code, made["token"], CLIENT_SECRET):
        assert secret not in caplog.text


@pytest.mark.parametrize(
    "said",
    [
        {"issuer": "https://another.example.com"},
        {"token_endpoint": "http://provider.example.com/token"},
        {"jwks_uri": None},
        {"authorization_endpoint": "javascript:alert(1)"},
    ],
    ids=str,
)
async def test_a_provider_that_is_not_what_it_must_be_is_told_as_one_that_is_down(
    api: Api, idp: IdentityProvider, configured: Any, said: dict[str, Any]
) -> None:
    configured(idp.issuer)
    idp.metadata = said
    assert (await Browser(api).begin())["code"] == "SIGN_IN_PROVIDER_UNAVAILABLE"


async def test_no_transaction_is_open_while_a_provider_is_asked(
    api: Api, idp: IdentityProvider, configured: Any
) -> None:
    configured(idp.issuer)
    browser = await Browser(api).go()
    idp.slow = 0.1
    asking = asyncio.create_task(browser.complete())
    while "/token" not in idp.requests:
        await asyncio.sleep(0.005)
    open_ones = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in trans%'"
    assert await get_connection("default").execute_query_dict(open_ones) == []
    assert (await browser.complete())["code"] == "INVALID_CREDENTIALS"
    idp.slow = 0.0
    assert (await asking)["token"]


async def test_whoever_resets_the_password_of_an_unconfirmed_address_rids_it_of_others_ways_in(
    api: Api, idp: IdentityProvider, configured: Any, mailbox: Mailbox
) -> None:
    configured(idp.issuer, "")
    thief, _ = await registered(api)
    await User.filter(email=await address(thief)).update(email=WANG)
    assert (await (await Browser(thief, link=True).go()).complete())["identity"]
    begun = await thief.call("beginSecondFactor", "secret")
    code = pyotp.TOTP(begun["secret"]).now()
    assert (await thief.call("confirmSecondFactor", "recoveryCodes", code=code))["recoveryCodes"]
    assert (await api.call("requestPasswordReset", "email", email=WANG))["email"]
    claimed = await claim_reset()
    assert claimed is not None
    _, token = claimed
    assert (await api.call("resetPassword", "user { id }", code=token, newPassword=PASSWORD))["user"]
    assert (await signed_in(api, WANG))["token"]
    assert not await works(str(thief.token), api)
    await refused(api, "IDENTITY_REFUSED")


def test_the_manual_shows_a_file_that_works_and_names_every_member(configured: Any) -> None:
    manual = (ROOT / "docs" / "sign-in.md").read_text()
    (shown,) = re.findall(r"^```toml\n(.*?)^```$", manual, re.DOTALL | re.MULTILINE)
    configured("", text=shown)
    (provider,) = sign_in_providers().values()
    assert provider.speaks_for("wang@example.com")
    for name, field in SignInProvider.model_fields.items():
        row = re.search(rf"^\| [^|]*`{name}`[^|]* \| (.+?) \|", manual, re.MULTILINE)
        assert row or name == "key", name
        if row and field.default not in (None, ()):
            shown_default = str(field.default).removesuffix(".0").replace("False", "false")
            assert row[1] == ("must be set" if field.is_required() else f"`{shown_default}`")


def test_settings_that_are_not_as_they_must_be_are_named_and_no_secret(configured: Any) -> None:
    secret = secrets.token_hex(8)
    for issuer, more, named in (
        ("http://id.example.com", "", "company.issuer must be an https address"),
        ("https://id.example.com/?x=1", "", "company.issuer must be"),
        ("https://id.example.com", 'domains = ["Corp.Example"]', "company.domains.0 must be a domain"),
        ("https://id.example.com", 'registers = "anybody"', "company.registers"),
        ("https://id.example.com", f'secret = "{secret}"', "company.secret"),
        ("https://id.example.com", 'scopes = "email"', "company.scopes must have openid"),
    ):
        configured(issuer, more)
        with pytest.raises(CannotStart, match="BILLING_SIGN_IN_PROVIDERS") as found:
            sign_in_providers()
        assert named in str(found.value)
        assert secret not in str(found.value)
        assert CLIENT_SECRET not in str(found.value)
    configured("https://id.example.com", key="Company")
    with pytest.raises(CannotStart, match="a-z"):
        sign_in_providers()
    configured("", text="[")
    with pytest.raises(CannotStart, match="cannot be read"):
        sign_in_providers()
    configured("https://id.example.com", "")
    assert CLIENT_SECRET not in repr(sign_in_providers())
