"""The journey as a script: from the community edition to the first settled charge, as an HTTP client."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from rich.console import Console
from rich.panel import Panel
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn
from rich.table import Table

from app.launcher.client import AccessKey, BillingClient, Refused

FAILED = "... on Error { code message }"
REGISTER = f"""mutation ($email: String!, $password: String!) {{
  register(email: $email, password: $password, name: "Demo", organizationName: "Demo company", sandbox: true) {{
    ... on RegisterSuccess {{ token account {{ id edition }} }} {FAILED} }} }}"""
UPGRADE = f"""mutation ($id: ID!) {{ upgradeEdition(accountId: $id, edition: PAY_AS_YOU_GO) {{
  ... on UpgradeEditionSuccess {{ account {{ upgrade {{ state }} nextSteps {{ action }} }} }} {FAILED} }} }}"""
AGREEMENT = "{ agreement(edition: PAY_AS_YOU_GO) { id version contentHash } }"
ACCEPT = f"""mutation ($id: ID!, $agreement: ID!, $hash: String!) {{
  acceptAgreement(accountId: $id, agreementId: $agreement, contentHash: $hash) {{
    ... on AcceptAgreementSuccess {{ account {{ nextSteps {{ action }} }} }} {FAILED} }} }}"""
CHANNELS = "{ settlementChannels { key health capabilities } }"
CHOOSE = f"""mutation ($id: ID!, $channel: String!) {{ chooseSettlementChannel(accountId: $id, channel: $channel) {{
  ... on ChooseSettlementChannelSuccess {{
    account {{ edition upgrade {{ freePeriodEndsAt }} }} binding {{ state }} }} {FAILED} }} }}"""
TOP_UP = f"""mutation ($id: ID!) {{ requestTopUp(accountId: $id, amount: "1000.00") {{
  ... on RequestTopUpSuccess {{ topUp {{ id reference }} }} {FAILED} }} }}"""
CONFIRM = f"""mutation ($id: ID!, $bank: String!) {{
  confirmTopUp(topUpId: $id, bankReference: $bank, receivedAmount: "1000.00") {{
    ... on ConfirmTopUpSuccess {{ topUp {{ state }} }} {FAILED} }} }}"""
LICENSE = f"""mutation ($id: ID!) {{ createLicense(accountId: $id, label: "demo") {{
  ... on CreateLicenseSuccess {{ license {{ text expiresAt }} }} {FAILED} }} }}"""
KEY = f"""mutation ($id: ID!) {{ createAccessKey(accountId: $id, label: "demo launcher") {{
  ... on CreateAccessKeySuccess {{ accessKey {{ ak }} sk }} {FAILED} }} }}"""
ACTIVATE = f"""mutation ($license: String!, $ak: String!, $sk: String!, $fingerprint: String!) {{
  activateLicense(license: $license, ak: $ak, sk: $sk, fingerprint: $fingerprint,
                  dataGatewayUrl: "https://gateway.demo.example?token={{}}") {{
    ... on ActivateLicenseSuccess {{ account {{ edition upgrade {{ state firstBilledDay }} }} }} {FAILED} }} }}"""
ADVANCE = f"""mutation ($id: ID!, $to: DateTime!) {{ advanceSandboxClock(accountId: $id, to: $to) {{
  ... on AdvanceSandboxClockSuccess {{ account {{ clock }} }} {FAILED} }} }}"""
REPORT = f"""mutation ($fingerprint: String!, $reports: [HourlyUsageInput!]!) {{
  reportUsage(deploymentFingerprint: $fingerprint, reports: $reports) {{
    ... on ReportUsageSuccess {{ accepted {{ hour count }} }} {FAILED} }} }}"""
CHARGES = """query ($id: ID!) { account(id: $id) {
  charges(first: 10) { edges { node { day quantity billedQuantity amount { amount currency }
    settlement { state channel providerReference } } } }
  wallet { balance { amount currency } } } }"""
CHINA = timedelta(hours=8)


def run_demo(url: str, tokens_file: Path, data_kits: int, console: Console) -> bool:
    """Go through the journey at ``url``, showing each step; ``False`` when a step was refused.

    ``tokens_file`` holds the demo staff token of a local server: a bank transfer is confirmed by staff.
    """
    done = Table("step", "result", title="What was done", title_justify="left")
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    try:
        staff_token = json.loads(tokens_file.read_text())["staff"]
        with (
            BillingClient(url) as client,
            BillingClient(url, staff_token) as staff,
            Progress(*columns, console=console, transient=True) as progress,
        ):
            task = progress.add_task("starting", total=11)

            def step(name: str, work: Callable[[], tuple[Any, str]]) -> Any:
                progress.update(task, description=name)
                value, said = work()
                done.add_row(name, said)
                progress.advance(task)
                return value

            charge = _journey(client, staff, data_kits, step)
    except FileNotFoundError:
        console.print(f"[red]no demo tokens in {tokens_file}[/]: start the server with `make run` in this folder first")
        return False
    except (Refused, httpx.HTTPError) as error:
        console.print(done)
        console.print(f"[red]stopped:[/] {error}")
        return False
    console.print(done)
    amount = f"{charge['amount']['amount']} {charge['amount']['currency']}"
    console.print(
        Panel(
            f"{charge['quantity']} DataKits on {charge['day']} cost [bold]{amount}[/], "
            f"{charge['settlement']['state'].lower()} through the channel [bold]{charge['settlement']['channel']}[/]",
            title="first charge",
            expand=False,
        )
    )
    return True


def _journey(
    client: BillingClient,
    staff: BillingClient,
    data_kits: int,
    step: Callable[[str, Callable[[], tuple[Any, str]]], Any],
) -> dict[str, Any]:
    def register() -> tuple[str, str]:
        registered = client.mutate(
            REGISTER,
            {"email": f"demo-{secrets.token_hex(6)}@demo.example", "password": secrets.token_urlsafe(16)},
        )
        client.token = registered["token"]
        return registered["account"]["id"], f"sandbox account in {registered['account']['edition']}"

    account = step("register", register)
    me = {"id": account}

    def upgrade() -> tuple[None, str]:
        upgraded = client.mutate(UPGRADE, me)["account"]
        return None, f"{upgraded['upgrade']['state']}, next: {upgraded['nextSteps'][0]['action']}"

    step("choose pay-as-you-go", upgrade)

    def accept() -> tuple[None, str]:
        agreement = client.execute(AGREEMENT, {})["agreement"]
        client.mutate(ACCEPT, {**me, "agreement": agreement["id"], "hash": agreement["contentHash"]})
        return None, f"version {agreement['version']}, SHA-256 {agreement['contentHash'][:12]}…"

    step("accept the agreement", accept)

    def choose() -> tuple[datetime, str]:
        listed = client.execute(CHANNELS, {})["settlementChannels"]
        prepaid = [channel["key"] for channel in listed if "PREPAID_BALANCE" in (channel["capabilities"] or [])]
        if not prepaid:
            raise Refused("no prepaid settlement channel is installed: run `billing channels list`")
        bound = client.mutate(CHOOSE, {**me, "channel": prepaid[0]})
        ends = datetime.fromisoformat(bound["account"]["upgrade"]["freePeriodEndsAt"])
        return (
            ends,
            f"{prepaid[0]} of {len(listed)}; {bound['account']['edition']}, free until {ends:%Y-%m-%d %H:%M:%S} UTC",
        )

    free_period_ends = step("choose a settlement channel", choose)

    def top_up() -> tuple[None, str]:
        requested = client.mutate(TOP_UP, me)["topUp"]
        staff.mutate(CONFIRM, {"id": requested["id"], "bank": f"DEMO-{requested['reference']}"})
        return None, f"1,000.00 CNY by bank transfer {requested['reference']}, confirmed by staff"

    step("top up", top_up)

    def create_license() -> tuple[str, str]:
        text = client.mutate(LICENSE, me)["license"]["text"]
        return text, f"{text[:24]}… ({len(text)} characters)"

    license_text = step("create a license", create_license)

    def create_key() -> tuple[AccessKey, str]:
        made = client.mutate(KEY, me)
        return AccessKey(made["accessKey"]["ak"], made["sk"]), made["accessKey"]["ak"]

    key = step("create AK/SK", create_key)
    fingerprint = f"demo-{secrets.token_hex(8)}"

    def activate() -> tuple[datetime, str]:
        token, client.token = client.token, None
        upgraded = client.mutate(
            ACTIVATE, {"license": license_text, "ak": key.ak, "sk": key.sk, "fingerprint": fingerprint}
        )["account"]["upgrade"]
        client.token = token
        first = datetime.fromisoformat(upgraded["firstBilledDay"]).replace(tzinfo=UTC) - CHINA
        return first, f"{upgraded['state']}, first billed day {upgraded['firstBilledDay']}"

    first_day = step("activate from the Launcher", activate)

    def travel() -> tuple[None, str]:
        client.mutate(ADVANCE, {**me, "to": (first_day + timedelta(hours=10)).isoformat()})
        return None, f"past the free period ({free_period_ends:%Y-%m-%d}), into the first billed day"

    step("let the free period pass", travel)

    def report() -> tuple[None, str]:
        hours = [
            {"hour": (first_day + timedelta(hours=hour)).isoformat(), "dataKits": [f"dk-{n:04}" for n in range(count)]}
            for hour, count in ((8, max(1, data_kits // 2)), (9, data_kits))
        ]
        accepted = [
            client.mutate(REPORT, {"fingerprint": fingerprint, "reports": [hour]}, key)["accepted"][0] for hour in hours
        ]
        return None, ", ".join(f"{entry['count']} DataKits" for entry in accepted) + " in two hours"

    step("report usage, signed", report)

    def charge() -> tuple[dict[str, Any], str]:
        client.mutate(ADVANCE, {**me, "to": (first_day + timedelta(days=1, seconds=1)).isoformat()})
        for _ in range(150):
            found = client.execute(CHARGES, me)["account"]
            charges = [edge["node"] for edge in found["charges"]["edges"]]
            if charges and charges[0]["settlement"]["state"] == "SETTLED":
                return charges[0], f"balance left {found['wallet']['balance']['amount']} CNY"
            time.sleep(0.2)
        raise Refused("the charge was not settled within 30 s: is a worker running?")

    settled: dict[str, Any] = step("close the day and settle", charge)
    return settled
