"""A PostgreSQL server for very many short runs of the tests."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from cryptography.fernet import Fernet

from app.db.server import start_embedded
from tests.serving import embedded_folder


@contextmanager
def running_server() -> Iterator[dict[str, str]]:
    """The environment for runs of the tests on one server, which is stopped in the end."""
    with embedded_folder() as folder:
        yield {
            **os.environ,
            "BILLING_TEST_SERVER": start_embedded(folder),
            "BILLING_SECRET_KEY": Fernet.generate_key().decode(),
        }
