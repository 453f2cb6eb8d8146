"""Requests that cannot be executed, or fail within: a code, and what to do about it; nothing of the inside."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.driver import Api, upgraded

TOP_UP = 'mutation { requestTopUp(accountId: "%s", amount: %s) { __typename } }'
VOUCHER = (
    'mutation ($at: DateTime!) { issueVoucher(accountId: "%s", amount: "1", note: "x", expiresAt: $at) { __typename } }'
)
USAGE = 'query { account(id: "%s") { usage(from: %s, to: "2026-01-31") { days { day } } } }'
VALIDATION, INPUT = "GRAPHQL_VALIDATION_FAILED", "BAD_USER_INPUT"


@pytest.mark.parametrize(
    ("document", "variables", "code", "example"),
    [
        (TOP_UP % ("%s", '"abc"'), {}, VALIDATION, "1000.00"),
        (TOP_UP % ("%s", '"NaN"'), {}, VALIDATION, "1000.00"),
        (TOP_UP % ("%s", "true"), {}, VALIDATION, "1000.00"),
        (VOUCHER, {"at": "tomorrow"}, INPUT, "2026-01-31T09:00:00+08:00"),
        (VOUCHER, {"at": {}}, INPUT, "2026-01-31T09:00:00+08:00"),
        (USAGE % ("%s", '"03/12/2026"'), {}, VALIDATION, "2026-01-31"),
        (USAGE % ("%s", "3"), {}, VALIDATION, "2026-01-31"),
        ("query ($n: Int) { accounts(first: $n) { nodes { id } } }", {"n": "x"}, INPUT, "'x'"),
        ("{ viewr }", {}, VALIDATION, "viewer"),
        ("{ viewer {", {}, "GRAPHQL_PARSE_FAILED", "Syntax Error"),
    ],
)
async def test_what_cannot_be_executed_is_refused_with_its_code_and_place(
    api: Api, document: str, variables: dict[str, Any], code: str, example: str
) -> None:
    mine, account = await upgraded(api)
    for _ in range(2):
        answer = await mine.answer(document.replace("%s", account), **variables)
        (error,) = answer["errors"]
        assert answer["data"] is None
        assert error["extensions"] == {"code": code}
        assert error["locations"]
        assert example in error["message"]


async def test_what_goes_wrong_inside_is_masked_with_a_request_id(
    api: Api, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail(*_: object) -> None:
        raise RuntimeError("password=hunter2")

    mine, account = await upgraded(api)
    monkeypatch.setattr("app.api.top_ups.top_ups.request_top_up", fail)
    answer = await mine.answer(TOP_UP % (account, '"1.00"'))
    (error,) = answer["errors"]
    assert error["extensions"]["code"] == "INTERNAL"
    assert error["extensions"]["requestId"] in error["message"]
    assert "hunter2" not in str(answer)
    assert "hunter2" in caplog.text
