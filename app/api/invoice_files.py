"""The sellers' files: ``/invoices/{id}/file``, and ``red-file`` of the red invoice, with the API's bearer tokens, or by
a link."""

from __future__ import annotations

import re
from functools import partial
from uuid import UUID

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from tortoise.transactions import in_transaction

from app.accounts.models import StaffRole
from app.api.auditing import note_mutation, note_reads
from app.api.context import Context
from app.api.downloads import refused
from app.api.links import FileContext
from app.api.node import decode_id, encode_id
from app.audit.recording import SUCCESS
from app.errors import BillingError, NotFound
from app.events.broker import EventBroker
from app.invoices.files import ENDINGS, attach_file, file_of
from app.invoices.models import Document, InvoiceFile
from app.settlement.host import ChannelHost

PLACES = {Document.INVOICE: "file", Document.RED_INVOICE: "red-file"}
NAMES = {Document.INVOICE: "invoice", Document.RED_INVOICE: "red-invoice"}


def path_of(invoice_id: UUID, document: Document) -> str:
    """The path of a document's file."""
    return f"/invoices/{encode_id('Invoice', invoice_id)}/{PLACES[document]}"


async def may_read(context: Context, account_id: UUID) -> bool:
    """Whether the viewer may read files of the account's invoices: its members and finance staff may."""
    viewer = await context.viewer()
    if viewer is not None and account_id in viewer.memberships:
        return True
    context.read_as_staff.add(account_id)
    return await context.is_staff(StaffRole.FINANCE)


def invoice_files(host: ChannelHost, broker: EventBroker) -> list[Route]:
    """The routes. GET answers with the file; POST, whose body is the file, attaches it, for finance staff."""
    return [
        Route(
            f"/invoices/{{invoice}}/{place}",
            partial(_serve, document=document, host=host, broker=broker),
            methods=["GET", "POST"],
        )
        for document, place in PLACES.items()
    ]


async def _serve(request: Request, document: Document, host: ChannelHost, broker: EventBroker) -> Response:
    context = FileContext(request, host, broker)
    try:
        key = decode_id(request.path_params["invoice"], "Invoice", "invoice")
        answer = await (_attach if request.method == "POST" else _answer)(request, context, key, document)
        await note_reads(context, f"read: {request.url.path}")
        return answer
    except BillingError as error:
        return refused(error, context.locale)


async def _attach(request: Request, context: Context, key: UUID, document: Document) -> Response:
    await context.staff(StaffRole.FINANCE)
    content = await request.body()
    async with in_transaction():
        await note_mutation(context, f"POST {path_of(key, document)}", {}, SUCCESS)
        file = await attach_file(key, document, content, await context.staff(StaffRole.FINANCE))
    return JSONResponse({"mediaType": file.media_type, "size": file.size})


async def _answer(request: Request, context: Context, key: UUID, document: Document) -> Response:
    await context.signed_in()
    file = await file_of(key, document)
    if not await may_read(context, file.invoice.account_id):
        raise NotFound(what="invoice", path=("invoice",))
    headers = {
        "Content-Disposition": f'attachment; filename="{_name(file, document)}.{ENDINGS[file.media_type]}"',
        "Cache-Control": "private, no-cache",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(file.content, media_type=file.media_type, headers=headers)


def _name(file: InvoiceFile, document: Document) -> str:
    """What the file is saved as: by its number, of which a header carries letters, digits and hyphens."""
    number = file.invoice.number if document is Document.INVOICE else file.invoice.red_number
    return "-".join([NAMES[document], *re.findall(r"[0-9A-Za-z]+", number or "")])
