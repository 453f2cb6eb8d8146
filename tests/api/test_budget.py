"""How many statements each operation of the console sends to the database, beside what was agreed, and that each finds
its rows by an index."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from app.accounts.models import StaffRole
from app.bootstrap import Runtime
from app.db.connection import one_connection
from tests.api.console_queries import DOCUMENTS, queries, variables
from tests.api.driver import Api
from tests.api.tenant import tenant, vendor
from tests.api.wallets import staff
from tests.conftest import TravellingClock

TABLE = Path(__file__).parent / "budget.txt"
"""How many each may send, reviewed."""
WHOLE = {
    "edition",
    "price_plan_version",
    "uid_ledger_acco_kind_b7ad1f",
    "charge",
    "revenue_recognition",
    "uid_charge_account_7c8025",
    "journal_transaction_account",
}
"""Tables (or their indexes) of which all is asked for: by the catalog, by the questions of the books and their balance,
and by the preview of a price, which prices every day of everybody anew."""


class Counted(logging.Handler):
    """Keeps what is sent to the database, as its client logs it."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.statements: list[tuple[str, Sequence[Any]]] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one."""
        sent: Any = record.args
        self.statements.append(sent)


LEADING = """
SELECT i.indexrelid::regclass::text, a.attname FROM pg_index AS i
JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
"""


def looked_through(plan: dict[str, Any], leading: dict[str, str]) -> Iterator[str]:
    """The tables that a plan reads from one end to the other, though it is to avoid that, or whose index it does,
    since what it looks for does not stand first there."""
    searched = plan.get("Index Cond")
    if plan["Node Type"] == "Seq Scan":
        yield plan["Relation Name"]
    elif searched and leading.get(plan["Index Name"], "") not in searched:
        yield plan["Index Name"]
    for part in plan.get("Plans", ()):
        yield from looked_through(part, leading)


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
    sent: dict[str, Sequence[Any]] = {}
    for name, (text, operation) in queries().items():
        given = variables(operation, customer)
        for client in (customer.client, whole_staff):
            with counting() as counted:
                answer = await client.answer(text, **given)
            if "errors" not in answer:
                break
        else:
            raise AssertionError(f"{name}: {answer}")
        rows.append(f"{name}: {len(counted.statements)}")
        sent |= {text: values for text, values in counted.statements if text.startswith(("SELECT", "WITH"))}
    table = "\n".join(rows) + "\n"
    if os.environ.get("BILLING_WRITE_TABLE"):
        TABLE.write_text(table)
    assert table.splitlines() == TABLE.read_text().splitlines()
    async with one_connection(runtime.url) as connection:
        await connection.execute("SET LOCAL enable_seqscan = off")
        leading = dict(await connection.fetch(LEADING))
        scanned: dict[str, str] = {}
        for statement, values in sent.items():
            ((plan,),) = await connection.fetch(f"EXPLAIN (FORMAT JSON) {statement}", *values)
            scanned |= dict.fromkeys(looked_through(json.loads(plan)[0]["Plan"], leading), statement)
    assert {table: statement for table, statement in scanned.items() if table not in WHOLE} == {}
