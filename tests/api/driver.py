"""Driving the API over HTTP as its clients do."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import orjson
from graphql import build_schema

from app.protocol.signing import sign_request

URL = "http://billing.test/graphql"
SCHEMA = Path(__file__).parents[2] / "schema.graphql"
ERROR = "... on Error { code message path operations }"


@cache
def arguments() -> dict[str, set[str]]:
    """The names of each mutation's arguments."""
    mutations = build_schema(SCHEMA.read_text()).mutation_type
    assert mutations is not None
    return {name: set(field.args) for name, field in mutations.fields.items()}


@dataclass
class Api:
    """A client of the application, with the bearer token of whoever it is."""

    http: httpx.AsyncClient
    token: str | None = None
    locale: str = "en"

    async def answer(self, document: str, key: tuple[str, str] | None = None, **variables: Any) -> dict[str, Any]:
        """The whole answer to an operation, signed with ``key`` (AK, SK) if given."""
        body = orjson.dumps({"query": document, "variables": variables}, default=str)
        headers = {"Content-Type": "application/json", "Accept-Language": self.locale}
        if key:
            headers |= sign_request(*key, "POST", URL, body, datetime.now(UTC))
        elif self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        response = await self.http.post(URL, content=body, headers=headers)
        return dict(response.json())

    async def data(self, document: str, **variables: Any) -> dict[str, Any]:
        """The data of an answer without errors."""
        answer = await self.answer(document, **variables)
        assert "errors" not in answer, answer["errors"]
        return dict(answer["data"])

    async def call(self, mutation: str, success: str, key: tuple[str, str] | None = None, **variables: Any) -> Any:
        """What ``mutation``, with ``variables`` as literal arguments, answers with: an error points at an argument."""
        given = ", ".join(f"{name}: {literal(value)}" for name, value in variables.items() if value is not None)
        name = mutation[0].upper() + mutation[1:]
        taken = f"({given})" if given else ""
        document = f"mutation {{ {mutation}{taken} {{ __typename ... on {name}Success {{ {success} }} {ERROR} }} }}"
        answer = await self.answer(document, key)
        assert "errors" not in answer, answer["errors"]
        result = answer["data"][mutation]
        if "code" in result:
            assert set(result["path"][:1]) <= arguments()[mutation], result
            assert "None" not in result["message"], result
        return result

    async def account(self, account: str, fields: str) -> dict[str, Any]:
        """Fields of an account."""
        return dict((await self.data(f"query ($id: ID!) {{ account(id: $id) {{ {fields} }} }}", id=account))["account"])


class Enum(str):
    """A GraphQL enum value."""


def literal(value: Any) -> str:
    """A value as a GraphQL literal."""
    if isinstance(value, Enum):
        return str(value)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}: {literal(item)}" for name, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(literal, value)) + "]"
    return orjson.dumps(str(value)).decode()


PAY_AS_YOU_GO = Enum("PAY_AS_YOU_GO")
GATEWAY = "https://gateway.example.com?token={}"


async def registered(api: Api, sandbox: bool = True) -> tuple[Api, str]:
    """A new user's client, and the id of the user's account."""
    made = await api.call(
        "register",
        "token account { id }",
        email=f"{secrets.token_hex(6)}@example.com",
        password="a long password",
        name="Somebody",
        organizationName="Acme",
        sandbox=sandbox,
    )
    return Api(api.http, made["token"]), made["account"]["id"]


async def joined(owner: Api, account: str, member: Api, role: str) -> str:
    """The global id of the membership of a user who is invited to the account, and accepts."""
    email = (await member.data("{ viewer { user { email } } }"))["viewer"]["user"]["email"]
    invited = await owner.call("inviteMember", "invitationCode", accountId=account, email=email, role=Enum(role))
    accepted = await member.call("acceptInvitation", "membership { id }", code=invited["invitationCode"])
    return str(accepted["membership"]["id"])


async def agreed(api: Api, account: str) -> None:
    """Accept the agreement that is asked for next, or else that of pay as you go."""
    asked = [step["edition"] for step in (await api.account(account, "nextSteps { edition }"))["nextSteps"]]
    edition = next(filter(None, asked), "PAY_AS_YOU_GO")
    current = (await api.account(account, f"agreement(edition: {edition}) {{ id contentHash }}"))["agreement"]
    accepted = await api.call(
        "acceptAgreement",
        "acceptance { id }",
        accountId=account,
        agreementId=current["id"],
        contentHash=current["contentHash"],
    )
    assert accepted["__typename"] == "AcceptAgreementSuccess", accepted


async def upgraded(api: Api, sandbox: bool = True) -> tuple[Api, str]:
    """A new account that is upgraded, in its free period, paid by the enterprise account."""
    mine, account = await registered(api, sandbox)
    await mine.call("upgradeEdition", "account { id }", accountId=account, edition=PAY_AS_YOU_GO)
    await agreed(mine, account)
    chosen = await mine.call("chooseSettlementChannel", "binding { state }", accountId=account, channel="guance")
    assert chosen["binding"]["state"] == "BOUND"
    return mine, account


async def license_and_key(api: Api, account: str) -> tuple[str, str, str]:
    """A new license's text, an AK and its SK."""
    made = await api.call("createLicense", "license { text }", accountId=account, label="x")
    key = await api.call("createAccessKey", "accessKey { ak } sk", accountId=account, label="x")
    return made["license"]["text"], key["accessKey"]["ak"], key["sk"]


async def activate(api: Api, text: str, ak: str, sk: str, fingerprint: str = "fingerprint-1") -> Any:
    """What activateLicense answers."""
    return await Api(api.http).call(
        "activateLicense",
        "account { id edition upgrade { state firstBilledDay } } deployment { id }",
        license=text,
        ak=ak,
        sk=sk,
        dataGatewayUrl=GATEWAY,
        fingerprint=fingerprint,
    )


async def advance(api: Api, account: str, seconds: int) -> None:
    """Advance a sandbox account's clock."""
    moved = await api.call("advanceSandboxClock", "account { clock }", accountId=account, bySeconds=seconds)
    assert moved["__typename"] == "AdvanceSandboxClockSuccess", moved
