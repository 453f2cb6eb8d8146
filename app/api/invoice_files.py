"""The sellers' files of invoices: ``/invoices/{id}/file``, with the API's bearer tokens."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from tortoise.transactions import in_transaction

from app.accounts.models import StaffRole
from app.api.context import Context
from app.api.downloads import refused
from app.api.node import decode_id, encode_id
from app.errors import BillingError, NotFound
from app.events.broker import EventBroker
from app.invoices.files import ENDINGS, attach_file, file_of
from app.settlement.host import ChannelHost


def path_of(invoice_id: UUID) -> str:
    """The path of an invoice's file."""
    return f"/invoices/{encode_id('Invoice', invoice_id)}/file"


async def may_read(context: Context, account_id: UUID) -> bool:
    """Whether the viewer may read files of the account's invoices: its members and finance staff may."""
    viewer = await context.viewer()
    return (viewer is not None and account_id in viewer.memberships) or await context.is_staff(StaffRole.FINANCE)


def invoice_files(host: ChannelHost, broker: EventBroker) -> Route:
    """The route. GET answers with the file; POST, whose body is the file, attaches it, for finance staff."""
    return Route("/invoices/{invoice}/file", partial(_serve, host=host, broker=broker), methods=["GET", "POST"])


async def _serve(request: Request, host: ChannelHost, broker: EventBroker) -> Response:
    context = Context(request, host, broker)
    try:
        key = decode_id(request.path_params["invoice"], "Invoice", "invoice")
        return await (_attach if request.method == "POST" else _answer)(request, context, key)
    except BillingError as error:
        return refused(error, context.locale)


async def _attach(request: Request, context: Context, key: UUID) -> Response:
    await context.staff(StaffRole.FINANCE)
    content = await request.body()
    async with in_transaction():
        file = await attach_file(key, content, await context.staff(StaffRole.FINANCE))
    return JSONResponse({"mediaType": file.media_type, "size": file.size})


async def _answer(request: Request, context: Context, key: UUID) -> Response:
    await context.signed_in()
    file = await file_of(key)
    if not await may_read(context, file.invoice.account_id):
        raise NotFound(what="invoice", path=("invoice",))
    headers = {
        "Content-Disposition": f'attachment; filename="invoice.{ENDINGS[file.media_type]}"',
        "Cache-Control": "private, no-cache",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(file.content, media_type=file.media_type, headers=headers)
