"""The servers that are compared: the billing center, the bare handlers, and the rivals."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench import rivals
from bench.serving import free_port, processor_time, resident, served

BILLING = (sys.executable, "-c", "from app.cli import main; main()")
"""The command line, as this interpreter has it."""
POOL = 16
"""Connections to the database that the processes of a server share: with four servers not all that PostgreSQL has."""
UNHINDERED = {
    "BILLING_SANDBOXES_PER_USER": "1000",
    "BILLING_COST_PER_MINUTE": "1000000000",
    "BILLING_CONNECTIONS_PER_CALLER": "2000",
}
"""One caller may ask what else many would."""


@dataclass(frozen=True)
class Server:
    """The processes that serve the same, each on a port of its own."""

    ports: tuple[int, ...]
    pids: tuple[int, ...]
    seconds: float
    """From the start of the last process to its first answer."""

    @property
    def url(self) -> str:
        """Where the first of them is asked."""
        return f"http://127.0.0.1:{self.ports[0]}/graphql"

    def processor_time(self) -> float:
        """The processor seconds of all of them."""
        return sum(map(processor_time, self.pids))

    def resident(self) -> int:
        """What all of them hold of memory now, in KiB; 0 where it is not known."""
        return sum(resident(pid) or 0 for pid in self.pids)


@contextmanager
def billing(database: str, home: Path, processes: int = 1, *, demo: bool = False) -> Iterator[Server]:
    """``billing serve``, without its worker; ``demo``: it leaves the tokens of staff in ``home``."""

    def process(port: int, log: Path) -> AbstractContextManager[int]:
        environment = {"DATABASE_URL": database, "BILLING_DATA_DIR": str(home), **_pool(processes), **UNHINDERED}
        arguments = ["serve", "--port", str(port), "--no-worker", "--demo" if demo else "--no-demo"]
        return served([*BILLING, *arguments], port, environment, log)

    with _started("billing", home, processes, process) as server:
        yield server


@contextmanager
def bare(app: str, database: str, home: Path, processes: int = 1) -> Iterator[Server]:
    """A bare handler, such as ``bench.bare:app``."""

    def process(port: int, log: Path) -> AbstractContextManager[int]:
        environment = {"BENCH_DATABASE_URL": database, "BILLING_DATA_DIR": str(home), **_pool(processes)}
        command = [sys.executable, "-m", "uvicorn", app, "--port", str(port), "--no-access-log"]
        return served(command, port, environment, log)

    with _started(app.partition(":")[0], home, processes, process) as server:
        yield server


@contextmanager
def rival(found: rivals.Rival, folder: Path, database: str, home: Path, processes: int = 1) -> Iterator[Server]:
    """One of bench/rivals, installed in ``folder``."""

    def process(port: int, log: Path) -> AbstractContextManager[int]:
        command = [rivals.node(folder), folder / found.program]
        return served(command, port, rivals.environment(database, port, POOL // processes), log, rivals.READY)

    with _started(found.package, home, processes, process) as server:
        yield server


def _pool(processes: int) -> dict[str, str]:
    return {"BILLING_POOL_SIZE": str(POOL // processes)}


@contextmanager
def _started(
    name: str, home: Path, processes: int, process: Callable[[int, Path], AbstractContextManager[int]]
) -> Iterator[Server]:
    with ExitStack() as running:
        ports, pids, seconds = [], [], 0.0
        for _ in range(processes):
            ports.append(free_port())
            begun = time.perf_counter()
            pids.append(running.enter_context(process(ports[-1], home / f"{name}-{ports[-1]}.log")))
            seconds = time.perf_counter() - begun
        yield Server(tuple(ports), tuple(pids), seconds)
