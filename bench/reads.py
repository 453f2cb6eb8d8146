"""What reading over the API costs beside a bare handler that answers the same from the same database.

``python -m bench.reads`` starts both on one PostgreSQL, compares their answers, and times them in turns.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import orjson
import uvloop
from rich.console import Console
from rich.table import Table

from app.api.console import STATIC
from app.db.server import start_embedded
from bench.account import Customer
from bench.intake import bare_server, machine, server_version
from bench.reports import REPORT, Reporter, signed
from bench.serving import free_port, peak_memory, processor_time, served
from bench.wire import drive, raw_post

OPERATIONS = {
    "Account": "query Account($id: ID!) { account(id: $id) { id name edition sandbox createdAt } }",
    "Charges": """query Charges($id: ID!) { account(id: $id) { charges(first: 40) {
        nodes { id kind day quantity billedQuantity amount { amount currency } raisedAt
            settlement { id state channel settledAt } pricePlan { id unitPrice { amount currency } } }
        pageInfo { hasNextPage } } } }""",
    "Usage": """query Usage($id: ID!, $from: Date!, $to: Date!) { account(id: $id) {
        usage(from: $from, to: $to, meters: ["datakit"]) { days { day quantity hours { hour quantity } } } } }""",
    "Accounts": """query Accounts { viewer { accounts(first: 20) { nodes { id name
        licenses(first: 3) { nodes { id label state } }
        charges(first: 10) { nodes { id day amount { amount currency } } } } } } }""",
}
DAYS = 37
ZONE = ZoneInfo("Asia/Shanghai")
CONNECTIONS = 4


@dataclass
class Side:
    """A server, and what each operation took of its processor and of the clock."""

    label: str
    port: int
    pid: int
    cpu: dict[str, list[float]] = field(default_factory=dict)
    speed: dict[str, list[float]] = field(default_factory=dict)


class Billed(Customer):
    """A user with 20 accounts: one that was billed for 37 days and reported all of them, 19 with 12 days."""

    def __init__(self, url: str) -> None:
        super().__init__(url, sandbox=True)
        begun = datetime.now(UTC)
        self._bill(self.account, DAYS, reports=True)
        for number in range(19):
            self._bill(self.ask("createAccount", name=f"Account {number}")["account"]["id"], 12)
        self.first = (begun.astimezone(ZONE) + timedelta(days=8)).date()

    def variables(self, operation: str) -> dict[str, Any]:
        """What an operation is asked with."""
        if operation == "Accounts":
            return {}
        more = {"from": str(self.first), "to": str(self.first + timedelta(days=30))} if operation == "Usage" else {}
        return {"id": self.account, **more}

    def _bill(self, account: str, days: int, reports: bool = False) -> None:
        reporter = self.reporter(account, deployments=1)
        self.ask("createLicense", account=account)
        begun = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
        self._advance(account, 8)
        for day in range(days):
            if reports:
                self._report(reporter, begun + timedelta(days=7 + day))
            self._advance(account, 1)

    def _advance(self, account: str, days: int) -> None:
        self.ask("advanceSandboxClock", account=account, by=days * 86_400)

    def _report(self, reporter: Reporter, begins: datetime) -> None:
        hours = [begins + timedelta(hours=hour) for hour in range(24)]
        ids = [f"host-{number:02}" for number in range(25)]
        reports = [{"hour": hour.isoformat(), "dataKits": ids[: 15 + hour.hour % 10]} for hour in hours]
        body = orjson.dumps(
            {"query": REPORT, "variables": {"fingerprint": reporter.fingerprints[0], "reports": reports}}
        )
        answer = self.http.post(self.url, content=body, headers=signed(self.url, body, reporter)).json()
        if answer["data"]["reportUsage"]["__typename"] != "ReportUsageSuccess":
            raise RuntimeError(f"reportUsage: {answer}")


def request(side: Side, customer: Billed, operation: str, document: str, variables: Any) -> bytes:
    """A request for an operation, ready to be sent."""
    body = orjson.dumps({"query": document, "operationName": operation, "variables": variables})
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {customer.token}"}
    return raw_post("/graphql", f"127.0.0.1:{side.port}", headers, body)


def compare(sides: Sequence[Side], customer: Billed) -> None:
    """Look that all answer alike.

    Raises:
        RuntimeError: they do not.
    """
    for operation, document in OPERATIONS.items():
        body = {"query": document, "operationName": operation, "variables": customer.variables(operation)}
        headers = {"Authorization": f"Bearer {customer.token}"}
        answers = [
            httpx.post(f"http://127.0.0.1:{side.port}/graphql", json=body, headers=headers, timeout=60).json()
            for side in sides
        ]
        if "errors" in answers[0] or any(one != answers[0] for one in answers):
            raise RuntimeError(f"{operation}: {[orjson.dumps(one)[:1500] for one in answers]}")
        counted = orjson.dumps(answers[0]).count(b'"id"')
        print(f"{operation}: the same answer of {len(orjson.dumps(answers[0])):,} bytes, {counted} objects")


async def time_in_turns(sides: Sequence[Side], customer: Billed, rounds: int, count: int) -> None:
    """Time each operation on each side in every round, after one to warm up."""
    home = next(
        text
        for text in orjson.loads((STATIC / "console/documents.json").read_bytes()).values()
        if "query HomePage" in text
    )
    for turn in range(rounds + 1):
        for side in sides if turn % 2 else reversed(sides):
            for operation, document in [*OPERATIONS.items(), *([("HomePage", home)] if side is sides[-1] else [])]:
                variables = customer.variables("Usage" if operation == "HomePage" else operation)
                one = request(side, customer, operation, document, variables)
                queues = [[one] * (count // CONNECTIONS)] * CONNECTIONS
                before = processor_time(side.pid)
                seconds = await drive(side.port, queues, lambda body: b'"errors"' not in body)
                used = processor_time(side.pid) - before
                if turn:
                    side.cpu.setdefault(operation, []).append(used / count * 1000)
                    side.speed.setdefault(operation, []).append(count / seconds)


@contextmanager
def started(database: str, home: Path) -> Iterator[list[Side]]:
    """The bare handler and ``billing serve``."""
    port = free_port()
    ours = [sys.executable, "-c", "from app.cli import main; main()", "serve"]
    settings = {
        "DATABASE_URL": database,
        "BILLING_DATA_DIR": str(home),
        "BILLING_PORT": str(port),
        "BILLING_SANDBOXES_PER_USER": "100",
        "BILLING_COST_PER_MINUTE": "1000000000",
    }
    with (
        served(ours, port, settings, home / "billing.log") as pid,
        bare_server(database, home, "bare", "bench.bare_reads:app") as (bare_port, bare_pid),
    ):
        yield [Side("bare", bare_port, bare_pid), Side("billing serve", port, pid)]


def show(bare: Side, ours: Side) -> None:
    """Print the table."""
    table = Table(title="Reading: processor time of the server for a request")
    for heading in ("operation", "billing serve, ms", "bare, ms", "ratio", "requests/s", "bare, requests/s"):
        table.add_column(heading, justify="left" if heading == "operation" else "right")
    for operation, times in ours.cpu.items():
        mine, other = statistics.median(times), bare.cpu.get(operation)
        speed = f"{statistics.median(ours.speed[operation]):,.0f}"
        if other is None:
            table.add_row(operation, f"{mine:.2f}", "–", "–", speed, "–")
        else:
            limit = statistics.median(other)
            bare_speed = f"{statistics.median(bare.speed[operation]):,.0f}"
            table.add_row(operation, f"{mine:.2f}", f"{limit:.2f}", f"{mine / limit:.1f}", speed, bare_speed)
    Console(width=120).print(table)
    ours_peak, bare_peak = ((peak_memory(side.pid) or 0) / 1024 for side in (ours, bare))
    print(f"peak memory: {ours_peak:.0f} MiB, bare {bare_peak:.0f} MiB")


def main() -> None:
    """Start both servers, fill the database over the API, compare, time, and print the table."""
    parser = argparse.ArgumentParser(prog="python -m bench.reads", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="timed rounds (default 5)")
    parser.add_argument("--calls", type=int, default=200, help="requests of an operation in a round (default 200)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True) as name:
        home = Path(name)
        database = os.environ.get("DATABASE_URL") or start_embedded(home)
        with started(database, home) as sides:
            customer = Billed(f"http://127.0.0.1:{sides[1].port}/graphql")
            compare(sides, customer)
            uvloop.run(time_in_turns(sides, customer, options.rounds, options.calls))
            show(*sides)
        print(machine(uvloop.run(server_version(database))))


if __name__ == "__main__":
    main()
