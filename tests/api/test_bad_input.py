"""Whatever is sent, a refusal is typed, speaks both languages, names the argument, and leaves every table as it was."""

from __future__ import annotations

import asyncio
import base64
import re
from typing import Any

import pytest
from tortoise.transactions import in_transaction

from app import clock
from app.accounts.models import StaffRole
from app.agreements.publishing import publish_agreement
from app.bootstrap import Runtime
from app.catalog.keys import EditionKey
from app.refusals import hint
from tests.api.driver import (
    GATEWAY,
    PAY_AS_YOU_GO,
    Api,
    Enum,
    activate,
    advance,
    agreed,
    license_and_key,
    registered,
    upgraded,
)
from tests.api.wallets import staff
from tests.conftest import TravellingClock
from tests.db.rows import every_row

DAY = 86_400
TECHNICAL = ("INVALID_SIGNATURE", "CHANNEL_UNAVAILABLE")
"""Refusals whose reason is what a library or a plugin says, for whoever writes the client or runs the service."""
ENGLISH = re.compile(r"[a-z]{2,} [a-z]{2,} [a-z]{2,}")


async def refused(
    api: Api, mutation: str, code: str, path: list[str] | None, key: tuple[str, str] | None = None, **arguments: Any
) -> dict[str, Any]:
    """The refusal of a mutation, in English; checked to be typed and bilingual, and to have written nothing."""
    await api.answer("{ viewer { staffRoles } }")  # the token is used already: that is written down once an hour
    before = await every_row()
    answers = {}
    for locale in ("zh", "en"):
        asking = Api(api.http, api.token, locale)
        answers[locale] = await asking.call(mutation, "__typename", key, **arguments)
    assert await every_row() == before
    english, chinese = answers["en"], answers["zh"]
    assert english.get("code") == chinese.get("code") == code, english
    if path is not None:
        assert english["path"] == chinese["path"] == path
    assert english["message"].isascii() or "…" in english["message"], english
    assert any("\u4e00" <= character <= "\u9fff" for character in chinese["message"])
    assert code in TECHNICAL or not ENGLISH.search(chinese["message"]), chinese
    return dict(english)


REGISTRATIONS: list[Any] = [
    ({"email": "nobody"}, "email"),
    ({"email": ""}, "email"),
    ({"email": "a b@example.com"}, "email"),
    ({"email": "x" * 250 + "@example.com"}, "email"),
    ({"password": "short"}, "password"),
    ({"password": "x" * 257}, "password"),
    ({"name": " "}, "name"),
    ({"name": "a\nb"}, "name"),
    ({"organizationName": ""}, "organizationName"),
    ({"organizationName": "x" * 201}, "organizationName"),
]


async def test_registering(api: Api) -> None:
    right: dict[str, Any] = {
        "email": "a@example.com",
        "password": "a long password",
        "name": "A",
        "organizationName": "A Ltd",
    }
    for wrong, path in REGISTRATIONS:
        await refused(api, "register", "INVALID_INPUT", [path], **{**right, **wrong})


async def test_an_invitation_to_no_address(api: Api) -> None:
    mine, account = await registered(api)
    for address in ("nobody", "", "x" * 9_000, "a@[b.example", ";@b.example", "x,victim@corp.example", "a@b@c.example"):
        invited: dict[str, Any] = {"accountId": account, "email": address, "role": Enum("VIEWER")}
        await refused(mine, "inviteMember", "INVALID_INPUT", ["email"], **invited)


async def test_registering_twice_at_once(api: Api) -> None:
    who: dict[str, Any] = {
        "email": "a@example.com",
        "password": "a long password",
        "name": "A",
        "organizationName": "A Ltd",
    }
    answers = await asyncio.gather(*(api.call("register", "token", **who) for _ in range(4)))
    assert sorted(answer["__typename"] for answer in answers) == ["EmailTakenError"] * 3 + ["RegisterSuccess"]
    await refused(api, "register", "EMAIL_TAKEN", ["email"], **{**who, "email": "A@Example.com"})


@pytest.mark.parametrize(
    ("email", "password"), [("a@example.com", "not the password"), ("b@example.com", "x"), ("", ""), ("x" * 9_000, "x")]
)
async def test_signing_in_with_what_is_wrong(api: Api, email: str, password: str) -> None:
    who: dict[str, Any] = {
        "email": "a@example.com",
        "password": "a long password",
        "name": "A",
        "organizationName": "A Ltd",
    }
    await api.call("register", "token", **who)
    await refused(api, "signIn", "INVALID_CREDENTIALS", None, email=email, password=password)


TOKENS: list[Any] = [
    ("2020-01-01T00:00:00Z", "x"),
    ("2099-01-01T00:00:00Z", ""),
]


async def test_a_personal_token(api: Api) -> None:
    mine, _ = await registered(api)
    for ends, name in TOKENS:
        await refused(mine, "createPersonalAccessToken", "INVALID_INPUT", None, name=name, expiresAt=ends)


async def test_a_stale_agreement(api: Api) -> None:
    mine, account = await registered(api)
    await mine.call("upgradeEdition", "account { id }", accountId=account, edition=PAY_AS_YOU_GO)
    old = (await mine.data("{ agreement(edition: PAY_AS_YOU_GO) { id contentHash } }"))["agreement"]
    accept: dict[str, Any] = {"accountId": account, "agreementId": old["id"], "contentHash": old["contentHash"]}
    await refused(mine, "acceptAgreement", "STALE_AGREEMENT", ["contentHash"], **{**accept, "contentHash": "0" * 64})
    await refused(mine, "acceptAgreement", "INVALID_INPUT", ["agreementId"], **{**accept, "agreementId": account})
    two = {"en": "Two", "zh": "二"}
    async with in_transaction():
        await publish_agreement(EditionKey.PAY_AS_YOU_GO, {"title": two, "text": two}, by="tests")
    answer = await refused(mine, "acceptAgreement", "STALE_AGREEMENT", ["agreementId"], **accept)
    assert "version 2" in answer["message"]


@pytest.mark.parametrize(
    ("channel", "configuration", "code", "path"),
    [
        ("paypal", None, "UNKNOWN_CHANNEL", ["channel"]),
        ("", None, "UNKNOWN_CHANNEL", ["channel"]),
        ("guance", {"surprise": 1}, "BINDING_REJECTED", ["configuration", "surprise"]),
        ("aws", {}, "BINDING_REJECTED", ["configuration", "claimCode"]),
        ("aliyun", {}, "BINDING_REJECTED", ["configuration", "aliyunUid"]),
    ],
)
async def test_a_settlement_channel(
    api: Api, channel: str, configuration: dict[str, int] | None, code: str, path: list[str] | None
) -> None:
    mine, account = await registered(api)
    await mine.call("upgradeEdition", "account { id }", accountId=account, edition=PAY_AS_YOU_GO)
    await agreed(mine, account)
    arguments: dict[str, Any] = {"channel": channel, "configuration": configuration}
    await refused(mine, "chooseSettlementChannel", code, path, accountId=account, **arguments)


async def test_a_channel_whose_plugin_failed(api: Api, runtime: Runtime) -> None:
    mine, account = await registered(api)
    await mine.call("upgradeEdition", "account { id }", accountId=account, edition=PAY_AS_YOU_GO)
    await agreed(mine, account)
    runtime.host._add(type(runtime.host.plugins["guance"])("broken", "broken", "1", failure="it does not import"))
    answer = await refused(
        mine, "chooseSettlementChannel", "CHANNEL_UNAVAILABLE", ["channel"], accountId=account, channel="broken"
    )
    assert "its plugin does not work" in answer["message"]
    assert "it does not import" not in answer["message"]


async def test_a_license(api: Api) -> None:
    mine, account = await upgraded(api)
    text, ak, sk = await license_and_key(mine, account)
    theirs, other = await upgraded(api)
    foreign, *_ = await license_and_key(theirs, other)
    head, payload, signature = text.split(".")
    forged = base64.urlsafe_b64encode(base64.urlsafe_b64decode(payload + "==").replace(b"-1", b"-2")).decode()
    unsigned = base64.urlsafe_b64encode(b'{"alg":"none"}').decode().rstrip("=")
    right: dict[str, Any] = {"ak": ak, "sk": sk, "dataGatewayUrl": GATEWAY, "fingerprint": "fingerprint-1"}
    for wrong, reason in (
        ("", "NOT_BASE64"),
        ("许可证", "NOT_BASE64"),
        (f"{head}.{payload}", "NOT_BASE64"),
        ("a.b.c", "MALFORMED"),
        ("x" * 9_000, "TOO_LONG"),
        (f"{head}.{payload}.{signature[::-1]}", "BAD_SIGNATURE"),
        (f"{head}.{forged.rstrip('=')}.{signature}", "BAD_SIGNATURE"),
        (f"{unsigned}.{payload}.{signature}", "WRONG_ALGORITHM"),
        (foreign, "OTHER_ACCOUNT"),
    ):
        answer = await refused(api, "activateLicense", "INVALID_LICENSE", ["license"], license=wrong, **right)
        assert hint(reason, "en") in answer["message"]


async def test_a_license_that_ended(api: Api, travelling_clock: TravellingClock) -> None:
    mine, account = await upgraded(api)
    text, ak, sk = await license_and_key(mine, account)
    right: dict[str, Any] = {
        "license": text,
        "ak": ak,
        "sk": sk,
        "dataGatewayUrl": GATEWAY,
        "fingerprint": "fingerprint-1",
    }
    await advance(mine, account, 365 * DAY)
    ended = await refused(api, "activateLicense", "INVALID_LICENSE", ["license"], **right)
    assert hint("EXPIRED", "en") in ended["message"]
    made = await mine.call("createLicense", "license { id text }", accountId=account, label="new")
    revoked = await mine.call("revokeLicense", "license { state }", licenseId=made["license"]["id"], reason="lost")
    assert revoked["license"]["state"] == "REVOKED"
    right["license"] = made["license"]["text"]
    ended = await refused(api, "activateLicense", "INVALID_LICENSE", ["license"], **right)
    assert hint("REVOKED", "en") in ended["message"]


async def test_a_license_that_is_active_elsewhere(api: Api) -> None:
    mine, account = await upgraded(api)
    text, ak, sk = await license_and_key(mine, account)
    await activate(mine, text, ak, sk)
    right: dict[str, Any] = {
        "license": text,
        "ak": ak,
        "sk": sk,
        "dataGatewayUrl": GATEWAY,
        "fingerprint": "fingerprint-2",
    }
    answer = await refused(api, "activateLicense", "INVALID_LICENSE", ["license"], **right)
    assert hint("ALREADY_ACTIVE_ELSEWHERE", "en", "fingerprint-1") in answer["message"]


GATEWAYS = {
    "": "begin with http:// or https://",
    "https://gateway.example.com": "no parameter token",
    "https://gateway.example.com?": "no parameter token",
    "https://gateway.example.com?region=cn": "no parameter token",
    "https://gateway.example.com?Token={}": "no parameter token",
    "https://gateway.example.com/token={}": "no parameter token",
    "https://gateway.example.com?token=": "must be the literal {}",
    "https://gateway.example.com?token": "must be the literal {}",
    "https://gateway.example.com?token=tkn_0123456789abcdef": "must be the literal {}",
    "https://gateway.example.com?token=tkn_0123456789abcdef&region={}": "must be the literal {}",
    "https://gateway.example.com?token={token}": "must be the literal {}",
    "https://gateway.example.com?token=%7B%7D": "must be the literal {}",
    "https://gateway.example.com?token={}&token={}": "more than one parameter token",
    "https://gateway.example.com?token={}&token=tkn_0123456789abcdef": "more than one parameter token",
    "https://gateway.example.com?token={}&other={}": "only once",
    "https://gateway.example.com/{}?token={}": "only once",
    "https://gateway.example.com?token={}#top": "fragment",
    "ftp://gateway.example.com?token={}": "begin with http:// or https://",
    "javascript:alert(1)?token={}": "begin with http:// or https://",
    "https://?token={}": "begin with http:// or https://",
    "https://me:secret@gateway.example.com?token={}": "begin with http:// or https://",
    "https://gateway.example.com?token={}\n": "no blanks",
    "https://gateway.example.com?name=a b&token={}": "no blanks",
    "https://网关.example.com?token={}": "visible ASCII",
    "https://" + "x" * 2_000 + "?token={}": "2000 characters",
}
ACTIVATIONS: list[Any] = [
    *(({"dataGatewayUrl": url}, "INVALID_GATEWAY_URL", ["dataGatewayUrl"]) for url in GATEWAYS),
    ({"fingerprint": "short"}, "INVALID_INPUT", ["fingerprint"]),
    ({"fingerprint": "with blank and 中文"}, "INVALID_INPUT", ["fingerprint"]),
    ({"ak": "AKNOBODY"}, "INVALID_CREDENTIALS", ["ak"]),
    ({"ak": "x" * 9_000}, "INVALID_CREDENTIALS", ["ak"]),
    ({"sk": "wrong"}, "INVALID_CREDENTIALS", ["sk"]),
]


async def test_an_activation(api: Api) -> None:
    mine, account = await upgraded(api)
    text, ak, sk = await license_and_key(mine, account)
    right: dict[str, Any] = {
        "license": text,
        "ak": ak,
        "sk": sk,
        "dataGatewayUrl": GATEWAY,
        "fingerprint": "fingerprint-1",
    }
    for wrong, code, path in ACTIVATIONS:
        answer = await refused(api, "activateLicense", code, path, **{**right, **wrong})
        if code == "INVALID_GATEWAY_URL":
            assert GATEWAYS[wrong["dataGatewayUrl"]] in answer["message"]
            assert "?token={}" in answer["message"]
            assert "tkn_" not in answer["message"]


@pytest.mark.parametrize(
    "url",
    [
        "http://10.0.0.7:9528?token={}",
        "https://[::1]:9528/v1/write?token={}",
        "https://gateway.example.com/?token={}",
        "https://gateway.example.com/v1?region=cn-hangzhou&token={}",
        "https://gateway.example.com?token={}&filter=false&x=%7Ba%7D",
    ],
)
async def test_other_parameters_may_stand_beside_the_token(api: Api, url: str) -> None:
    mine, account = await upgraded(api)
    text, ak, sk = await license_and_key(mine, account)
    asked: dict[str, Any] = {"ak": ak, "sk": sk, "dataGatewayUrl": url, "fingerprint": "fingerprint-1"}
    pasted = f"> “{text[:80]}\n> {text[80:]}”\u200b"
    done = await mine.call("activateLicense", "deployment { dataGatewayUrl }", license=pasted, **asked)
    assert done["deployment"]["dataGatewayUrl"] == url


HOUR = "2026-03-02T10:00:00Z"
USAGES: list[Any] = [
    ([], "INVALID_INPUT", ["reports"]),
    ([{"hour": HOUR, "dataKits": []}], "INVALID_INPUT", ["reports"]),
    ([{"hour": "2026-03-03T10:00:00Z", "dataKits": ["a"]}], "INVALID_INPUT", ["reports", "0", "hour"]),
    ([{"hour": "2025-11-01T10:00:00Z", "dataKits": ["a"]}], "INVALID_INPUT", ["reports", "0", "hour"]),
    ([{"hour": "2026-03-02T10:00:01Z", "dataKits": ["a"]}], "INVALID_INPUT", ["reports", "0", "hour"]),
    ([{"hour": "2026-03-02T09:30:00Z", "dataKits": ["a"]}], "INVALID_INPUT", ["reports", "0", "hour"]),
    ([{"hour": HOUR, "dataKits": ["a"]}] * 2, "INVALID_INPUT", ["reports", "1", "hour"]),
    ([{"hour": HOUR, "dataKits": ["a", "b", "a"]}], "INVALID_INPUT", ["reports", "0", "dataKits"]),
    ([{"hour": HOUR, "dataKits": ["a", ""]}], "INVALID_INPUT", ["reports", "0", "dataKits", "1"]),
    ([{"hour": HOUR, "meter": "x" * 9_000, "value": 1}], "INVALID_INPUT", ["reports", "0", "meter"]),
    ([{"hour": HOUR, "dataKits": ["a\tb"]}], "INVALID_INPUT", ["reports", "0", "dataKits", "0"]),
    ([{"hour": HOUR, "dataKits": ["a\u0000b"]}], "INVALID_INPUT", ["reports", "0", "dataKits", "0"]),
    ([{"hour": HOUR, "dataKits": ["\u202ea"]}], "INVALID_INPUT", ["reports", "0", "dataKits", "0"]),
    ([{"hour": HOUR, "dataKits": ["x" * 129]}], "INVALID_INPUT", ["reports", "0", "dataKits", "0"]),
]


async def test_usage(api: Api, travelling_clock: TravellingClock) -> None:
    mine, account = await upgraded(api)
    text, ak, sk = await license_and_key(mine, account)
    await activate(mine, text, ak, sk)
    for reports, code, path in USAGES:
        for locale in ("en", "zh"):
            before = await every_row()
            asking = Api(api.http, locale=locale)
            answer = await asking.call(
                "reportUsage", "__typename", (ak, sk), fingerprint="fingerprint-1", reports=reports
            )
            assert (answer.get("code"), answer.get("path")) == (code, path)
            assert await every_row() == before


async def test_more_data_kits_than_a_call_may_have(api: Api) -> None:
    mine, account = await upgraded(api)
    text, ak, sk = await license_and_key(mine, account)
    await activate(mine, text, ak, sk)
    before = await every_row()
    hour = clock.now().replace(minute=0, second=0, microsecond=0)
    answer = await api.answer(
        """mutation ($reports: [HourlyUsageInput!]!) {
          reportUsage(fingerprint: "fingerprint-1", reports: $reports) {
            __typename ... on LimitExceededError { code path limit actual } } }""",
        (ak, sk),
        reports=[{"hour": hour.isoformat(), "dataKits": [f"dk-{n}" for n in range(5_001)]}],
    )
    assert answer["data"]["reportUsage"] == {
        "__typename": "LimitExceededError",
        "code": "LIMIT_EXCEEDED",
        "path": ["reports"],
        "limit": 5_000,
        "actual": 5_001,
    }
    assert await every_row() == before


async def test_a_report_that_nobody_signed_or_from_a_deployment_that_is_not_there(api: Api) -> None:
    mine, account = await upgraded(api)
    _, ak, sk = await license_and_key(mine, account)
    hour = clock.now().replace(minute=0, second=0, microsecond=0).isoformat()
    report: dict[str, Any] = {"fingerprint": "nowhere", "reports": [{"hour": hour, "dataKits": ["a"]}]}
    await refused(mine, "reportUsage", "INVALID_SIGNATURE", None, **report)
    await refused(mine, "reportUsage", "INVALID_SIGNATURE", None, (ak, "wrong"), **report)
    await refused(mine, "reportUsage", "INVALID_CREDENTIALS", [], ("AKNOBODY", sk), **report)
    await refused(mine, "reportUsage", "NOT_FOUND", ["fingerprint"], (ak, sk), **report)


AMOUNTS: list[Any] = ["0", "-1", "0.001", "100000000.01", "NaN", "Infinity", "-0", "1e30", "1e-30"]


async def test_a_top_up(api: Api) -> None:
    mine, account = await upgraded(api)
    for amount in AMOUNTS:
        before = await every_row()
        answer = await mine.answer(
            f'mutation {{ requestTopUp(accountId: "{account}", amount: "{amount}") '
            "{ ... on Error { code path } } }"
        )
        assert await every_row() == before
        if "errors" in answer:
            assert "INTERNAL" not in str(answer["errors"]), answer
        else:
            assert answer["data"]["requestTopUp"] == {"code": "INVALID_INPUT", "path": ["amount"]}


TRAVELS: list[Any] = [
    ({}, ["to"]),
    ({"bySeconds": 1, "to": "2099-01-01T00:00:00Z"}, ["to"]),
    ({"bySeconds": 0}, ["bySeconds"]),
    ({"bySeconds": -1}, ["bySeconds"]),
    ({"bySeconds": 400 * DAY + 1}, ["bySeconds"]),
    ({"to": "2020-01-01T00:00:00Z"}, ["to"]),
]


async def test_travelling(api: Api) -> None:
    mine, account = await registered(api)
    for arguments, path in TRAVELS:
        await refused(mine, "advanceSandboxClock", "INVALID_INPUT", path, accountId=account, **arguments)


async def test_a_production_account_does_not_travel_and_a_sandbox_not_without_end(api: Api) -> None:
    mine, account = await registered(api, sandbox=False)
    await refused(mine, "advanceSandboxClock", "SANDBOX_ONLY", None, accountId=account, bySeconds=1)
    mine, account = await registered(api)
    for _ in range(9):
        await advance(mine, account, 400 * DAY)
    await refused(mine, "advanceSandboxClock", "INVALID_INPUT", ["bySeconds"], accountId=account, bySeconds=400 * DAY)


UNSHOWABLE: list[Any] = [
    'usage(from: "9998-12-31", to: "9998-12-31") { days { day } }',
    'usage(from: "1970-01-01", to: "1970-01-01") { days { day } }',
    'usage(from: "2026-01-02", to: "2026-01-01") { days { day } }',
    'usage(from: "2026-01-01", to: "2027-01-02") { days { day } }',
    'statement(month: "2026-13") { month }',
    'statement(month: "2026-1") { month }',
    'statement(month: "２０２６-01") { month }',
    "events(first: 0) { totalCount }",
    "events(first: 101) { totalCount }",
    "events(first: 1, last: 1) { totalCount }",
    'events(after: "nonsense") { totalCount }',
]


async def test_what_cannot_be_shown(api: Api) -> None:
    mine, account = await registered(api)
    for fields in UNSHOWABLE:
        for locale in ("en", "zh"):
            asking = Api(api.http, mine.token, locale)
            answer = await asking.answer(f'{{ account(id: "{account}") {{ {fields} }} }}')
            (error,) = answer["errors"]
            assert error["extensions"]["code"] == "INVALID_INPUT", error


NO_IDS: list[Any] = ["", "nonsense", "QWNjb3VudDp4", "许", "=" * 9]


async def test_an_id_that_is_none(api: Api) -> None:
    mine, _ = await registered(api)
    for id in NO_IDS:
        await refused(mine, "createLicense", "INVALID_INPUT", ["accountId"], accountId=id, label="x")


async def test_licenses_of_an_account_that_has_one_to_activate(api: Api) -> None:
    mine, account = await upgraded(api)
    await refused(mine, "createLicense", "INVALID_INPUT", ["label"], accountId=account, label="")
    await license_and_key(mine, account)
    await refused(mine, "createLicense", "LICENSE_LIMIT", None, accountId=account, label="x")


async def test_an_edition_that_is_had_otherwise(api: Api) -> None:
    mine, account = await registered(api)
    for edition, code in (("SUBSCRIPTION", "EDITION_BY_APPLICATION"), ("COMMUNITY", "INVALID_INPUT")):
        await refused(mine, "upgradeEdition", code, None, accountId=account, edition=Enum(edition))


async def test_a_key_that_is_none_is_refused_before_a_provider_is_asked(api: Api) -> None:
    mine, account = await registered(api)
    given: dict[str, Any] = {"accountId": account, "channel": "guance", "idempotencyKey": "\0"}
    await refused(mine, "chooseSettlementChannel", "INVALID_INPUT", ["idempotencyKey"], **given)


async def test_a_text_that_nothing_has_is_refused_and_no_fault(api: Api, caplog: pytest.LogCaptureFixture) -> None:
    operator = await staff(api, [StaffRole.OPERATOR])
    await refused(operator, "withdrawMeter", "INVALID_INPUT", [], meter="x" * 300)
    document = '{ settlements(channel: "' + "x" * 300 + '") { totalCount } }'
    answer = await (await staff(api)).answer(document)
    assert answer["data"] is None
    assert answer["errors"][0]["extensions"]["code"] == "INVALID_INPUT"
    await operator.answer('mutation { closeDay(until: "2026-02-31") { __typename } }')
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


async def test_what_is_wrong_with_the_answer_of_what_was_done_says_so(api: Api) -> None:
    mine, account = await registered(api)
    document = (
        "mutation ($name: String!) { mine: renameAccount(accountId: $id, name: $name) { __typename "
        "... on RenameAccountSuccess { account { licenses(first: -1) { totalCount } } } } }"
    ).replace("$id", f'"{account}"')
    answer = await mine.answer(document, name="Another name")
    assert answer["data"] is None
    assert [error["extensions"]["done"] for error in answer["errors"]] == [True]
    assert (await mine.account(account, "name"))["name"] == "Another name"
    elsewhere = await mine.answer(document.replace("first: -1", "first: 1"), name=" ")
    assert elsewhere["data"]["mine"]["__typename"] == "InvalidInputError"
    queried = await mine.answer(f'{{ account(id: "{account}") {{ licenses(first: -1) {{ totalCount }} }} }}')
    assert "done" not in queried["errors"][0]["extensions"]


@pytest.mark.parametrize(
    ("document", "variables"),
    [
        ('{ auditLog(actor: "a\\u0000") { totalCount } }', {}),
        ('{ ...Found } fragment Found on Query { pricePlans(group: "\\u{0}") { totalCount } }', {}),
        ("query ($channel: String) { settlements(channel: $channel) { totalCount } }", {"channel": "\0"}),
        ("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", {"ids": ["\0"]}),
        ('{ accounts { nodes { licenses { nodes { versionUpgradeAllowed(toVersion: "\\u0000") } } } } }', {}),
    ],
)
async def test_a_query_for_what_no_row_can_hold_is_refused(api: Api, document: str, variables: dict[str, Any]) -> None:
    member = await staff(api, list(StaffRole))
    (error,) = (await member.answer(document, **variables))["errors"]
    assert error["extensions"]["code"] == "INVALID_INPUT"
