"""Servers in processes of their own, and how much memory they take."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx


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
            for _ in range(300):
                if process.poll() is not None:
                    raise RuntimeError(f"{command[0]} ended: {log.read_text()[-2000:]}")
                try:
                    if httpx.get(f"http://127.0.0.1:{port}{ready}").status_code == 200:
                        break
                except httpx.TransportError:
                    pass
                time.sleep(0.1)
            else:
                raise RuntimeError(f"{command} does not answer: {log.read_text()[-2000:]}")
            yield process.pid
        finally:
            process.terminate()


def forget_peak(pid: int) -> None:
    """Let the peak of a process's memory be what it holds now (Linux keeps such a mark)."""
    with suppress(OSError):
        Path(f"/proc/{pid}/clear_refs").write_text("5")


def peak_memory(pid: int) -> int | None:
    """The most memory that a process has held, in KiB; ``None`` where there is no /proc."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return None
    return int(status.split("VmHWM:")[1].split()[0])


def processor_time(pid: int) -> float:
    """The processor seconds of a process and of the children that it had or has; 0 where there is no /proc."""
    children: list[str] = []
    with suppress(OSError):
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return _ticks(pid, 4) + sum(_ticks(int(child), 2) for child in children)


def _ticks(pid: int, times: int) -> float:
    try:
        after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(map(int, after_name[11 : 11 + times])) / os.sysconf("SC_CLK_TCK")
