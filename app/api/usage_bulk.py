"""``POST /usage/bulk``: usage of many deployments and hours as a stream of NDJSON or CSV, signed by the collector."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from tempfile import SpooledTemporaryFile
from uuid import UUID

from starlette.requests import Request
from starlette.responses import JSONResponse
from tortoise.transactions import in_transaction

from app.api.context import named_key, preferred_locale, verified_nonce
from app.api.lanes import lanes_of
from app.deployments.nonces import remember_nonce
from app.deployments.queries import find_access_key
from app.errors import (
    BillingError,
    BulkRefused,
    InvalidCredentials,
    InvalidInput,
    InvalidSignature,
    LimitExceeded,
    Overloaded,
    ReplayedRequest,
    TooManyUploads,
    UploadTooSlow,
)
from app.settings import get_settings
from app.usage.bulk import Bulk, BulkResult

FORMS = {"application/x-ndjson": "ndjson", "text/csv": "csv"}
MOST_BYTES = 1024 * 1024 * 1024
PIECE = 1024 * 1024
SECONDS_A_PIECE = 30.0
PARSED = 65_536
DIGEST = re.compile(r"(?:^|,)\s*sha-256=:([A-Za-z0-9+/]+={0,2}):")
STATUS: dict[type[BillingError], int] = {
    InvalidSignature: 401,
    InvalidCredentials: 401,
    UploadTooSlow: 408,
    ReplayedRequest: 409,
    LimitExceeded: 413,
    BulkRefused: 422,
    Overloaded: 503,
    TooManyUploads: 503,
}
HEADERS = {UploadTooSlow: {"Connection": "close"}, TooManyUploads: {"Retry-After": "30"}}
_uploading: set[UUID] = set()


async def usage_bulk(request: Request) -> JSONResponse:
    """Add every line of the body, or none. 200 ``{"lines", "hours"}``, else ``{"code", "message", "lines"}``."""
    try:
        return JSONResponse(asdict(await _take_in(request)))
    except BillingError as error:
        locale = preferred_locale(request.headers.get("accept-language", ""))
        lines = [line.as_json(locale) for line in error.params.get("lines", ())]
        answer = {"code": error.code, "message": error.message(locale), "lines": lines}
        return JSONResponse(answer, STATUS.get(type(error), 400), HEADERS.get(type(error)))


async def _take_in(request: Request) -> BulkResult:
    """The signature covers the digest, so it is checked before one byte is read; the digest when all are.

    Only then does a transaction begin: while an upload may stall, it holds no connection.
    """
    form = FORMS.get(request.headers.get("content-type", "").partition(";")[0].strip().lower())
    if form is None:
        raise InvalidInput(
            reason_en=f"Content-Type must be {' or '.join(FORMS)}", reason_zh=f"Content-Type 须为 {' 或 '.join(FORMS)}"
        )
    key = await find_access_key(named_key(request))
    nonce = verified_nonce(request, None, key)
    with _upload_of(key.account_id), SpooledTemporaryFile(max_size=PIECE) as body:
        await _receive(request, body)
        async with lanes_of(request).bulk, in_transaction():
            await find_access_key(key.ak)
            await remember_nonce(nonce)
            bulk = await Bulk.begin(form, key.account_id)
            while piece := await asyncio.to_thread(body.read, PARSED):
                await bulk.feed(piece)
            return await bulk.add()


@contextmanager
def _upload_of(account_id: UUID) -> Iterator[None]:
    """A place among the uploads of this process, one for an account.

    Raises:
        TooManyUploads: it has one, or all places are taken.
    """
    if account_id in _uploading or len(_uploading) >= get_settings().bulk_uploads:
        raise TooManyUploads()
    _uploading.add(account_id)
    try:
        yield
    finally:
        _uploading.remove(account_id)


async def _receive(request: Request, body: SpooledTemporaryFile[bytes]) -> None:
    """Write the request's body into a file, and go back to its begin.

    Raises:
        UploadTooSlow, LimitExceeded: it takes too long, or is too long.
        InvalidSignature: it does not have the digest that was signed.
    """
    chunks, digest, size = request.stream(), hashlib.sha256(), 0
    while piece := await _next_piece(chunks):
        size += len(piece)
        if size > MOST_BYTES:
            raise LimitExceeded(limit=MOST_BYTES, actual=f"over {MOST_BYTES}")
        digest.update(piece)
        await asyncio.to_thread(body.write, piece)
    named = DIGEST.search(request.headers.get("content-digest", ""))
    if named is None or base64.b64encode(digest.digest()).decode() != named.group(1):
        raise InvalidSignature(reason="Content-Digest needs sha-256, and the body does not have that digest")
    await asyncio.to_thread(body.seek, 0)


async def _next_piece(chunks: AsyncIterator[bytes]) -> bytes:
    """A mebibyte, or what is left."""
    piece = bytearray()
    try:
        async with asyncio.timeout(SECONDS_A_PIECE):
            async for chunk in chunks:
                piece += chunk
                if len(piece) >= PIECE:
                    break
    except TimeoutError:
        raise UploadTooSlow(size=PIECE, seconds=SECONDS_A_PIECE) from None
    return bytes(piece)
