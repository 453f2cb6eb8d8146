"""The server is killed between the steps of the journey, and nothing is lost or done twice."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from app.launcher.client import AccessKey, BillingClient, Refused
from app.launcher.demo import (
    ACCEPT,
    ACTIVATE,
    ADVANCE,
    AGREEMENT,
    CHOOSE,
    KEY,
    LICENSE,
    REGISTER,
    REPORT,
    UPGRADE,
    _until_settled,
)
from tests.serving import Server, free_port, serving

pytestmark = pytest.mark.slow


@pytest.fixture
def data(tmp_path: Path) -> Iterator[Path]:
    """A data folder with a blank in its name, whose embedded PostgreSQL is stopped in the end."""
    folder = tmp_path / "data folder"
    folder.mkdir()
    yield folder
    pid = int((folder / "postgres" / "postmaster.pid").read_text().splitlines()[0])
    os.kill(pid, signal.SIGQUIT)
