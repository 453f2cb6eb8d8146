"""``POST /usage/bulk``: usage of many deployments and hours as a stream of NDJSON or CSV, signed by the collector."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import math
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
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
GRACE_SECONDS = 30.0
LEAST_RATE = 64 * 1024
FAST = 1024 * 1024
"""Bytes a second: what an upload has at least over its whole time after ``GRACE_SECONDS``, and what it needs to keep
its place, after ``SETTLED_SECONDS``, when others wait for one."""
SETTLED_SECONDS = 10.0
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


class Upload:
    """An upload in hand: how much there is of it, and until when more is to come."""

    def __init__(self) -> None:
        self.size = 0
        self._begun = asyncio.get_running_loop().time()
        self._ends = asyncio.timeout_at(self._begun + GRACE_SECONDS)

    @asynccontextmanager
    async def in_time(self) -> AsyncIterator[None]:
        """While it is fast enough.

        Raises:
            UploadTooSlow: it is not.
        """
        try:
            async with self._ends:
                yield
        except TimeoutError:
            raise UploadTooSlow(rate=LEAST_RATE // 1024, seconds=GRACE_SECONDS) from None

    def came(self, size: int) -> None:
        """More of it came."""
        self.size += size
        if not self._ends.expired():
            self._ends.reschedule(self._begun + GRACE_SECONDS + self.size / LEAST_RATE)

    def is_here(self) -> None:
        """All of it came: from now on it takes as long as it takes."""
        self._ends.reschedule(None)

    def rate(self) -> float:
        """Bytes a second; one that has just begun is as fast as can be."""
        age = asyncio.get_running_loop().time() - self._begun
        waits = self._ends.when() is not None and not self._ends.expired()
        return self.size / age if waits and age > SETTLED_SECONDS else math.inf

    def give_way(self) -> None:
        """Leave its place to another."""
        self._ends.reschedule(asyncio.get_running_loop().time())


_uploading: dict[UUID, Upload] = {}


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
    with _upload_of(key.account_id) as upload, SpooledTemporaryFile(max_size=PIECE) as body:
        async with upload.in_time():
            await _receive(request, body, upload)
            upload.is_here()
        async with lanes_of(request).bulk, in_transaction():
            await find_access_key(key.ak)
            await remember_nonce(nonce)
            bulk = await Bulk.begin(form, key.account_id)
            while piece := await asyncio.to_thread(body.read, PARSED):
                await bulk.feed(piece)
            return await bulk.add()


@contextmanager
def _upload_of(account_id: UUID) -> Iterator[Upload]:
    """A place among the uploads of this process, one for an account; where all are taken, the slowest gives way.

    Raises:
        TooManyUploads: it has one, or all places are taken.
    """
    if account_id in _uploading:
        raise TooManyUploads()
    if len(_uploading) >= get_settings().bulk_uploads:
        slowest = min(_uploading.values(), key=Upload.rate)
        if slowest.rate() >= FAST:
            raise TooManyUploads()
        slowest.give_way()
    _uploading[account_id] = upload = Upload()
    try:
        yield upload
    finally:
        del _uploading[account_id]


async def _receive(request: Request, body: SpooledTemporaryFile[bytes], upload: Upload) -> None:
    """Write the request's body into a file, and go back to its begin.

    Raises:
        LimitExceeded: it is too long.
        InvalidSignature: it does not have the digest that was signed.
    """
    chunks, digest = request.stream(), hashlib.sha256()
    while piece := await _next_piece(chunks, upload):
        if upload.size > MOST_BYTES:
            raise LimitExceeded(limit=MOST_BYTES, actual=f"over {MOST_BYTES}")
        digest.update(piece)
        await asyncio.to_thread(body.write, piece)
    named = DIGEST.search(request.headers.get("content-digest", ""))
    if named is None or base64.b64encode(digest.digest()).decode() != named.group(1):
        raise InvalidSignature(reason="Content-Digest needs sha-256, and the body does not have that digest")
    await asyncio.to_thread(body.seek, 0)


async def _next_piece(chunks: AsyncIterator[bytes], upload: Upload) -> bytes:
    """A mebibyte, or what is left."""
    piece = bytearray()
    async for chunk in chunks:
        piece += chunk
        upload.came(len(chunk))
        if len(piece) >= PIECE:
            break
    return bytes(piece)
