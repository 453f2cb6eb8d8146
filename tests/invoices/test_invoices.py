"""Invoices: never over more than was paid in cash, with a tax number that holds."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import uscc

from app.errors import InvalidInput
from app.invoices.tax_numbers import check_tax_number
from tests.api.driver import Api
from tests.statements.conftest import Billed, billed, finance

__all__ = ["billed", "finance"]
TITLE = {"name": "示例科技有限公司", "taxNumber": "91110000600037341L", "email": "finance@example.com"}


async def paid(billed: Billed, finance: Api, amount: str) -> None:
    top_up = await billed.api.call("requestTopUp", "topUp { id }", accountId=billed.account, amount=amount)
    await finance.call(
        "confirmTopUp", "topUp { id }", topUpId=top_up["topUp"]["id"], bankReference=amount, receivedAmount=amount
    )


async def request(billed: Billed, amount: str, **title: str) -> dict[str, object]:
    return dict(
        await billed.api.call(
            "requestInvoice", "invoice { id state }", accountId=billed.account, title={**TITLE, **title}, amount=amount
        )
    )


async def test_requests_at_once_never_exceed_what_was_paid(billed: Billed, finance: Api) -> None:
    assert (await request(billed, "0.01"))["__typename"] == "InvoiceLimitError"
    await paid(billed, finance, "1000.00")
    answers = await asyncio.gather(*(request(billed, "300.00") for _ in range(8)))
    assert (
        sorted(str(answer["__typename"]) for answer in answers)
        == ["InvoiceLimitError"] * 5 + ["RequestInvoiceSuccess"] * 3
    )
    left = await billed.api.account(billed.account, "invoiceable { amount currency }")
    assert left["invoiceable"] == [{"amount": "100.00", "currency": "CNY"}]


async def test_an_invoice_goes_from_request_to_its_number_or_its_reason(billed: Billed, finance: Api) -> None:
    await paid(billed, finance, "1000.00")
    ids = [(await request(billed, "300.00"))["invoice"]["id"] for _ in range(3)]  # type: ignore[index]
    issued = await finance.call("issueInvoice", "invoice { state number }", invoiceId=ids[0], number="INV-1")
    assert issued["invoice"] == {"state": "ISSUED", "number": "INV-1"}
    again = await finance.call("issueInvoice", "invoice { state number }", invoiceId=ids[0], number="INV-1")
    assert again == issued
    taken = await finance.call("issueInvoice", "invoice { id }", invoiceId=ids[1], number="INV-1")
    assert taken["__typename"] == "InvoiceConflictError"
    rejected = await finance.call("rejectInvoice", "invoice { state reason }", invoiceId=ids[1], reason="wrong title")
    assert rejected["invoice"] == {"state": "REJECTED", "reason": "wrong title"}
    assert (await billed.api.call("cancelInvoice", "invoice { state }", invoiceId=ids[2]))["invoice"][
        "state"
    ] == "CANCELLED"
    for mutation, of in (("cancelInvoice", ids[0]), ("cancelInvoice", ids[1])):
        assert (await billed.api.call(mutation, "invoice { id }", invoiceId=of))["__typename"] == "InvoiceConflictError"
    refused = await billed.api.call("issueInvoice", "invoice { id }", invoiceId=ids[2], number="INV-2")
    assert refused["__typename"] == "PermissionDeniedError"
    left = await billed.api.account(billed.account, "invoiceable { amount } invoices { totalCount }")
    assert left == {"invoiceable": [{"amount": "700.00"}], "invoices": {"totalCount": 3}}
    listed = await finance.data("{ invoices(state: REJECTED, sandboxes: true) { nodes { id } } }")
    assert listed["invoices"]["nodes"] == [{"id": ids[1]}]


async def test_a_wrong_title_is_refused_with_the_argument_at_fault(billed: Billed, finance: Api) -> None:
    await paid(billed, finance, "10.00")
    for field, value in (("taxNumber", "91110000600037341M"), ("email", "nobody"), ("name", " "), ("country", "cn")):
        refused = await billed.api.call(
            "requestInvoice",
            "invoice { id }",
            accountId=billed.account,
            title={**TITLE, field: value},
            amount="1.00",
        )
        assert refused["__typename"] == "InvalidInputError", field
        assert refused["path"] == ["title", field]


DIGITS = "0123456789ABCDEFGHJKLMNPQRTUWXY"


@given(st.integers(0, 16), st.sampled_from(DIGITS))
def test_one_wrong_character_of_a_unified_social_credit_code_is_refused(place: int, character: str) -> None:
    """GB 32100-2015: weights are powers of 3 modulo 31, so that the check character finds every single mistake."""
    right = "91110000600037341L"
    assert uscc.calc_check_digit(right[:-1]) == right[-1]
    changed = right[:place] + character + right[place + 1 :]
    if changed == right:
        assert check_tax_number("CN", f" {right.lower()} ") == right
    else:
        with pytest.raises(InvalidInput):
            check_tax_number("CN", changed)


@pytest.mark.parametrize(("country", "number"), [("DE", "DE 136,695"), ("US", ""), ("US", "x" * 41), ("CHN", "1")])
def test_tax_numbers_of_other_countries_have_limits(country: str, number: str) -> None:
    with pytest.raises(InvalidInput):
        check_tax_number(country, number)


def test_tax_numbers_of_other_countries_are_free_of_form_within_those() -> None:
    assert check_tax_number("DE", " de 136.695/976 ") == "DE 136.695/976"
