"""``POST /usage/bulk``: usage of many deployments and hours as a stream of NDJSON or CSV, signed by the collector."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import asdict

from starlette.requests import Request
from starlette.responses import JSONResponse
from tortoise.transactions import in_transaction

from app.accounts.identity import find_access_key, remember_nonce
from app.api.context import named_key, preferred_locale, verified_nonce
from app.errors import (
    BillingError,
    BulkRefused,
    InvalidCredentials,
    InvalidInput,
    InvalidSignature,
    LimitExceeded,
    ReplayedRequest,
)
from app.usage.bulk import Bulk, BulkResult

FORMS = {"application/x-ndjson": "ndjson", "text/csv": "csv"}
MOST_BYTES = 1024 * 1024 * 1024
DIGEST = re.compile(r"(?:^|,)\s*sha-256=:([A-Za-z0-9+/]+={0,2}):")
STATUS: dict[type[BillingError], int] = {
    InvalidSignature: 401,
    InvalidCredentials: 401,
    ReplayedRequest: 409,
    LimitExceeded: 413,
    BulkRefused: 422,
}


async def usage_bulk(request: Request) -> JSONResponse:
    """Add every line of the body, or none. 200 ``{"lines", "hours"}``, else ``{"code", "message", "lines"}``."""
    try:
        return JSONResponse(asdict(await _take_in(request)))
    except BillingError as error:
        locale = preferred_locale(request.headers.get("accept-language", ""))
        lines = [line.told(locale) for line in error.params.get("lines", ())]
        answer = {"code": error.code, "message": error.message(locale), "lines": lines}
        return JSONResponse(answer, status_code=STATUS.get(type(error), 400))


async def _take_in(request: Request) -> BulkResult:
    """The signature covers the digest, so it is checked before one byte is read; the digest when all are."""
    form = FORMS.get(request.headers.get("content-type", "").partition(";")[0].strip().lower())
    if form is None:
        raise InvalidInput(
            reason_en=f"Content-Type must be {' or '.join(FORMS)}", reason_zh=f"Content-Type 须为 {' 或 '.join(FORMS)}"
        )
    async with in_transaction():
        key = await find_access_key(named_key(request))
        await remember_nonce(verified_nonce(request, None, key))
        bulk = await Bulk.begin(form, key.account_id)
        digest, size = hashlib.sha256(), 0
        async for chunk in request.stream():
            size += len(chunk)
            if size > MOST_BYTES:
                raise LimitExceeded(limit=MOST_BYTES, actual=f"over {MOST_BYTES}")
            digest.update(chunk)
            await bulk.feed(chunk)
        named = DIGEST.search(request.headers.get("content-digest", ""))
        if named is None or base64.b64encode(digest.digest()).decode() != named.group(1):
            raise InvalidSignature(reason="Content-Digest needs sha-256, and the body does not have that digest")
        return await bulk.add()
