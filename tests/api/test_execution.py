"""What is shown at once is what graphql-core would show."""

from __future__ import annotations

from typing import Any

import pytest

from app.accounts.models import Account, StaffRole
from app.api.execution import Execution
from app.api.node import decode_id
from app.bootstrap import Runtime
from tests.api.console_queries import DOCUMENTS, queries, variables
from tests.api.driver import Api, registered
from tests.api.tenant import tenant, vendor
from tests.api.wallets import staff
from tests.conftest import TravellingClock

VARIES = {"requestId", "pdf", "csv", "dailyCsv", "focusCsv", "incomeExpenseCsv", "lastUsedAt"}
"""What is different each time: links are signed anew."""


def without_what_varies(value: Any) -> Any:
    """A value without what is different each time."""
    if isinstance(value, list):
        return [without_what_varies(one) for one in value]
    if isinstance(value, dict):
        return {name: without_what_varies(one) for name, one in value.items() if name not in VARIES}
    return value


@pytest.mark.skipif(not DOCUMENTS.exists(), reason="the console is not built")
@pytest.mark.parametrize("language", ["zh", "en"])
async def test_every_query_of_the_console_is_answered_as_graphql_core_does(
    api: Api, runtime: Runtime, travelling_clock: TravellingClock, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    customer = await tenant(api, runtime, await vendor(api))
    askers = [Api(api.http, client.token, language) for client in (customer.client, await staff(api, list(StaffRole)))]
    shown = 0
    for name, (text, operation) in queries().items():
        given = variables(operation, customer)
        for asker in askers:
            at_once = await asker.answer(text, **given)
            with monkeypatch.context() as patched:
                patched.setattr(Execution, "is_compiled", lambda _: False)
                field_by_field = await asker.answer(text, **given)
            if name not in {"AuditLog", "AuditPage"}:  # which have a line more each time
                assert without_what_varies(at_once) == without_what_varies(field_by_field), name
                shown += "errors" not in at_once
    assert shown > 100


@pytest.mark.parametrize("compiled", [True, False])
async def test_what_cannot_be_shown_is_said_by_graphql_core(
    api: Api, monkeypatch: pytest.MonkeyPatch, compiled: bool
) -> None:
    mine, account = await registered(api)
    row = await Account.get(id=decode_id(account, "Account", "id"))
    if not compiled:
        monkeypatch.setattr(Execution, "is_compiled", lambda _: False)

    async def broken(_: Any) -> Account:
        row.edition = "NO_SUCH_EDITION"  # type: ignore[assignment]
        return row

    monkeypatch.setattr("app.api.accounts.account_with_key", broken)
    answer = await mine.answer("query ($id: ID!) { account(id: $id) { name edition } }", id=account)
    assert answer["data"] == {"account": None}
    (error,) = answer["errors"]
    assert error["path"] == ["account", "edition"]
