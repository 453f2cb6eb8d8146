"""Real names: staff verify the organisation, and where the vendor asks for it invoices are for that one alone."""

from __future__ import annotations

from typing import Any

import pytest

from app.settings import get_settings
from tests.api.driver import Api
from tests.api.wallets import TITLE, titled, topped_up
from tests.statements.conftest import Billed, billed, finance

__all__ = ["billed", "finance"]
COMPANY: dict[str, Any] = {"name": TITLE["name"], "taxNumber": TITLE["taxNumber"]}
SHOWN = "verification { id state reason }"


@pytest.fixture
def asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """The vendor wants organisations verified."""
    monkeypatch.setattr(get_settings(), "invoice_requires_verification", True)


async def submitted(billed: Billed, **company: Any) -> Any:
    given = COMPANY | company
    return await billed.api.call("submitCompanyVerification", SHOWN, accountId=billed.account, **given)


async def invoice(billed: Billed, card: str, **title: Any) -> Any:
    return await billed.api.call(
        "requestInvoice",
        "invoice { id }",
        accountId=billed.account,
        titleId=await titled(billed.api, billed.account, **title),
        cardIds=[card],
        email="finance@example.com",
    )


async def bought(billed: Billed, finance: Api) -> str:
    await topped_up(billed.api, finance, billed.account, "500.00")
    card = await billed.api.call("purchaseCard", "card { id }", accountId=billed.account, amount="100")
    return str(card["card"]["id"])


async def test_invoices_wait_for_staff_to_verify_whom_they_are_for(
    billed: Billed, finance: Api, asked_for: None
) -> None:
    card = await bought(billed, finance)
    refused = await invoice(billed, card)
    assert (refused["code"], refused["operations"]) == ("VERIFICATION_REQUIRED", ["submitCompanyVerification"])
    first = (await submitted(billed))["verification"]["id"]
    assert (await invoice(billed, card))["code"] == "VERIFICATION_REQUIRED"
    rejected = await finance.call("rejectCompany", SHOWN, verificationId=first, reason="no such company")
    assert rejected["verification"] == {"id": first, "state": "REJECTED", "reason": "no such company"}
    assert (await invoice(billed, card))["code"] == "VERIFICATION_REQUIRED"
    second = (await submitted(billed))["verification"]["id"]
    for _ in range(2):
        done = await finance.call("verifyCompany", SHOWN, verificationId=second)
        assert done["verification"]["state"] == "VERIFIED"
    for other in ({"name": "另一家公司"}, {"taxNumber": "91350100M000100Y43"}, {"country": "DE", "taxNumber": "1"}):
        refused = await invoice(billed, card, **other)
        assert (refused["code"], refused["path"]) == ("VERIFICATION_REQUIRED", ["titleId"])
        assert TITLE["taxNumber"] in refused["message"]
    assert (await invoice(billed, card))["__typename"] == "RequestInvoiceSuccess"


async def test_nobody_is_asked_who_the_vendor_does_not_ask(billed: Billed, finance: Api) -> None:
    assert (await invoice(billed, await bought(billed, finance)))["__typename"] == "RequestInvoiceSuccess"


async def test_who_was_verified_counts_until_another_is(billed: Billed, finance: Api, asked_for: None) -> None:
    card = await bought(billed, finance)
    await finance.call("verifyCompany", SHOWN, verificationId=(await submitted(billed))["verification"]["id"])
    renamed = (await submitted(billed, name="示例科技集团有限公司"))["verification"]["id"]
    shown = "verifiedCompany { name } companyVerifications { nodes { state } }"
    found = await billed.api.account(billed.account, shown)
    assert found == {
        "verifiedCompany": {"name": TITLE["name"]},
        "companyVerifications": {"nodes": [{"state": "VERIFIED"}, {"state": "SUBMITTED"}]},
    }
    await finance.call("verifyCompany", SHOWN, verificationId=renamed)
    assert (await invoice(billed, card))["code"] == "VERIFICATION_REQUIRED"
    assert (await invoice(billed, card, name="示例科技集团有限公司"))["__typename"] == "RequestInvoiceSuccess"


async def test_what_was_decided_stays_and_one_is_decided_at_a_time(billed: Billed, finance: Api) -> None:
    first = (await submitted(billed))["verification"]["id"]
    again = await submitted(billed)
    assert again["code"] == "VERIFICATION_CONFLICT"
    await finance.call("verifyCompany", SHOWN, verificationId=first)
    late = await finance.call("rejectCompany", SHOWN, verificationId=first, reason="x")
    assert (late["code"], late["path"]) == ("VERIFICATION_CONFLICT", ["verificationId"])
    second = (await submitted(billed))["verification"]["id"]
    await finance.call("rejectCompany", SHOWN, verificationId=second, reason="x")
    late = await finance.call("verifyCompany", SHOWN, verificationId=second)
    assert (late["code"], late["path"]) == ("VERIFICATION_CONFLICT", ["verificationId"])


@pytest.mark.parametrize(
    ("company", "field"),
    [({"name": " "}, "name"), ({"taxNumber": "91110000600037341M"}, "taxNumber"), ({"country": "xx"}, "country")],
)
async def test_a_wrong_company_is_refused(billed: Billed, company: dict[str, str], field: str) -> None:
    refused = await submitted(billed, **company)
    assert (refused["code"], refused["path"]) == ("INVALID_INPUT", [field])


async def test_staff_see_what_waits_for_them_and_nobody_else_decides(billed: Billed, finance: Api) -> None:
    made = (await submitted(billed))["verification"]["id"]
    refused = await billed.api.call("verifyCompany", SHOWN, verificationId=made)
    assert refused["code"] == "PERMISSION_DENIED"
    document = (
        "query ($state: VerificationState) { companyVerifications(state: $state, sandboxes: true) { nodes { id } } }"
    )
    for state, found in (("SUBMITTED", [{"id": made}]), ("VERIFIED", [])):
        assert (await finance.data(document, state=state))["companyVerifications"]["nodes"] == found
    await finance.call("rejectCompany", SHOWN, verificationId=made, reason="no such company")
    events = await billed.api.account(billed.account, "events(last: 2) { nodes { type after reason } }")
    said = {"company": TITLE["name"], "taxNumber": TITLE["taxNumber"]}
    assert events["events"]["nodes"] == [
        {"type": "company.submitted", "after": said, "reason": None},
        {"type": "company.rejected", "after": said, "reason": "no such company"},
    ]
