"""Documents that cannot be executed, and arguments that are no dates, times or amounts: a code, and how it is right."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.driver import Api, upgraded

TOP_UP = 'mutation { requestTopUp(accountId: "%s", amount: %s) { __typename } }'
VOUCHER = (
    'mutation ($at: DateTime!) { issueVoucher(accountId: "%s", amount: "1", note: "x", expiresAt: $at) { __typename } }'
)
USAGE = 'query { account(id: "%s") { usage(from: %s, to: "2026-01-31") { day } } }'
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
