"""The seller's file of an invoice: PDF or OFD, for the account's members and finance staff."""

from __future__ import annotations

from io import BytesIO
from zipfile import ZipFile

import httpx
import pytest

from app.accounts.models import StaffRole
from app.api.node import encode_id
from app.clock import now
from app.invoices.files import MOST_BYTES
from app.invoices.models import Invoice, InvoiceFile, InvoiceMedium, InvoiceState, InvoiceType, TitleKind
from tests.api.driver import Api, joined, registered
from tests.api.wallets import staff
from tests.statements.conftest import Billed, billed, finance

__all__ = ["billed", "finance"]
PDF = b"%PDF-1.7\n%invoice"
NUMBER = "26112000000123456789"


def ofd(entry: str = "OFD.xml") -> bytes:
    """A document after GB/T 33190, as far as it is looked at."""
    archive = BytesIO()
    with ZipFile(archive, "w") as written:
        written.writestr(entry, "<ofd/>")
    return archive.getvalue()


@pytest.fixture
async def invoice(billed: Billed) -> str:
    """The global id of an issued invoice."""
    made = await Invoice.create(
        account_id=billed.key,
        state=InvoiceState.ISSUED,
        type=InvoiceType.GENERAL_VAT,
        medium=InvoiceMedium.ELECTRONIC,
        title_kind=TitleKind.PERSONAL,
        title="张三",
        country="CN",
        email="a@acme.example",
        amount_minor=1,
        currency="CNY",
        requested_by="x",
        requested_at=now(),
        number=NUMBER,
    )
    return str(encode_id("Invoice", made.id))


async def sent(who: Api, invoice: str, content: bytes, place: str = "file") -> httpx.Response:
    return await who.http.post(f"http://billing.test/invoices/{invoice}/{place}", content=content, headers=signed(who))


async def had(who: Api, invoice: str, place: str = "file") -> httpx.Response:
    return await who.http.get(f"http://billing.test/invoices/{invoice}/{place}", headers=signed(who))


def signed(who: Api) -> dict[str, str]:
    return {"Authorization": f"Bearer {who.token}"} if who.token else {}


@pytest.mark.parametrize(("content", "ending"), [(PDF, "pdf"), (ofd(), "ofd")])
async def test_a_file_is_had_as_it_was_attached(
    billed: Billed, finance: Api, invoice: str, content: bytes, ending: str
) -> None:
    media_type = f"application/{ending}"
    assert (await had(billed.api, invoice)).status_code == 404
    for _ in range(2):
        answer = await sent(finance, invoice, content)
        assert (answer.status_code, answer.json()) == (200, {"mediaType": media_type, "size": len(content)})
    file = await had(billed.api, invoice)
    assert (file.status_code, file.content, file.headers["content-type"]) == (200, content, media_type)
    assert file.headers["content-disposition"] == f'attachment; filename="invoice-{NUMBER}.{ending}"'
    assert file.headers["x-content-type-options"] == "nosniff"
    document = "query ($id: ID!) { node(id: $id) { ... on Invoice { file { mediaType size path } } } }"
    shown = (await billed.api.data(document, id=invoice))["node"]["file"]
    linked = await billed.api.http.get(f"http://test{shown.pop('path')}")
    assert (linked.status_code, linked.content) == (200, content)
    assert shown == {"mediaType": media_type, "size": len(content)}
    events = await billed.api.account(billed.account, "events { nodes { type after } }")
    said = {"invoice": invoice, "number": NUMBER, "mediaType": media_type}
    attached = [one["after"] for one in events["events"]["nodes"] if one["type"] == "invoice.file_attached"]
    assert attached == [said]


async def test_a_file_is_replaced(billed: Billed, finance: Api, invoice: str) -> None:
    for content in (PDF, ofd()):
        assert (await sent(finance, invoice, content)).status_code == 200
    assert (await had(billed.api, invoice)).content == ofd()
    assert await InvoiceFile.all().count() == 1


async def test_the_red_invoice_has_a_file_of_its_own(billed: Billed, finance: Api, invoice: str) -> None:
    await sent(finance, invoice, PDF)
    early = await sent(finance, invoice, ofd(), "red-file")
    assert (early.status_code, early.json()["code"]) == (400, "INVOICE_CONFLICT")
    done = await finance.call("takeBackInvoice", "invoice { id }", invoiceId=invoice, number="RED-1", reason="x")
    assert done["invoice"] == {"id": invoice}
    assert (await had(billed.api, invoice, "red-file")).status_code == 404
    assert (await sent(finance, invoice, ofd(), "red-file")).status_code == 200
    files = [await had(billed.api, invoice, place) for place in ("file", "red-file")]
    assert [file.content for file in files] == [PDF, ofd()]
    assert files[1].headers["content-disposition"] == 'attachment; filename="red-invoice-RED-1.ofd"'
    document = "query ($id: ID!) { node(id: $id) { ... on Invoice { file { path } redFile { path mediaType } } } }"
    shown = (await billed.api.data(document, id=invoice))["node"]
    linked = [await billed.api.http.get(f"http://test{shown[name]['path']}") for name in ("file", "redFile")]
    assert [file.content for file in linked] == [PDF, ofd()]
    by_link = await finance.http.post(f"http://test{shown['redFile']['path']}", content=ofd())
    assert by_link.status_code == 401, "a link is to read by"
    stranger, _ = await registered(Api(finance.http))
    assert (await had(stranger, invoice, "red-file")).status_code == 404
    assert (await sent(billed.api, invoice, PDF, "red-file")).status_code == 403
    events = await billed.api.account(billed.account, "events(last: 1) { nodes { after } }")
    said = {"invoice": invoice, "number": "RED-1", "mediaType": "application/ofd"}
    assert events["events"]["nodes"] == [{"after": said}]
    assert (await sent(finance, invoice, ofd())).status_code == 200
    assert await InvoiceFile.all().count() == 2


async def test_only_members_and_finance_staff_have_it(api: Api, billed: Billed, finance: Api, invoice: str) -> None:
    await sent(finance, invoice, PDF)
    (stranger, _), (viewer, _) = await registered(api), await registered(api)
    await joined(billed.api, billed.account, viewer, "VIEWER")
    others = [await staff(api, [role]) for role in (StaffRole.ACCOUNT_MANAGER, StaffRole.OPERATOR)]
    asking = (finance, billed.api, viewer, stranger, *others, Api(api.http))
    assert [(await had(one, invoice)).status_code for one in asking] == [200, 200, 200, 404, 404, 404, 401]
    document = "query ($id: ID!) { node(id: $id) { ... on Invoice { file { size } } } }"
    assert (await others[0].data(document, id=invoice))["node"] == {"file": None}


async def test_only_finance_staff_attach_it(api: Api, billed: Billed, invoice: str) -> None:
    others = [await staff(api, [role]) for role in (StaffRole.ACCOUNT_MANAGER, StaffRole.OPERATOR)]
    answers = [await sent(one, invoice, PDF) for one in (billed.api, *others, Api(api.http))]
    assert [answer.status_code for answer in answers] == [403, 403, 403, 401]
    assert answers[0].json()["code"] == "PERMISSION_DENIED"
    assert await InvoiceFile.all().count() == 0


@pytest.mark.parametrize(
    "content",
    [b"", b"<html><script>", b" %PDF-1.7", ofd("evil.xml"), ofd()[:-30], PDF + b"x" * MOST_BYTES, b"PK\x03\x04"],
    ids=range(7),
)
async def test_what_is_no_invoice_is_refused(billed: Billed, finance: Api, invoice: str, content: bytes) -> None:
    answer = await sent(finance, invoice, content)
    assert (answer.status_code, answer.json()["code"], answer.json()["path"]) == (400, "INVALID_INPUT", ["file"])
    assert await InvoiceFile.all().count() == 0


async def test_a_request_has_no_file_before_it_is_issued(billed: Billed, finance: Api, invoice: str) -> None:
    await Invoice.all().update(state=InvoiceState.REQUESTED, number=None)
    answer = await sent(finance, invoice, PDF)
    assert (answer.status_code, answer.json()["code"]) == (400, "INVOICE_CONFLICT")


async def test_an_id_that_is_none_is_refused(billed: Billed, finance: Api) -> None:
    for wrong, status in (("nonsense", 400), (billed.account, 400), (encode_id("Invoice", billed.key), 404)):
        assert (await sent(finance, wrong, PDF)).status_code == status
        assert (await had(finance, wrong)).status_code == status
