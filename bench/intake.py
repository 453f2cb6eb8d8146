"""Intake of usage: ``reportUsage`` over GraphQL and HTTP, next to a bare handler that writes the same rows.

Run it with ``python -m bench.intake``; bench/README.md says what is compared and why that is fair.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import secrets
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
import orjson
import uvloop
from http_message_signatures import HTTPMessageSigner, HTTPSignatureKeyResolver, algorithms
from rich.console import Console
from rich.table import Table

from app.db.connection import credentials
from app.db.server import start_embedded
from bench.wire import drive, raw_post

IDS = 500
REPORT = """
mutation Report($fingerprint: String!, $reports: [HourlyUsageInput!]!) {
  reportUsage(deploymentFingerprint: $fingerprint, reports: $reports) {
    __typename
    ... on ReportUsageSuccess { accepted { hour count } }
    ... on Error { code message path }
  }
}
"""
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


@dataclass
class Reporter:
    """The deployments of one account, and the key that they sign with."""

    ak: str = ""
    sk: str = ""
    fingerprints: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Call:
    """One call's usage: the deployment (by number), the hour, and the ids."""

    deployment: int
    hour: datetime
    ids: tuple[str, ...]


def plan_calls(count: int, deployments: int, offset: int) -> list[Call]:
    """``count`` calls; each deployment reports hour after hour, and after 30 days again, half of the ids changed."""
    latest = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(hours=1)
    calls = []
    for number in range(offset, offset + count):
        step = number // deployments
        first = (step // 720) * (IDS // 2)
        ids = tuple(f"host-{first + index:06d}.datacenter.example" for index in range(IDS))
        calls.append(Call(number % deployments, latest - timedelta(hours=step % 720), ids))
    return calls


def bare_body(call: Call, account: UUID, deployments: Sequence[UUID]) -> bytes:
    """What the bare handler takes."""
    return orjson.dumps(
        {
            "account": account,
            "deployment": deployments[call.deployment],
            "reports": [{"hour": call.hour, "dataKits": call.ids}],
        }
    )


def graphql_body(call: Call, reporter: Reporter) -> bytes:
    """What a Launcher posts."""
    variables = {
        "fingerprint": reporter.fingerprints[call.deployment],
        "reports": [{"hour": call.hour, "dataKits": call.ids}],
    }
    return orjson.dumps({"query": REPORT, "variables": variables})


def signed(url: str, body: bytes, reporter: Reporter) -> dict[str, str]:
    """The headers of a signed request (docs/launcher-signing.md)."""

    class Keys(HTTPSignatureKeyResolver):
        def resolve_private_key(self, key_id: str) -> bytes:
            return reporter.sk.encode()

        def resolve_public_key(self, key_id: str) -> bytes:
            return reporter.sk.encode()

    request = httpx.Request("POST", url, content=body, headers={"Content-Type": "application/json"})
    HTTPMessageSigner(signature_algorithm=algorithms.HMAC_SHA256, key_resolver=Keys()).sign(
        request,
        key_id=reporter.ak,
        created=datetime.now(UTC),
        nonce=secrets.token_urlsafe(16),
        label="sig1",
        covered_component_ids=("@method", "@target-uri", "content-digest", "content-type"),
        body=body,
    )
    return {name: request.headers[name] for name in ("content-type", "content-digest", "signature-input", "signature")}


def spread(requests: Sequence[bytes], connections: int) -> list[Sequence[bytes]]:
    """Requests dealt out to connections; each deployment's stay on one connection, in order."""
    return [requests[number::connections] for number in range(connections)]


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


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def served(command: Sequence[str], port: int, environment: dict[str, str], log: Path) -> Iterator[None]:
    """A server in a process of its own, from its first good /healthz on."""
    with (
        log.open("wb") as output,
        subprocess.Popen(command, env={**os.environ, **environment}, stdout=output, stderr=output) as process,
    ):
        try:
            for _ in range(300):
                if process.poll() is not None:
                    raise RuntimeError(f"{command[0]} ended: {log.read_text()[-2000:]}")
                try:
                    if httpx.get(f"http://127.0.0.1:{port}/healthz").status_code == 200:
                        break
                except httpx.TransportError:
                    pass
                time.sleep(0.1)
            else:
                raise RuntimeError(f"{command} does not answer: {log.read_text()[-2000:]}")
            yield
        finally:
            process.terminate()


async def rows_of(url: str, deployments: Sequence[UUID]) -> list[tuple[int, datetime, tuple[str, ...], int]]:
    """What is stored for these deployments, by their numbers."""
    connection = await asyncpg.connect(**credentials(url))
    try:
        rows = await connection.fetch(
            "SELECT deployment_id, hour, ids, quantity FROM usage_hour WHERE deployment_id = ANY($1)",
            list(deployments),
        )
    finally:
        await connection.close()
    return sorted(
        (deployments.index(row["deployment_id"]), row["hour"], tuple(row["ids"]), row["quantity"]) for row in rows
    )


async def deployments_of(url: str, fingerprints: Sequence[str]) -> list[UUID]:
    """The keys of deployments, in the order of their fingerprints."""
    connection = await asyncpg.connect(**credentials(url))
    try:
        rows = await connection.fetch(
            "SELECT id, fingerprint FROM deployment WHERE fingerprint = ANY($1)", fingerprints
        )
    finally:
        await connection.close()
    found = {row["fingerprint"]: UUID(str(row["id"])) for row in rows}
    return [found[fingerprint] for fingerprint in fingerprints]


async def server_version(url: str) -> str:
    """The version of PostgreSQL."""
    connection = await asyncpg.connect(**credentials(url))
    try:
        return str(await connection.fetchval("SHOW server_version"))
    finally:
        await connection.close()


@dataclass(frozen=True)
class Contest:
    """Both servers, and how to ask each of them."""

    database: str
    billing_port: int
    bare_port: int
    reporter: Reporter
    account: UUID
    deployments: list[UUID]
    connections: int

    async def billing(self, calls: Sequence[Call]) -> float:
        """Calls a second of ``reportUsage``; signing happens before the clock starts."""
        host = f"127.0.0.1:{self.billing_port}"
        bodies = [graphql_body(call, self.reporter) for call in calls]
        requests = [
            raw_post("/graphql", host, signed(f"http://{host}/graphql", body, self.reporter), body) for body in bodies
        ]
        seconds = await drive(
            self.billing_port, spread(requests, self.connections), lambda body: b"ReportUsageSuccess" in body
        )
        return len(calls) / seconds

    async def bare(self, calls: Sequence[Call]) -> float:
        """Calls a second of the bare handler."""
        headers = {"Content-Type": "application/json"}
        requests = [
            raw_post("/usage", "127.0.0.1", headers, bare_body(call, self.account, self.deployments)) for call in calls
        ]
        seconds = await drive(self.bare_port, spread(requests, self.connections), lambda body: b"accepted" in body)
        return len(calls) / seconds


async def contend(contest: Contest, rounds: int, count: int) -> dict[str, list[float]]:
    """Check that both write the same rows, then time them in interleaved rounds: calls a second."""
    connections = contest.connections
    checked = plan_calls(connections * 5, connections, 0) + plan_calls(connections * 5, connections, connections * 720)
    await contest.billing(checked)
    await contest.bare(checked)
    ours = await rows_of(contest.database, await deployments_of(contest.database, contest.reporter.fingerprints))
    theirs = await rows_of(contest.database, contest.deployments)
    if ours != theirs or len(ours) != connections * 5 or any(count != IDS * 3 // 2 for *_, count in ours):
        raise RuntimeError(f"the two did not write the same rows: {len(ours)} and {len(theirs)}")
    speeds: dict[str, list[float]] = {"billing": [], "bare": []}
    for number in range(rounds + 1):
        calls = plan_calls(count, connections, (10 + number) * connections + number * count)
        for name in ("billing", "bare") if number % 2 else ("bare", "billing"):
            speed = await getattr(contest, name)(calls)
            if number:
                speeds[name].append(speed)
    return speeds


def show(speeds: dict[str, list[float]], postgres: str, rounds: int, count: int, connections: int) -> None:
    """Print the table, and what it was measured on."""
    table = Table(
        title=f"Intake of usage: {IDS} ids a call, {connections} connections, {rounds} rounds of {count} calls"
    )
    for heading in ("server", "calls/s (median)", "least – most", "ids/s", "ratio"):
        table.add_column(heading, justify="left" if heading == "server" else "right")
    limit = statistics.median(speeds["bare"])
    for name, label in (
        ("bare", "bare Starlette + asyncpg + orjson"),
        ("billing", "billing serve, reportUsage signed"),
    ):
        middle = statistics.median(speeds[name])
        table.add_row(
            label,
            f"{middle:,.0f}",
            f"{min(speeds[name]):,.0f} – {max(speeds[name]):,.0f}",
            f"{middle * IDS:,.0f}",
            f"{middle / limit:.2f}",
        )
    console = Console()
    console.print(table)
    packages = ", ".join(
        f"{name} {version(name)}" for name in ("strawberry-graphql", "starlette", "uvicorn", "uvloop", "asyncpg")
    )
    console.print(
        f"{os.cpu_count()} CPUs ({platform.machine()}), {platform.system()} {platform.release()}, "
        f"Python {platform.python_version()}, PostgreSQL {postgres}, {packages}; one server process each",
        highlight=False,
    )


def main() -> None:
    """Start both servers on one database, check them, time them, print the table."""
    parser = argparse.ArgumentParser(prog="python -m bench.intake", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="timed rounds of each server (default 5)")
    parser.add_argument("--calls", type=int, default=800, help="calls in a round (default 800)")
    parser.add_argument("--connections", type=int, default=8, help="connections, each a deployment's (default 8)")
    options = parser.parse_args()
    count = options.calls - options.calls % options.connections
    with tempfile.TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True) as folder:
        home = Path(folder)
        database = os.environ.get("DATABASE_URL") or start_embedded(home)
        billing_port, bare_port = free_port(), free_port()
        environment = {
            "DATABASE_URL": database,
            "BENCH_DATABASE_URL": database,
            "BILLING_DATA_DIR": folder,
            "BILLING_PORT": str(billing_port),
        }
        billing = [sys.executable, "-c", "from app.cli import main; main()", "serve"]
        bare = [sys.executable, "-m", "uvicorn", "bench.bare:app", "--port", str(bare_port), "--no-access-log"]
        with (
            served(billing, billing_port, environment, home / "billing.log"),
            served(bare, bare_port, environment, home / "bare.log"),
        ):
            reporter = open_account(f"http://127.0.0.1:{billing_port}/graphql", options.connections)
            contest = Contest(
                database=database,
                billing_port=billing_port,
                bare_port=bare_port,
                reporter=reporter,
                account=uuid4(),
                deployments=[uuid4() for _ in range(options.connections)],
                connections=options.connections,
            )
            speeds = uvloop.run(contend(contest, options.rounds, count))
        postgres = asyncio.run(server_version(database))
        show(speeds, postgres, options.rounds, count, options.connections)


if __name__ == "__main__":
    main()
