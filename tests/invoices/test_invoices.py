"""Invoices: over issued statements and cards, once, never over more than was paid in cash."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from app.billing import ledger
from app.invoices.models import InvoiceEntry
from tests.api.driver import Api, Enum
from tests.api.wallets import TITLE, credit, granted, titled
from tests.statements.conftest import Billed, billed, finance

__all__ = ["billed", "finance"]
MARCH = "2200.00"
"""Twenty-two days of 100 CNY, from the 10th on."""


@pytest.fixture(autouse=True)
async def right_in_the_end(billed: Billed) -> AsyncIterator[None]:
    yield
    assert await ledger.check() == []


async def paid(billed: Billed, finance: Api, amount: str) -> None:
    top_up = await billed.api.call("requestTopUp", "topUp { id }", accountId=billed.account, amount=amount)
    await finance.call(
        "confirmTopUp", "topUp { id }", topUpId=top_up["topUp"]["id"], bankReference=amount, receivedAmount=amount
    )


async def stated(billed: Billed, to: str = "2026-04-03T00:00:00") -> None:
    """The account was billed, and collected from, and its statements are issued, up to an instant in Shanghai."""
    await billed.travel(to)
    await billed.settle()


async def asked(billed: Billed, shown: str = "id amount { amount }", **how: Any) -> dict[str, Any]:
    """What asking for an invoice answers; March's to a new title by default."""
    given: dict[str, Any] = {"months": ["2026-03"], "email": "finance@example.com"} | how
    if "titleId" not in given:
        given["titleId"] = await titled(billed.api, billed.account)
    return dict(await billed.api.call("requestInvoice", f"invoice {{ {shown} }}", accountId=billed.account, **given))


async def items(billed: Billed) -> list[tuple[str, str]]:
    found = await billed.api.account(billed.account, "invoiceableItems { month cardId amount { amount } }")
    return [(item["month"] or item["cardId"], item["amount"]["amount"]) for item in found["invoiceableItems"]]


async def left(billed: Billed) -> str:
    found = await billed.api.account(billed.account, "invoiceable { amount currency }")
    (there,) = found["invoiceable"]
    assert there["currency"] == "CNY"
    return str(there["amount"])


async def charges(billed: Billed) -> list[str]:
    found = await billed.api.account(billed.account, "charges { nodes { id } }")
    return [charge["id"] for charge in found["charges"]["nodes"]]


async def test_a_statement_is_invoiced_once_however_many_ask_at_once(billed: Billed, finance: Api) -> None:
    await paid(billed, finance, "5000.00")
    await stated(billed)
    assert await items(billed) == [("2026-03", MARCH)]
    title = await titled(billed.api, billed.account)
    answers = [answer["__typename"] for answer in await asyncio.gather(*(asked(billed, titleId=title) for _ in "1234"))]
    assert sorted(answers) == ["InvoiceConflictError"] * 3 + ["RequestInvoiceSuccess"]
    assert (await items(billed), await left(billed)) == ([], "2800.00")
    assert await InvoiceEntry.filter(live=True).count() == 22


async def test_what_is_not_paid_in_yet_is_not_invoiced(billed: Billed, finance: Api) -> None:
    await paid(billed, finance, "2199.99")
    await stated(billed)
    refused = await asked(billed)
    assert (refused["code"], refused["path"]) == ("INVOICE_LIMIT", ["months"])
    assert "2200.00 CNY, and 2199.99 CNY" in refused["message"]
    await paid(billed, finance, "0.01")
    assert (await asked(billed))["invoice"]["amount"]["amount"] == MARCH


async def test_vouchers_are_not_invoiced_and_cards_are_when_they_are_bought(billed: Billed, finance: Api) -> None:
    await granted(finance, billed.account, "120.00", "2026-12-31T00:00:00+08:00")
    await paid(billed, finance, "3000.00")
    bought = await billed.api.call("purchaseCard", "card { id }", accountId=billed.account, amount="300")
    card = bought["card"]["id"]
    assert await items(billed) == [(card, "300.00")]
    shown = "amount { amount } items { month cardId amount { amount } }"
    at_once = await asked(billed, shown, months=[], cardIds=[card])
    assert at_once["invoice"] == {
        "amount": {"amount": "300.00"},
        "items": [{"month": None, "cardId": card, "amount": {"amount": "300.00"}}],
    }
    again = await asked(billed, months=[], cardIds=[card])
    assert (again["code"], again["path"]) == ("INVOICE_CONFLICT", ["cardIds"])
    await stated(billed)
    assert await items(billed) == [("2026-03", "1780.00")]
    assert (await asked(billed))["invoice"]["amount"]["amount"] == "1780.00"


async def test_what_is_credited_before_it_is_invoiced_is_deducted_from_its_own_statement(
    billed: Billed, finance: Api
) -> None:
    await paid(billed, finance, "9000.00")
    await stated(billed)
    await credit(finance, (await charges(billed))[0], "30.00")
    await billed.settle()
    assert await items(billed) == [("2026-03", "2170.00")]
    assert (await asked(billed))["invoice"]["amount"]["amount"] == "2170.00"
    await stated(billed, "2026-05-03T00:00:00")
    assert await items(billed) == [("2026-04", "3000.00")]


async def test_what_is_credited_after_it_was_invoiced_is_deducted_from_the_next_statement(
    billed: Billed, finance: Api
) -> None:
    await paid(billed, finance, "9000.00")
    await stated(billed)
    assert (await asked(billed))["invoice"]["amount"]["amount"] == MARCH
    await credit(finance, (await charges(billed))[0], "30.00")
    await billed.settle()
    assert await items(billed) == []
    await stated(billed, "2026-05-03T00:00:00")
    assert await items(billed) == [("2026-04", "2970.00")]
    both = await asked(billed, months=["2026-03", "2026-04"])
    assert (both["code"], both["path"]) == ("INVOICE_CONFLICT", ["months"])
    assert "2026-03" in both["message"]
    assert (await asked(billed, months=["2026-04", "2026-04"]))["invoice"]["amount"]["amount"] == "2970.00"


async def test_several_statements_make_one_invoice(billed: Billed, finance: Api) -> None:
    await paid(billed, finance, "9000.00")
    await stated(billed, "2026-05-03T00:00:00")
    made = await asked(billed, "amount { amount } items { month amount { amount } }", months=["2026-04", "2026-03"])
    assert made["invoice"] == {
        "amount": {"amount": "5200.00"},
        "items": [
            {"month": "2026-03", "amount": {"amount": MARCH}},
            {"month": "2026-04", "amount": {"amount": "3000.00"}},
        ],
    }


async def test_an_invoice_goes_from_request_to_its_number_or_its_reason(billed: Billed, finance: Api) -> None:
    await paid(billed, finance, "9000.00")
    await stated(billed)
    first = (await asked(billed))["invoice"]["id"]
    rejected = await finance.call("rejectInvoice", "invoice { state reason }", invoiceId=first, reason="wrong title")
    assert rejected["invoice"] == {"state": "REJECTED", "reason": "wrong title"}
    second = (await asked(billed))["invoice"]["id"]
    for _ in range(2):
        cancelled = await billed.api.call("cancelInvoice", "invoice { state }", invoiceId=second)
        assert cancelled["invoice"] == {"state": "CANCELLED"}
    third = (await asked(billed))["invoice"]["id"]
    for _ in range(2):
        issued = await finance.call("issueInvoice", "invoice { state number }", invoiceId=third, number="INV-1")
        assert issued["invoice"] == {"state": "ISSUED", "number": "INV-1"}
    for mutation, of in (("cancelInvoice", first), ("cancelInvoice", third)):
        assert (await billed.api.call(mutation, "invoice { id }", invoiceId=of))["code"] == "INVOICE_CONFLICT"
    await stated(billed, "2026-05-03T00:00:00")
    fourth = (await asked(billed, months=["2026-04"]))["invoice"]["id"]
    taken = await finance.call("issueInvoice", "invoice { id }", invoiceId=fourth, number="INV-1")
    assert (taken["code"], taken["path"]) == ("INVOICE_CONFLICT", ["number"])
    refused = await billed.api.call("issueInvoice", "invoice { id }", invoiceId=fourth, number="INV-2")
    assert refused["code"] == "PERMISSION_DENIED"
    listed = await finance.data("{ invoices(state: REJECTED, sandboxes: true) { nodes { id } } }")
    assert listed["invoices"]["nodes"] == [{"id": first}]
    assert await left(billed) == "3800.00"


async def issued(billed: Billed, finance: Api, number: str, **how: Any) -> str:
    """The global id of an invoice that was asked for and issued."""
    made = (await asked(billed, **how))["invoice"]["id"]
    done = await finance.call("issueInvoice", "invoice { state }", invoiceId=made, number=number)
    assert done["invoice"] == {"state": "ISSUED"}
    return str(made)


async def taken_back(who: Api, invoice: str, number: str, reason: str = "wrong tax number") -> dict[str, Any]:
    shown = "invoice { state number redNumber reason decidedAt takenBackAt }"
    return dict(await who.call("takeBackInvoice", shown, invoiceId=invoice, number=number, reason=reason))


async def test_what_an_invoice_covered_is_invoiced_again_once_it_is_taken_back(billed: Billed, finance: Api) -> None:
    await paid(billed, finance, "5000.00")
    await stated(billed)
    first = await issued(billed, finance, "INV-1")
    assert (await items(billed), await left(billed)) == ([], "2800.00")
    done = await asyncio.gather(*(taken_back(finance, first, "RED-1") for _ in "123"))
    assert done[0] == done[1] == done[2]
    shown = done[0]["invoice"]
    assert shown.pop("decidedAt")
    assert shown.pop("takenBackAt")
    assert shown == {"state": "TAKEN_BACK", "number": "INV-1", "redNumber": "RED-1", "reason": "wrong tax number"}
    assert (await items(billed), await left(billed)) == ([("2026-03", MARCH)], "5000.00")
    events = await billed.api.account(billed.account, "events(last: 1) { nodes { type reason after } }")
    said = {"invoice": first, "state": "TAKEN_BACK", "amountMinor": 220000, "currency": "CNY", "number": "INV-1"}
    assert events["events"]["nodes"] == [
        {"type": "invoice.taken_back", "reason": "wrong tax number", "after": said | {"redNumber": "RED-1"}}
    ]
    await issued(billed, finance, "INV-2")
    assert (await items(billed), await left(billed)) == ([], "2800.00")


async def test_what_was_credited_after_an_invoice_that_is_taken_back_is_deducted_from_its_own_statement(
    billed: Billed, finance: Api
) -> None:
    await paid(billed, finance, "9000.00")
    await stated(billed)
    first = await issued(billed, finance, "INV-1")
    await credit(finance, (await charges(billed))[0], "30.00")
    await billed.settle()
    await taken_back(finance, first, "RED-1")
    assert await items(billed) == [("2026-03", "2170.00")]
    await stated(billed, "2026-05-03T00:00:00")
    assert await items(billed) == [("2026-03", "2170.00"), ("2026-04", "3000.00")]
    again = await asked(billed, months=["2026-03", "2026-04"])
    assert again["invoice"]["amount"]["amount"] == "5170.00"


async def test_only_what_was_issued_is_taken_back_once_by_a_number_that_nothing_else_has(
    billed: Billed, finance: Api
) -> None:
    await paid(billed, finance, "9000.00")
    await stated(billed, "2026-05-03T00:00:00")
    march = (await asked(billed))["invoice"]["id"]
    early = await taken_back(finance, march, "RED-1")
    assert (early["code"], early["path"]) == ("INVOICE_CONFLICT", ["invoiceId"])
    assert "it is requested" in early["message"]
    await finance.call("issueInvoice", "invoice { id }", invoiceId=march, number="INV-1")
    april = await issued(billed, finance, "INV-2", months=["2026-04"])
    for number in ("INV-1", "INV-2"):
        refused = await taken_back(finance, march, number)
        assert (refused["code"], refused["path"]) == ("INVOICE_CONFLICT", ["number"])
    assert (await taken_back(finance, march, "RED-1"))["invoice"]["state"] == "TAKEN_BACK"
    for number, reason in (("RED-2", "wrong tax number"), ("RED-1", "another reason")):
        again = await taken_back(finance, march, number, reason)
        assert (again["code"], again["path"]) == ("INVOICE_CONFLICT", ["invoiceId"])
        assert "RED-1" in again["message"]
    refused = await taken_back(finance, april, "RED-1")
    assert (refused["code"], refused["path"]) == ("INVOICE_CONFLICT", ["number"])
    anew = (await asked(billed))["invoice"]["id"]
    refused = await finance.call("issueInvoice", "invoice { id }", invoiceId=anew, number="RED-1")
    assert (refused["code"], refused["path"]) == ("INVOICE_CONFLICT", ["number"])
    for number, reason, path in (("", "x", "number"), ("1" * 41, "x", "number"), ("RED-3", " ", "reason")):
        refused = await taken_back(finance, april, number, reason)
        assert (refused["code"], refused["path"]) == ("INVALID_INPUT", [path])
    assert (await taken_back(billed.api, april, "RED-3"))["code"] == "PERMISSION_DENIED"


async def test_of_two_who_take_a_number_at_once_one_is_refused(billed: Billed, finance: Api) -> None:
    await paid(billed, finance, "9000.00")
    await stated(billed, "2026-05-03T00:00:00")
    march = await issued(billed, finance, "INV-1")
    april = (await asked(billed, months=["2026-04"]))["invoice"]["id"]
    answers = await asyncio.gather(
        taken_back(finance, march, "N-1"),
        finance.call("issueInvoice", "invoice { state }", invoiceId=april, number="N-1"),
    )
    assert sorted(answer.get("code", "done") for answer in answers) == ["INVOICE_CONFLICT", "done"]


async def test_an_invoice_is_as_it_was_asked_for_whatever_becomes_of_the_books(billed: Billed, finance: Api) -> None:
    await paid(billed, finance, "9000.00")
    await stated(billed)
    title = await titled(billed.api, billed.account)
    to: dict[str, Any] = {"recipient": "王小明", "phone": "+86 10 5555 0100", "address": "北京市海淀区中关村大街 1 号"}
    added = await billed.api.call("addInvoiceAddress", "address { id }", accountId=billed.account, **to)
    address = added["address"]["id"]
    how = {"type": Enum("SPECIAL_VAT"), "medium": Enum("PAPER"), "addressId": address, "email": None}
    shown = "id type medium titleKind title taxNumber registeredAddress registeredPhone bank bankAccount email"
    made = await asked(billed, f"{shown} recipient phone address", titleId=title, **how)
    for mutation, removed in (
        ("removeInvoiceTitle", {"titleId": title}),
        ("removeInvoiceAddress", {"addressId": address}),
    ):
        done = await billed.api.call(mutation, "account { id }", **removed)
        assert done["account"]["id"] == billed.account
    books = await billed.api.account(
        billed.account, "invoiceTitles { totalCount } invoiceAddresses { totalCount } invoices { nodes { id title } }"
    )
    assert books == {
        "invoiceTitles": {"totalCount": 0},
        "invoiceAddresses": {"totalCount": 0},
        "invoices": {"nodes": [{"id": made["invoice"]["id"], "title": TITLE["name"]}]},
    }
    registered = {name: TITLE[name] for name in ("registeredAddress", "registeredPhone", "bank", "bankAccount")}
    assert made["invoice"] == {
        "id": made["invoice"]["id"],
        "type": "SPECIAL_VAT",
        "medium": "PAPER",
        "titleKind": "ENTERPRISE",
        "title": TITLE["name"],
        "taxNumber": TITLE["taxNumber"],
        **registered,
        "email": None,
        **to,
    }


@pytest.mark.parametrize(
    ("missing", "named"),
    [
        ("registeredAddress", "registered address"),
        ("registeredPhone", "registered phone"),
        ("bank", "bank"),
        ("bankAccount", "bank account"),
    ],
)
async def test_a_special_vat_invoice_needs_all_that_it_prints(billed: Billed, missing: str, named: str) -> None:
    title = await titled(billed.api, billed.account, **{missing: ""})
    refused = await asked(billed, titleId=title, type=Enum("SPECIAL_VAT"))
    assert (refused["code"], refused["path"]) == ("INVALID_INPUT", ["titleId"])
    assert f"a title with {named}:" in refused["message"]


async def test_a_special_vat_invoice_is_for_organisations_in_china(billed: Billed) -> None:
    person = await billed.api.call(
        "addInvoiceTitle", "title { id }", accountId=billed.account, title={"name": "张三", "kind": Enum("PERSONAL")}
    )
    abroad = await titled(billed.api, billed.account, country="DE", taxNumber="DE 136.695/976")
    for title in (person["title"]["id"], abroad):
        refused = await asked(billed, titleId=title, type=Enum("SPECIAL_VAT"))
        assert (refused["code"], refused["path"]) == ("INVALID_INPUT", ["titleId"])


@pytest.mark.parametrize(
    ("how", "code", "path"),
    [
        ({"email": None}, "INVALID_INPUT", ["email"]),
        ({"email": "nobody"}, "INVALID_INPUT", ["email"]),
        ({"medium": Enum("PAPER")}, "INVALID_INPUT", ["addressId"]),
        ({"months": []}, "INVALID_INPUT", ["months"]),
        ({"months": ["2026-3"]}, "INVALID_INPUT", ["months", "month"]),
        ({"months": ["2026-04"]}, "NOT_FOUND", ["months"]),
        ({"currency": "XYZ"}, "INVALID_INPUT", ["currency"]),
        ({"currency": "USD"}, "INVOICE_CONFLICT", ["months"]),
        ({"cardIds": ["nonsense"]}, "INVALID_INPUT", ["cardIds"]),
    ],
)
async def test_what_cannot_be_asked_for_is_refused_with_the_argument_at_fault(
    billed: Billed, finance: Api, how: dict[str, Any], code: str, path: list[str]
) -> None:
    await paid(billed, finance, "5000.00")
    await stated(billed)
    refused = await asked(billed, **how)
    assert (refused["code"], refused["path"]) == (code, path)


async def test_nobody_is_invoiced_to_by_anothers_books_or_over_anothers_cards(billed: Billed, finance: Api) -> None:
    await paid(billed, finance, "5000.00")
    bought = await billed.api.call("purchaseCard", "card { id }", accountId=billed.account, amount="300")
    theirs = await billed.api.call("createAccount", "account { id }", name="Acme Labs", sandbox=True)
    other = theirs["account"]["id"]
    title, own = await titled(billed.api, billed.account), await titled(billed.api, other)
    to: dict[str, Any] = {"recipient": "x", "phone": "010-55550100", "address": "y"}
    address = await billed.api.call("addInvoiceAddress", "address { id }", accountId=billed.account, **to)
    wrong: list[dict[str, Any]] = [
        {"titleId": title},
        {"titleId": own, "addressId": address["address"]["id"], "medium": Enum("PAPER")},
        {"titleId": own, "cardIds": [bought["card"]["id"]]},
    ]
    for how in wrong:
        refused = await billed.api.call(
            "requestInvoice", "invoice { id }", accountId=other, email="finance@example.com", **how
        )
        assert (refused["code"], refused["path"]) == (
            "NOT_FOUND",
            [next(name for name in ("cardIds", "addressId", "titleId") if name in how)],
        )


async def test_the_books_entries_are_on_record(billed: Billed) -> None:
    title = await titled(billed.api, billed.account)
    await billed.api.call("removeInvoiceTitle", "account { id }", titleId=title)
    events = (await billed.api.account(billed.account, "events(last: 2) { nodes { type before after } }"))["events"]
    said = {"title": TITLE["name"], "taxNumber": TITLE["taxNumber"]}
    assert events["nodes"] == [
        {"type": "invoice_title.added", "before": None, "after": said},
        {"type": "invoice_title.removed", "before": said, "after": None},
    ]
