"""A new account, taken over the API to where its deployments may report."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from contextlib import closing
from typing import Any

import httpx
import orjson

from bench.reports import Reporter

JOURNEY = {
    "register": """mutation($email: String!, $sandbox: Boolean! = false) {
        register(email: $email, password: "correct horse battery staple", name: "Bench", organizationName: "Bench",
            sandbox: $sandbox) { __typename
        ... on RegisterSuccess { token account { id } } ... on Error { code message } } }""",
    "createAccount": """mutation($name: String!) { createAccount(name: $name, sandbox: true) { __typename
        ... on CreateAccountSuccess { account { id } } ... on Error { code message } } }""",
    "advanceSandboxClock": """mutation($account: ID!, $by: Int!) {
        advanceSandboxClock(accountId: $account, bySeconds: $by) { __typename ... on Error { code message } } }""",
    "upgradeEdition": """mutation($account: ID!) { upgradeEdition(accountId: $account, edition: PAY_AS_YOU_GO) {
        __typename ... on Error { code message } } }""",
    "agreement": "query { agreement(edition: PAY_AS_YOU_GO) { id contentHash } }",
    "acceptAgreement": """mutation($account: ID!, $agreement: ID!, $hash: String!) {
        acceptAgreement(accountId: $account, agreementId: $agreement, contentHash: $hash) {
        __typename ... on Error { code message } } }""",
    "chooseSettlementChannel": """mutation($account: ID!) {
        chooseSettlementChannel(accountId: $account, channel: "guance") {
        __typename ... on Error { code message } } }""",
    "applyForEdition": """mutation($account: ID!) { applyForEdition(accountId: $account, edition: SUBSCRIPTION) {
        __typename ... on ApplyForEditionSuccess { application { id } } ... on Error { code message } } }""",
    "viewer": "query { viewer { user { id } } }",
    "createAccessKey": """mutation($account: ID!) { createAccessKey(accountId: $account, label: "bench") { __typename
        ... on CreateAccessKeySuccess { accessKey { ak } sk } ... on Error { code message } } }""",
    "createLicense": """mutation($account: ID!) { createLicense(accountId: $account, label: "bench") { __typename
        ... on CreateLicenseSuccess { license { text } } ... on Error { code message } } }""",
    "activateLicense": """mutation($license: String!, $ak: String!, $sk: String!, $fingerprint: String!) {
        activateLicense(license: $license, ak: $ak, sk: $sk, fingerprint: $fingerprint,
        dataGatewayUrl: "https://dataway.example.com?token={}") { __typename ... on Error { code message } } }""",
}


class Customer:
    """A new user, who asks over the API; ``sandbox``: the account that the user begins with is one."""

    def __init__(self, url: str, sandbox: bool = False) -> None:
        self.url = url
        self.http = httpx.Client(timeout=60)
        registered = self.ask("register", email=f"bench-{secrets.token_hex(6)}@example.com", sandbox=sandbox)
        self.token, self.account = registered["token"], registered["account"]["id"]
        self.http.headers["Authorization"] = f"Bearer {self.token}"

    def ask(self, name: str, /, **variables: Any) -> Any:
        """What a step of the journey answers.

        Raises:
            RuntimeError: it is refused.
        """
        return self.send(name, orjson.dumps({"query": JOURNEY[name], "variables": variables}), {})

    def send(self, name: str, body: bytes, headers: Mapping[str, str]) -> Any:
        """What a step of the journey answers to a request whose body is ready, and may be signed.

        Raises:
            RuntimeError: it is refused.
        """
        headers = {"Content-Type": "application/json", **headers}
        answer = self.http.post(self.url, content=body, headers=headers).json()
        found = (answer.get("data") or {}).get(name)
        if answer.get("errors") or not found or "code" in found:
            raise RuntimeError(f"{name}: {answer}")
        return found

    def reporter(self, account: str, deployments: int) -> Reporter:
        """Take an account along the journey until its deployments may report."""
        self.ask("upgradeEdition", account=account)
        agreement = self.ask("agreement")
        self.ask("acceptAgreement", account=account, agreement=agreement["id"], hash=agreement["contentHash"])
        self.ask("chooseSettlementChannel", account=account)
        key = self.ask("createAccessKey", account=account)
        reporter = Reporter(key["accessKey"]["ak"], key["sk"])
        for _ in range(deployments):
            fingerprint = f"bench-{secrets.token_hex(8)}"
            text = self.ask("createLicense", account=account)["license"]["text"]
            self.ask("activateLicense", license=text, ak=reporter.ak, sk=reporter.sk, fingerprint=fingerprint)
            reporter.fingerprints.append(fingerprint)
        return reporter


def open_account(url: str, deployments: int) -> Reporter:
    """Take a new account along the journey until its deployments may report."""
    customer = Customer(url)
    with closing(customer.http):
        return customer.reporter(customer.account, deployments)
