"""What happens when four times as much is asked as can be done: who is admitted, how long it takes, and what is left.

Run it with ``python -m bench.overload``; bench/README.md says what is measured.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
from rich.console import Console
from rich.table import Table

from app.db.server import start_embedded
from bench.account import JOURNEY
from bench.serving import free_port, processor_time, resident, served
from bench.settling import fresh_database

BILLING = Path(sys.executable).with_name("billing")
PASSWORD = "correct horse battery staple"
HOME = """query ($account: ID!) { account(id: $account) { name edition upgrade { state } nextSteps { action }
    wallet { balance { amount } } standing { state } licenses(first: 10) { nodes { id state } }
    charges(first: 10) { nodes { day amount { amount } settlement { state } } } } }"""
BUDGET = """mutation ($account: ID!, $amount: Decimal!) { setBudget(accountId: $account, amount: $amount,
    thresholds: [80]) { __typename ... on Error { code } } }"""
SIGN_IN = """mutation ($email: String!, $password: String!) { signIn(email: $email, password: $password) {
    __typename ... on Error { code } } }"""
MIX = (("home", 70), ("own budget", 15), ("one account's budget", 10), ("sign-in", 5))
"""What is asked, and how often in a hundred."""
PATIENCE = 60.0
RETRYABLE = {"OVERLOADED", "RATE_LIMITED", "UNAVAILABLE", "TIMEOUT"}


@dataclass
class Customer:
    """Who asks."""

    email: str
    token: str
    account: str


@dataclass
class Seen:
    """What came of the requests of a kind: seconds of those that were done, and of those that were refused, by code."""

    done: list[float] = field(default_factory=list)
    refused: list[float] = field(default_factory=list)
    codes: Counter[str] = field(default_factory=Counter)


class Crowd:
    """Customers who ask any of the servers."""

    def __init__(self, session: aiohttp.ClientSession, urls: Sequence[str], customers: Sequence[Customer]) -> None:
        self._session, self._urls, self._customers = session, urls, customers
        self._random = random.Random(1)
        self.seen: dict[str, Seen] = {kind: Seen() for kind, _ in MIX}

    async def ask(self) -> None:
        """Send one request of the mix, and note what came of it."""
        kind = self._random.choices([kind for kind, _ in MIX], [share for _, share in MIX])[0]
        who = self._random.choice(self._customers)
        document, variables = HOME, {"account": who.account}
        if kind == "own budget":
            document, variables = BUDGET, {"account": who.account, "amount": f"{self._random.randrange(1, 9999)}.00"}
        elif kind == "one account's budget":
            who = self._customers[0]
            document, variables = BUDGET, {"account": who.account, "amount": f"{self._random.randrange(1, 9999)}.00"}
        elif kind == "sign-in":
            document, variables = SIGN_IN, {"email": who.email, "password": PASSWORD}
        headers = {} if kind == "sign-in" else {"Authorization": f"Bearer {who.token}"}
        seen, began = self.seen[kind], time.monotonic()
        try:
            sent = {"query": document, "variables": variables}
            url = self._random.choice(self._urls)
            async with self._session.post(url, json=sent, headers=headers) as answer:
                code = _code(await answer.json())
        except (aiohttp.ClientError, TimeoutError) as error:
            code = type(error).__name__
        taken = time.monotonic() - began
        (seen.refused if code else seen.done).append(taken)
        if code:
            seen.codes[code] += 1


def _code(answer: Any) -> str:
    """An error's code; empty if all was done."""
    for error in answer.get("errors") or ():
        return str((error.get("extensions") or {}).get("code") or error["message"])
    (found,) = (answer.get("data") or {"": None}).values()
    return str((found or {}).get("code", "")) if isinstance(found, dict) else "nothing"


async def customers(session: aiohttp.ClientSession, url: str, count: int) -> list[Customer]:
    """New customers whose accounts are upgraded."""
    made = []
    for number in range(count):
        email = f"bench-{number}@example.com"
        headers: dict[str, str] = {}

        async def ask(name: str, **variables: Any) -> Any:
            sent = {"query": JOURNEY[name], "variables": variables}
            async with session.post(url, json=sent, headers=headers) as answer:  # noqa: B023
                found = await answer.json()
            if found.get("errors") or "code" in (found["data"][name] or {}):
                raise RuntimeError(f"{name}: {found}")
            return found["data"][name]

        registered = await ask("register", email=email)
        headers["Authorization"] = f"Bearer {registered['token']}"
        account = registered["account"]["id"]
        await ask("upgradeEdition", account=account)
        agreement = await ask("agreement")
        await ask("acceptAgreement", account=account, agreement=agreement["id"], hash=agreement["contentHash"])
        await ask("chooseSettlementChannel", account=account)
        made.append(Customer(email, registered["token"], account))
    return made


async def capacity(crowd: Crowd, seconds: float, at_once: int = 16) -> float:
    """How many requests a second are done when nobody asks before an answer came."""
    ends = time.monotonic() + seconds

    async def one() -> int:
        count = 0
        while time.monotonic() < ends:
            await crowd.ask()
            count += 1
        return count

    return sum(await asyncio.gather(*(one() for _ in range(at_once)))) / seconds


async def flood(crowd: Crowd, rate: float, seconds: float) -> int:
    """Send so many requests a second whatever comes of them; how many that was."""
    began, tasks = time.monotonic(), set()
    sent = 0
    while (passed := time.monotonic() - began) < seconds:
        while sent < passed * rate:
            task = asyncio.create_task(crowd.ask())
            tasks.add(task)
            task.add_done_callback(tasks.discard)
            sent += 1
        await asyncio.sleep(0.005)
    await asyncio.gather(*tasks)
    return sent


async def measure(server: str, home: Path, seconds: float, times: float, count: int, console: Console) -> None:
    """Ask ``times`` as much as two servers can do, two workers beside them, and say what came of it."""
    async with fresh_database(server) as database:
        environment = {
            "DATABASE_URL": database,
            "BILLING_DATA_DIR": str(home),
            "BILLING_CONFIRM_ADDRESSES": "false",
            "BILLING_CONNECTIONS_PER_CALLER": "5000",
            "BILLING_MOST_CONNECTIONS": "20000",
            "BILLING_LOG_LEVEL": "ERROR",
        }
        with ExitStack() as running:
            urls, pids = [], []
            for number in range(2):
                port = free_port()
                command: list[str | Path] = [BILLING, "serve", "--port", str(port), "--no-worker", "--no-demo"]
                log = home / f"serve-{number}.log"
                pids.append(running.enter_context(served(command, port, environment, log)))
                urls.append(f"http://127.0.0.1:{port}/graphql")
            for _ in range(2):
                running.enter_context(_worker(environment))
            connector, limit = aiohttp.TCPConnector(limit=0), aiohttp.ClientTimeout(total=PATIENCE)
            async with aiohttp.ClientSession(connector=connector, timeout=limit) as session:
                known = await customers(session, urls[0], count)
                quiet = Crowd(session, urls, known)
                done = await capacity(quiet, 15)
                before = [(resident(pid) or 0) // 1024 for pid in pids]
                console.print(f"{done:.0f} requests a second are done by two servers, {times:g} times as many are sent")
                crowd = Crowd(session, urls, known)
                used = [processor_time(pid) for pid in pids]
                sent = await flood(crowd, done * times, seconds)
                used = [processor_time(pid) - was for pid, was in zip(pids, used, strict=True)]
                during = [(resident(pid) or 0) // 1024 for pid in pids]
                await asyncio.sleep(10)
                later = Crowd(session, urls, known)
                await capacity(later, 5, at_once=1)
            checked = await asyncio.to_thread(_ledger, environment)
        _show(console, crowd, quiet, later, sent, seconds)
        console.print(f"resident MiB of the servers: before {before}, at the end {during}; processor seconds {used}")
        console.print(f"ledger check: {checked}")


@contextmanager
def _worker(environment: Mapping[str, str]) -> Iterator[None]:
    with subprocess.Popen([BILLING, "worker"], env={**os.environ, **environment}, stdout=subprocess.DEVNULL) as worker:
        yield
        worker.terminate()


def _ledger(environment: Mapping[str, str]) -> str:
    command: list[str | Path] = [BILLING, "ledger", "check"]
    done = subprocess.run(command, env={**os.environ, **environment}, capture_output=True, text=True)
    return "sound" if done.returncode == 0 else done.stdout + done.stderr


def _show(console: Console, crowd: Crowd, quiet: Crowd, later: Crowd, sent: int, seconds: float) -> None:
    shown = Table(
        "asked", "sent", "done", "done p50 s", "done p99 s", "refused p99 s", "refused as", "alone p50 s", "10 s later"
    )
    for kind, seen in crowd.seen.items():
        total = len(seen.done) + len(seen.refused)
        codes = ", ".join(f"{code} {count}" for code, count in seen.codes.most_common())
        figures = [_at(seen.done, 50), _at(seen.done, 99), _at(seen.refused, 99)]
        alone = [_at(other.seen[kind].done, 50) for other in (quiet, later)]
        shown.add_row(kind, str(total), str(len(seen.done)), *figures, codes, *alone)
    console.print(shown)
    strange = {code for seen in crowd.seen.values() for code in seen.codes} - RETRYABLE
    console.print(f"{sent / seconds:.0f} a second were sent; codes that are not retryable: {sorted(strange) or 'none'}")


def _at(taken: Sequence[float], percent: int) -> str:
    return f"{statistics.quantiles(taken, n=100)[percent - 1]:.2f}" if len(taken) > 1 else "–"


def main() -> None:
    """Measure, and print what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--times", type=float, default=4)
    parser.add_argument("--customers", type=int, default=60)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-overload-") as folder:
        home = Path(folder)
        server = os.environ.get("DATABASE_URL") or start_embedded(home)
        console = Console(width=200)
        asyncio.run(measure(server, home, given.seconds, given.times, given.customers, console))


if __name__ == "__main__":
    main()
