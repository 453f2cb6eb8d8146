"""What GraphQL costs: ``billing serve`` next to a bare handler and to what others would build, on the same tables.

Run it with ``python -m bench.graphql``; bench/README.md says what is compared and why that is fair.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import partial
from pathlib import Path

import uvloop

from app.db.server import start_embedded
from app.seed.demo import FILE
from bench import pages, rivals, servers
from bench.billed import Billed
from bench.journey import STEPS, travelled
from bench.machine import machine, postmaster_of
from bench.reading import READS, TITLES, Side, compare, ours, theirs
from bench.servers import Server
from bench.tables import Tables, middle
from bench.timing import Timer, exercise

BARE = "bare Starlette + asyncpg + orjson"
BILLING = "billing serve"
STARTS = 3
HELPS = 7
Start = Callable[[int], AbstractContextManager[Server]]
"""Starts so many processes of a server."""


def starters(database: str, home: Path, folder: Path | None) -> dict[str, Start]:
    """How each server is started, by its label; the rivals are those of ``folder``."""
    found: dict[str, Start] = {
        BILLING: partial(servers.billing, database, home),
        BARE: partial(servers.bare, "bench.bare_reads:app", database, home),
    }
    if folder:
        found |= {one.label: partial(servers.rival, one, folder, database, home) for one in rivals.RIVALS}
    return found


@contextmanager
def prepared(starts: dict[str, Start], customer: Billed, processes: int) -> Iterator[list[Side]]:
    """All servers, each asked for its reads, the same answered by all: the billing center, the bare one, the rivals."""
    with ExitStack() as running:
        started = {label: running.enter_context(start(processes)) for label, start in starts.items()}
        customer.url = started[BILLING].url
        billing, bare = (ours(label, started[label], customer) for label in (BILLING, BARE))
        others = [theirs(one, started[one.label], customer) for one in rivals.RIVALS if one.label in started]
        compare(billing, bare, others)
        yield [billing, bare, *others]


def show_reads(tables: Tables, timer: Timer, sides: Sequence[Side], title: str) -> None:
    """Show each read on each side, ratios being to the bare handler."""
    rows = []
    for operation in READS:
        limit = statistics.median(timer.of(sides[1], operation).server)
        for side in sides:
            timed = timer.of(side, operation)
            mine = statistics.median(timed.server)
            rows.append(
                [
                    TITLES[operation] if side is sides[0] else "",
                    side.label,
                    f"{mine:.2f}",
                    f"{mine / limit:.1f}" if limit else "–",
                    middle(timed.postgres, 2) if timer.postmaster else "–",
                    middle(timed.speeds),
                    f"{min(timed.speeds):,.0f} – {max(timed.speeds):,.0f}",
                ]
            )
    headings = ("read", "server", "server ms", "÷ bare", "PostgreSQL ms", "requests/s", "least – most")
    tables.show(title, headings, rows)
    ratios = [
        statistics.median(timer.of(sides[0], one).server) / statistics.median(timer.of(sides[1], one).server)
        for one in READS
    ]
    tables.say(f"The median of billing serve ÷ bare is {statistics.median(ratios):.1f}.")


def show_pages(tables: Tables, timer: Timer, side: Side) -> None:
    """Show what the console asks: the pages that are used most, then all else."""
    headings = ("the console's query", "server ms", "PostgreSQL ms", "requests/s")
    names = sorted(set(side.requests) - set(READS) - set(pages.MOST_USED))
    for title, shown in (("Pages that are used most", pages.MOST_USED), ("All other queries of the console", names)):
        found = [(name, timer.of(side, name)) for name in shown]
        rows = [[name, middle(one.server, 2), middle(one.postgres, 2), middle(one.speeds)] for name, one in found]
        tables.show(title, headings, rows)
    costs = [statistics.median(timer.of(side, name).server) for name in (*pages.MOST_USED, *names)]
    tables.say(f"Half of {len(costs)} queries take less than {middle(costs, 2)} ms, the longest {max(costs):.2f} ms.")


def show_journey(tables: Tables, server: Server, times: int) -> None:
    """Show what the steps of the journey take."""
    steps = travelled(server, times)
    rows = []
    for name in STEPS:
        wall, used = zip(*steps[name], strict=True)
        rows.append([name, middle(wall, 1), f"{min(wall):.1f} – {max(wall):.1f}", middle(used, 1)])
    tables.show(
        f"The journey, one request after another, {times} customers (reportUsage: 500 ids)",
        ("mutation", "ms, with the client's own", "least – most", "server ms"),
        rows,
    )


def show_latencies(tables: Tables, timer: Timer, sides: Sequence[Side], seconds: float) -> None:
    """Show how long answers take at four fifths of what each server can do."""
    rows = []
    for operation in (*READS, "HomePage"):
        for side in (one for one in sides if operation in one.requests):
            taken, refused = uvloop.run(timer.latencies(side, operation, seconds))
            cuts = statistics.quantiles(taken, n=100)
            half, most = cuts[49] * 1000, cuts[98] * 1000
            label = TITLES.get(operation, "the console's home page") if side is sides[0] else ""
            sent = f"{(len(taken) + refused) / seconds:,.0f}"
            figures = sent, str(refused), f"{half:.1f}", f"{most:.1f}", f"{most / half:.1f}"
            rows.append([label, side.label, *figures])
    headings = ("read", "server", "requests/s sent", "refused", "p50 ms", "p99 ms", "p99 ÷ p50")
    tables.show(f"Latency at 80 % of saturation, sent at a fixed rate for {seconds:g} s", headings, rows)


def show_starts(tables: Tables, starts: dict[str, Start], held: dict[str, float]) -> None:
    """Show how soon servers answer, with how much memory, beside what those that were timed ``held`` at the end."""
    begun: dict[str, list[tuple[float, float, float]]] = {}
    for _ in range(STARTS):
        for label, start in starts.items():
            with start(1) as server:
                found = server.seconds, server.processor_time(), server.resident() / 1024
                begun.setdefault(label, []).append(found)
    rows = []
    for label, starts_of in begun.items():
        seconds, used, memory = zip(*starts_of, strict=True)
        rows.append([label, middle(seconds, 2), middle(used, 2), middle(memory), f"{held[label]:.0f}"])
    headings = ("server", "s to its first answer", "s of a processor", "MiB then", "MiB after the run")
    tables.show("One process", headings, rows)


def show_help(tables: Tables) -> None:
    """Show how long the command line takes to say what it can do."""
    wall, used = [], []
    for _ in range(HELPS):
        before, begun = _children_time(), time.perf_counter()
        subprocess.run([*servers.BILLING, "--help"], check=True, stdout=subprocess.DEVNULL)
        wall.append(time.perf_counter() - begun)
        used.append(_children_time() - before)
    tables.say(f"`billing --help` takes {middle(wall, 2)} s, {middle(used, 2)} of them of a processor.")


def _children_time() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return children.ru_utime + children.ru_stime


def measure(options: argparse.Namespace, home: Path, tables: Tables) -> None:
    """Fill a database over the API, start the servers on it, and show what they take."""
    folder = rivals.if_wanted(options)
    database = os.environ.get("DATABASE_URL") or start_embedded(home)
    with servers.billing(database, home, demo=True) as server:
        customer = Billed(server.url)
    if folder:
        uvloop.run(rivals.make_tables(database))
    starts = starters(database, home, folder)
    timer = Timer(postmaster_of(home))
    timed = starts | {BILLING: partial(servers.billing, database, home, demo=True)}
    with prepared(timed, customer, options.processes) as sides:
        billing = sides[0]
        left_out = pages.prepare(billing, customer, json.loads((home / FILE).read_text())["staff"])
        others = [name for name in billing.requests if name not in {*READS, *pages.MOST_USED}]
        uvloop.run(timer.time(sides, list(READS), options.rounds, options.seconds))
        uvloop.run(timer.time([billing], pages.MOST_USED, options.rounds, options.seconds))
        uvloop.run(timer.time([billing], others, options.rounds, options.seconds / 5))
        processes = f"{options.processes} process{'es' if options.processes > 1 else ''} each"
        show_reads(tables, timer, sides, f"Reading, {processes}, {options.rounds} rounds of {options.seconds:g} s")
        show_pages(tables, timer, billing)
        for name, reason in left_out.items():
            tables.say(f"{name} is left out: {reason}.")
        show_journey(tables, billing.server, options.journeys)
        if options.latency:
            show_latencies(tables, timer, sides, options.latency)
        held = {side.label: side.server.resident() / 1024 / options.processes for side in sides}
        if options.memory:
            after = uvloop.run(exercise(billing, options.memory))
            parts = ", ".join(f"{kib / 1024 / options.processes:.0f}" for kib in after)
            tables.say(f"MiB of a process after each tenth of {options.memory:,} more requests of all kinds: {parts}.")
    show_starts(tables, starts, held)
    show_help(tables)
    tables.say(machine(database))


def main() -> None:
    """Start the servers on one database, compare what they answer, time them, and show tables."""
    parser = argparse.ArgumentParser(prog="python -m bench.graphql", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="timed rounds (default 3)")
    parser.add_argument("--seconds", type=float, default=1.0, help="of a request in a round, a fifth of rare ones (1)")
    parser.add_argument("--processes", type=int, default=1, help="of each server (default 1)")
    parser.add_argument("--journeys", type=int, default=5, help="customers who go along the journey (default 5)")
    parser.add_argument(
        "--latency", type=float, nargs="?", const=5.0, metavar="SECONDS", help="p50 and p99 of each read too (for 5 s)"
    )
    parser.add_argument("--memory", type=int, default=0, metavar="N", help="look whether N requests more take memory")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write the tables for the documentation too")
    rivals.add_option(parser)
    options, tables = parser.parse_args(), Tables()
    with tempfile.TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True) as name:
        measure(options, Path(name), tables)
    if options.markdown:
        tables.save(options.markdown)


if __name__ == "__main__":
    main()
