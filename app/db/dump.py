"""Dumps: the whole database as SQL, to back it up or to move it to another server."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import BinaryIO

from app.db.connection import credentials
from app.db.server import binary

SINCE_17 = b"SET transaction_timeout = 0;\n"


def dump(url: str, file: Path) -> None:
    """Write what an empty database of PostgreSQL 15 or newer takes, whoever owns it; ``file`` is the owner's alone.

    pg_dump is the embedded server's, which reads every older one. It sets what PostgreSQL 17 brought, and older ones
    refuse; no row has the look of that line, since each has several columns.

    Raises:
        subprocess.CalledProcessError: pg_dump failed, and has said why.
        OSError: the file cannot be written.
    """
    draft = file.with_name(f"{file.name}.part")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
            _copy(url, out)
            out.flush()
            os.fsync(out.fileno())
        draft.replace(file)
    finally:
        draft.unlink(missing_ok=True)


def _copy(url: str, out: BinaryIO) -> None:
    command = [str(binary("pg_dump")), "--no-owner", "--no-privileges"]
    environment = {**os.environ, **_environment(url)}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE) as running:  # noqa: S603
        out.writelines(line for line in running.stdout or () if line != SINCE_17)
    if running.returncode:
        raise subprocess.CalledProcessError(running.returncode, command)


def _environment(url: str) -> dict[str, str]:
    """What libpq reads of a connection: a password among the arguments would be there for everybody to see."""
    found = credentials(url)
    names = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD", "database": "PGDATABASE"}
    return {name: str(found[key]) for key, name in (names | {"ssl": "PGSSLMODE"}).items() if found.get(key)}
