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

from app.launcher.client import AccessKey, BillingClient, Refused, reach
from app.launcher.journey import FAILED, Journey

TOP_UP = f"""mutation ($id: ID!) {{ requestTopUp(accountId: $id, amount: "1000.00") {{
  ... on RequestTopUpSuccess {{ topUp {{ id reference }} }} {FAILED} }} }}"""
CONFIRM = f"""mutation ($id: ID!, $bank: String!) {{
  confirmTopUp(topUpId: $id, bankReference: $bank, receivedAmount: "1000.00") {{
    ... on ConfirmTopUpSuccess {{ topUp {{ state }} }} {FAILED} }} }}"""
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
        endpoint = reach(url)
        staff_token = json.loads(tokens_file.read_text())["staff"]
        with (
            BillingClient(endpoint) as member,
            BillingClient(endpoint) as launcher,
            BillingClient(endpoint, staff_token) as staff,
            Progress(*columns, console=console, transient=True) as progress,
        ):
            task = progress.add_task("starting", total=11)

            def step(name: str, work: Callable[[], tuple[Any, str]]) -> Any:
                progress.update(task, description=name)
                value, said = work()
                done.add_row(name, said)
                progress.advance(task)
                return value

            charge = _journey(Journey(member, launcher), staff, data_kits, step)
    except FileNotFoundError:
        console.print(f"[red]no demo tokens in {tokens_file}[/]: start the server with `make run` in this folder first")
        return False
    except (Refused, httpx.HTTPError) as error:
        if done.row_count:
            console.print(done)
        console.print(f"[red]stopped:[/] {error}", highlight=False)
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
    journey: Journey,
    staff: BillingClient,
    data_kits: int,
    step: Callable[[str, Callable[[], tuple[Any, str]]], Any],
) -> dict[str, Any]:
    def register() -> tuple[None, str]:
        return None, f"sandbox account in {journey.register('Demo company')['edition']}"

    def upgrade() -> tuple[None, str]:
        upgraded = journey.upgrade()
        return None, f"{upgraded['upgrade']['state']}, next: {upgraded['nextSteps'][0]['action']}"

    def accept() -> tuple[None, str]:
        agreement = journey.accept_agreement()
        return None, f"version {agreement['version']}, SHA-256 {agreement['contentHash'][:12]}…"

    def choose() -> tuple[datetime, str]:
        channel, account = journey.choose_prepaid_channel()
        ends = datetime.fromisoformat(account["upgrade"]["freePeriodEndsAt"])
        return ends, f"{channel}; {account['edition']}, free until {ends:%Y-%m-%d %H:%M:%S} UTC"

    def top_up() -> tuple[None, str]:
        requested = journey.member.mutate(TOP_UP, journey.me)["topUp"]
        staff.mutate(CONFIRM, {"id": requested["id"], "bank": f"DEMO-{requested['reference']}"})
        return None, f"1,000.00 CNY by bank transfer {requested['reference']}, confirmed by staff"

    def create_license() -> tuple[str, str]:
        text = journey.create_license("demo")
        return text, f"{text[:24]}… ({len(text)} characters)"

    def create_key() -> tuple[AccessKey, str]:
        made = journey.create_key()
        return made, made.ak

    step("register", register)
    step("choose pay-as-you-go", upgrade)
    step("accept the agreement", accept)
    free_period_ends = step("choose a settlement channel", choose)
    step("top up", top_up)
    license_text = step("create a license", create_license)
    key = step("create AK/SK", create_key)
    fingerprint = f"demo-{secrets.token_hex(8)}"

    def activate() -> tuple[datetime, str]:
        upgraded = journey.activate(license_text, key, fingerprint)
        first = datetime.fromisoformat(upgraded["firstBilledDay"]).replace(tzinfo=UTC) - CHINA
        return first, f"{upgraded['state']}, first billed day {upgraded['firstBilledDay']}"

    first_day = step("activate from the Launcher", activate)

    def travel() -> tuple[None, str]:
        journey.advance(first_day + timedelta(hours=10))
        return None, f"past the free period ({free_period_ends:%Y-%m-%d}), into the first billed day"

    def report() -> tuple[None, str]:
        hours = ((8, max(1, data_kits // 2)), (9, data_kits))
        counts = [
            journey.report(fingerprint, key, first_day + timedelta(hours=hour), [f"dk-{n:04}" for n in range(count)])
            for hour, count in hours
        ]
        return None, ", ".join(f"{count} DataKits" for count in counts) + " in two hours"

    def charge() -> tuple[dict[str, Any], str]:
        journey.advance(first_day + timedelta(days=1, seconds=1))
        for _ in range(150):
            found = journey.member.execute(CHARGES, journey.me)["account"]
            charges = [edge["node"] for edge in found["charges"]["edges"]]
            if charges and charges[0]["settlement"]["state"] == "SETTLED":
                return charges[0], f"balance left {found['wallet']['balance']['amount']} CNY"
            time.sleep(0.2)
        raise Refused("the charge was not settled within 30 s: is a worker running?")

    step("let the free period pass", travel)
    step("report usage, signed", report)
    settled: dict[str, Any] = step("close the day and settle", charge)
    return settled
