"""How many statements each operation of the console sends to the database, beside what was agreed."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app.accounts.models import StaffRole
from app.bootstrap import Runtime
from tests.api.console_queries import DOCUMENTS, queries, variables
from tests.api.driver import Api
from tests.api.tenant import tenant, vendor
from tests.api.wallets import staff
from tests.conftest import TravellingClock

TABLE = Path(__file__).parent / "budget.txt"
"""How many each may send, reviewed."""


class Counted(logging.Handler):
    """Counts what is sent to the database, as its client logs it."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.statements = 0

    def emit(self, record: logging.LogRecord) -> None:
        """Count one."""
        self.statements += 1


@contextmanager
def counting() -> Iterator[Counted]:
    """Count while the block lasts."""
    client = logging.getLogger("tortoise.db_client")
    counted, level = Counted(), client.level
    client.addHandler(counted)
    client.setLevel(logging.DEBUG)
    try:
        yield counted
    finally:
        client.removeHandler(counted)
        client.setLevel(level)


@pytest.mark.skipif(not DOCUMENTS.exists(), reason="the console is not built")
async def test_no_operation_sends_more_than_it_may(
    api: Api, runtime: Runtime, travelling_clock: TravellingClock
) -> None:
    customer = await tenant(api, runtime, await vendor(api))
    whole_staff = await staff(api, list(StaffRole))
    rows = []
    for name, (text, operation) in queries().items():
        given = variables(operation, customer)
        for client in (customer.client, whole_staff):
            with counting() as counted:
                answer = await client.answer(text, **given)
            if "errors" not in answer:
                break
        else:
            raise AssertionError(f"{name}: {answer}")
        rows.append(f"{name}: {counted.statements}")
    table = "\n".join(rows) + "\n"
    if os.environ.get("BILLING_WRITE_TABLE"):
        TABLE.write_text(table)
    assert table.splitlines() == TABLE.read_text().splitlines()
