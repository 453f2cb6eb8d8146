"""A new account, taken over the API to where its deployments may report."""

from __future__ import annotations

import secrets
from typing import Any

import httpx

from bench.reports import Reporter

JOURNEY = {
    "register": """mutation($email: String!) { register(email: $email, password: "correct horse battery staple",
        name: "Bench", organizationName: "Bench") { __typename
        ... on RegisterSuccess { token account { id } } ... on Error { code message } } }""",
    "upgradeEdition": """mutation($account: ID!) { upgradeEdition(accountId: $account, edition: PAY_AS_YOU_GO) {
        __typename ... on Error { code message } } }""",
    "agreement": "query { agreement(edition: PAY_AS_YOU_GO) { id contentHash } }",
    "acceptAgreement": """mutation($account: ID!, $agreement: ID!, $hash: String!) {
        acceptAgreement(accountId: $account, agreementId: $agreement, contentHash: $hash) {
        __typename ... on Error { code message } } }""",
    "chooseSettlementChannel": """mutation($account: ID!) {
        chooseSettlementChannel(accountId: $account, channel: "guance") {
        __typename ... on Error { code message } } }""",
    "createAccessKey": """mutation($account: ID!) { createAccessKey(accountId: $account, label: "bench") { __typename
        ... on CreateAccessKeySuccess { accessKey { ak } sk } ... on Error { code message } } }""",
    "createLicense": """mutation($account: ID!) { createLicense(accountId: $account, label: "bench") { __typename
        ... on CreateLicenseSuccess { license { text } } ... on Error { code message } } }""",
    "activateLicense": """mutation($license: String!, $ak: String!, $sk: String!, $fingerprint: String!) {
        activateLicense(license: $license, ak: $ak, sk: $sk, fingerprint: $fingerprint,
        dataGatewayUrl: "https://dataway.example.com?token={}") { __typename ... on Error { code message } } }""",
}


def open_account(url: str, deployments: int) -> Reporter:
    """Take a new account along the journey until its deployments may report."""
    with httpx.Client(timeout=30) as client:

        def ask(name: str, **variables: Any) -> Any:
            answer = client.post(url, json={"query": JOURNEY[name], "variables": variables}).json()
            found = (answer.get("data") or {}).get(name)
            if answer.get("errors") or not found or "code" in found:
                raise RuntimeError(f"{name}: {answer}")
            return found

        registered = ask("register", email=f"bench-{secrets.token_hex(6)}@example.com")
        client.headers["Authorization"] = f"Bearer {registered['token']}"
        account = registered["account"]["id"]
        ask("upgradeEdition", account=account)
        agreement = ask("agreement")
        ask("acceptAgreement", account=account, agreement=agreement["id"], hash=agreement["contentHash"])
        ask("chooseSettlementChannel", account=account)
        key = ask("createAccessKey", account=account)
        reporter = Reporter(key["accessKey"]["ak"], key["sk"])
        for _ in range(deployments):
            fingerprint = f"bench-{secrets.token_hex(8)}"
            text = ask("createLicense", account=account)["license"]["text"]
            ask("activateLicense", license=text, ak=reporter.ak, sk=reporter.sk, fingerprint=fingerprint)
            reporter.fingerprints.append(fingerprint)
        return reporter
