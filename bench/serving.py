"""Servers in processes of their own, and what they take of memory and of processors."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path

SERVES_WITHIN = 30.0
SCHEDULED = 2
"""Of Linux's clocks of a process, the one that counts what it was given of processors."""


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def served(
    command: Sequence[str | Path], port: int, environment: dict[str, str], log: Path, ready: str = "/healthz"
) -> Iterator[int]:
    """A server in a process of its own, given by its id, from the first good answer at ``ready`` on."""
    with (
        log.open("wb") as output,
        subprocess.Popen(command, env={**os.environ, **environment}, stdout=output, stderr=output) as process,
    ):
        try:
            ends = time.monotonic() + SERVES_WITHIN
            while not _answers(port, ready):
                if process.poll() is not None:
                    raise RuntimeError(f"{command[0]} ended: {log.read_text()[-2000:]}")
                if time.monotonic() > ends:
                    raise RuntimeError(f"{command} does not answer: {log.read_text()[-2000:]}")
                time.sleep(0.01)
            yield process.pid
        finally:
            process.terminate()


def forget_peak(pid: int) -> None:
    """Let the peak of a process's memory be what it holds now (Linux keeps such a mark)."""
    with suppress(OSError):
        Path(f"/proc/{pid}/clear_refs").write_text("5")


def peak_memory(pid: int) -> int | None:
    """The most memory that a process has held, in KiB; ``None`` where there is no /proc."""
    return _status(pid, "VmHWM")


def resident(pid: int) -> int | None:
    """The memory that a process holds now, in KiB; ``None`` where there is no /proc."""
    return _status(pid, "VmRSS")


def processor_time(pid: int) -> float:
    """The processor seconds of a process and of the children that it had or has; 0 where there is no /proc."""
    children: list[str] = []
    with suppress(OSError):
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return _own_time(pid) + _ended_children_time(pid) + sum(_own_time(int(child)) for child in children)


def _answers(port: int, path: str) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=SERVES_WITHIN)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def _status(pid: int, name: str) -> int | None:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return None
    return int(status.split(f"{name}:")[1].split()[0])


def _own_time(pid: int) -> float:
    """To the nanosecond: what /proc says is in hundredths of a second."""
    try:
        return time.clock_gettime((~pid << 3) | SCHEDULED)
    except OSError:
        return 0.0


def _ended_children_time(pid: int) -> float:
    try:
        after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(map(int, after_name[13:15])) / os.sysconf("SC_CLK_TCK")
