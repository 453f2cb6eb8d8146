"""A customer's way over the public API: from the community edition to a billed one, and what its deployments send."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any

from app.launcher.client import AccessKey, BillingClient, Refused

FAILED = "... on Error { code message }"
REGISTER = f"""mutation ($email: String!, $password: String!, $organization: String! = "Demo company",
    $once: String) {{
  register(email: $email, password: $password, name: "Demo", organizationName: $organization, sandbox: true,
    idempotencyKey: $once) {{
    ... on RegisterSuccess {{ token account {{ id edition }} }} {FAILED} }} }}"""
UPGRADE = f"""mutation ($id: ID!) {{ upgradeEdition(accountId: $id, edition: PAY_AS_YOU_GO) {{
  ... on UpgradeEditionSuccess {{ account {{ upgrade {{ state }} nextSteps {{ action }} }} }} {FAILED} }} }}"""
AGREEMENT = "query ($id: ID!) { account(id: $id) { agreement(edition: PAY_AS_YOU_GO) { id version contentHash } } }"
ACCEPT = f"""mutation ($id: ID!, $agreement: ID!, $hash: String!) {{
  acceptAgreement(accountId: $id, agreementId: $agreement, contentHash: $hash) {{
    ... on AcceptAgreementSuccess {{ account {{ nextSteps {{ action }} }} }} {FAILED} }} }}"""
CHANNELS = "{ settlementChannels { key health capabilities } }"
CHOOSE = f"""mutation ($id: ID!, $channel: String!) {{ chooseSettlementChannel(accountId: $id, channel: $channel) {{
  ... on ChooseSettlementChannelSuccess {{
    account {{ edition upgrade {{ freePeriodEndsAt }} }} binding {{ state }} }} {FAILED} }} }}"""
LICENSE = f"""mutation ($id: ID!, $label: String! = "demo", $once: String) {{
  createLicense(accountId: $id, label: $label, idempotencyKey: $once) {{
    ... on CreateLicenseSuccess {{ license {{ text expiresAt }} }} {FAILED} }} }}"""
KEY = f"""mutation ($id: ID!) {{ createAccessKey(accountId: $id, label: "launcher") {{
  ... on CreateAccessKeySuccess {{ accessKey {{ ak }} sk }} {FAILED} }} }}"""
ACTIVATE = f"""mutation ($license: String!, $ak: String!, $sk: String!, $gateway: String!, $fingerprint: String!,
    $dialing: Boolean! = false) {{
  activateLicense(license: $license, ak: $ak, sk: $sk, dataGatewayUrl: $gateway, fingerprint: $fingerprint,
    dialingTest: $dialing) {{
    ... on ActivateLicenseSuccess {{ receipt {{ text }} account {{ edition upgrade {{ state firstBilledDay
      pricePlan {{ unitPrice {{ amount currency }} minimumQuantity timeZone }} }} }} }} {FAILED} }} }}"""
ADVANCE = f"""mutation ($id: ID!, $to: DateTime!, $once: String) {{
  advanceSandboxClock(accountId: $id, to: $to, idempotencyKey: $once) {{
    ... on AdvanceSandboxClockSuccess {{ account {{ clock }} }} {FAILED} }} }}"""
REPORT = f"""mutation ($fingerprint: String!, $reports: [HourlyUsageInput!]!) {{
  reportUsage(fingerprint: $fingerprint, reports: $reports) {{
    ... on ReportUsageSuccess {{ accepted {{ hour count }} receipt {{ text }} }} {FAILED} }} }}"""
GATEWAY = "https://gateway.demo.example?token={}"


class Journey:
    """One customer: the member at the console, who signs in by registering, and the Launcher with its key.

    Every method raises ``Refused`` when the billing center answers with an error, and ``httpx.HTTPError`` when it does
    not answer.
    """

    def __init__(self, member: BillingClient, launcher: BillingClient) -> None:
        self.member = member
        self.launcher = launcher
        self.me: dict[str, Any] = {}

    def register(self, organization: str) -> dict[str, Any]:
        """A new user's sandbox account, signed in to."""
        made = self.member.mutate(
            REGISTER,
            {
                "email": f"demo-{secrets.token_hex(8)}@demo.example",
                "password": secrets.token_urlsafe(16),
                "organization": organization,
                "once": secrets.token_hex(8),
            },
        )
        self.member.token = made["token"]
        self.me = {"id": made["account"]["id"]}
        return dict(made["account"])

    def upgrade(self) -> dict[str, Any]:
        """Choose pay as you go."""
        return dict(self.member.mutate(UPGRADE, self.me)["account"])

    def accept_agreement(self) -> dict[str, Any]:
        """Accept the current agreement, and say which it is."""
        agreement = self.member.execute(AGREEMENT, self.me)["account"]["agreement"]
        self.member.mutate(ACCEPT, {**self.me, "agreement": agreement["id"], "hash": agreement["contentHash"]})
        return dict(agreement)

    def choose_prepaid_channel(self) -> tuple[str, dict[str, Any]]:
        """Choose the first channel with a prepaid balance; its key, and the account."""
        listed = self.member.execute(CHANNELS, {})["settlementChannels"]
        prepaid = [channel["key"] for channel in listed if "PREPAID_BALANCE" in (channel["capabilities"] or [])]
        if not prepaid:
            raise Refused("no prepaid settlement channel is installed: run `billing channels list`")
        return prepaid[0], dict(self.member.mutate(CHOOSE, {**self.me, "channel": prepaid[0]})["account"])

    def create_license(self, label: str) -> str:
        """A new license's text."""
        once = secrets.token_hex(8)
        return str(self.member.mutate(LICENSE, {**self.me, "label": label, "once": once})["license"]["text"])

    def create_key(self) -> AccessKey:
        """A new AK/SK pair."""
        made = self.member.mutate(KEY, self.me)
        return AccessKey(made["accessKey"]["ak"], made["sk"])

    def activate(self, license_text: str, key: AccessKey, fingerprint: str) -> dict[str, Any]:
        """Activate a license on a deployment; the account's upgrade."""
        presented = {"license": license_text, "ak": key.ak, "sk": key.sk, "gateway": GATEWAY}
        done = self.launcher.mutate(ACTIVATE, {**presented, "fingerprint": fingerprint})
        return dict(done["account"]["upgrade"])

    def advance(self, to: datetime) -> datetime:
        """Move the account's clock; what it shows then."""
        moved = self.member.mutate(ADVANCE, {**self.me, "to": to.isoformat(), "once": to.isoformat()})
        return datetime.fromisoformat(moved["account"]["clock"])

    def report(self, fingerprint: str, key: AccessKey, hour: datetime, data_kits: list[str]) -> int:
        """Report an hour; how many DataKits the billing center knows of it."""
        usage = [{"hour": hour.isoformat(), "dataKits": data_kits}]
        done = self.launcher.mutate(REPORT, {"fingerprint": fingerprint, "reports": usage}, key)
        return int(done["accepted"][0]["count"])
