"""Statements as files: ``/statements/{account}/{month}.{form}``, with the API's bearer tokens, or by a link."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route
from strawberry import ID

from app.accounts.models import Account
from app.api.auditing import note_reads
from app.api.context import Context
from app.api.links import FileContext
from app.api.node import decode_id
from app.errors import BillingError, InvalidInput, NotFound, Overloaded, PermissionDenied, Unauthenticated
from app.events.broker import EventBroker
from app.settings import get_settings
from app.settlement.host import ChannelHost
from app.statements import focus, tables
from app.statements.monthly import MonthlyStatement, statement_of
from app.statements.printed import as_pdf

STATUS: dict[type[BillingError], int] = {Unauthenticated: 401, PermissionDenied: 403, NotFound: 404, Overloaded: 503}
FORMS = ("csv", "daily.csv", "income-expense.csv", "focus.csv", "pdf")


def path_of(account: ID, month: str, form: str) -> str:
    """The path of an account's statement in one of ``FORMS``; ``account`` is its global id."""
    return f"/statements/{account}/{month}.{form}"


def downloads(host: ChannelHost, broker: EventBroker) -> Route:
    """The route. ``?lang=zh`` or ``en`` names the language of a PDF; by default Accept-Language does. With ``?bom`` a
    CSV file begins with a byte order mark, for spreadsheets."""
    return Route("/statements/{account}/{file}", partial(_download, host=host, broker=broker), methods=["GET"])


async def _download(request: Request, host: ChannelHost, broker: EventBroker) -> Response:
    context = FileContext(request, host, broker)
    try:
        answer = await _answer(request, context)
        await note_reads(context, f"read: {request.url.path}")
        return answer
    except BillingError as error:
        return refused(error, context.locale)


def refused(error: BillingError, locale: str) -> Response:
    """A refusal as the answer of a route."""
    status = next((status for kind, status in STATUS.items() if isinstance(error, kind)), 400)
    body = {"code": error.code, "message": error.message(locale), "path": list(error.path)}
    return JSONResponse(body, status, headers={"WWW-Authenticate": "Bearer"} if status == 401 else None)


async def _answer(request: Request, context: Context) -> Response:
    await context.signed_in()
    key = decode_id(request.path_params["account"], "Account", "account")
    month, _, form = request.path_params["file"].partition(".")
    if form not in FORMS:
        raise InvalidInput(
            reason_en=f"the file must end in one of {', '.join(FORMS)}",
            reason_zh=f"文件扩展名须为 {', '.join(FORMS)} 之一",
            path=("file",),
        )
    locale = request.query_params.get("lang", context.locale)
    if locale not in ("zh", "en"):
        raise InvalidInput(reason_en="lang must be zh or en", reason_zh="lang 必须是 zh 或 en", path=("lang",))
    account = await Account.get_or_none(id=key) if await context.may_see(key) else None
    if account is None:
        raise NotFound(what="account", path=("account",))
    statement = await statement_of(account, month)
    name = statement.issued.number if statement.issued else f"{month}-provisional"
    headers = {"Content-Disposition": f'attachment; filename="{name}.{form}"', "Cache-Control": "private, no-cache"}
    vendor = get_settings().vendor_name
    if form == "pdf":
        pdf = await as_pdf(statement, locale, vendor, context.host.names(locale))
        return Response(pdf, media_type="application/pdf", headers=headers)
    text = tables.as_csv(_rows(statement, form, vendor), "bom" in request.query_params)
    return StreamingResponse(text, media_type="text/csv; charset=utf-8; header=present", headers=headers)


def _rows(statement: MonthlyStatement, form: str, vendor: str) -> AsyncIterator[tables.Row]:
    match form:
        case "focus.csv":
            return focus.rows(statement, vendor)
        case "daily.csv":
            return tables.daily(statement)
        case "income-expense.csv":
            return tables.cash_flow(statement)
        case _:
            return tables.charges(statement)
