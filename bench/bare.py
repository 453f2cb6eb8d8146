"""The stack's own limit: Starlette, asyncpg and orjson writing what ``reportUsage`` writes, and promising nothing.

``BENCH_DATABASE_URL`` names a migrated database. The body is that of ``bench.reports.bare_body``.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.protocol.signing import KEY_ID, WINDOW, Message, verify_request
from app.secretbox import decrypt
from app.usage.checks import HourlyReport
from app.usage.reporting import TAKE, report_arguments
from bench.pooled import served_from_a_pool

KEY = """
SELECT k.id, k.account_id, k.sk_encrypted FROM access_key k JOIN deployment d ON d.account_id = k.account_id
WHERE k.ak = $1 AND d.id = $2 AND k.revoked_at IS NULL
"""


async def report(request: Request) -> Response:
    """Write the hours named in the body, and answer their counts."""
    sent = orjson.loads(await request.body())
    return await take(request, sent, UUID(sent["account"]), (None, None, None))


async def report_signed(request: Request) -> Response:
    """The same for a request that is signed as ``reportUsage`` is, once: one more look-up, and the library's check."""
    body = await request.body()
    sent = orjson.loads(body)
    ak = KEY_ID.search(request.headers["signature-input"])[1]  # type: ignore[index]
    key = await request.app.state.pool.fetchrow(KEY, ak, UUID(sent["deployment"]))
    message = Message(request.method, str(request.url), dict(request.headers))
    nonce = verify_request(ak, decrypt(key["sk_encrypted"]), message, body)
    return await take(request, sent, key["account_id"], (key["id"], nonce, datetime.now(UTC) + 2 * WINDOW))


async def take(
    request: Request, sent: Any, account: UUID, nonce: tuple[UUID | None, str | None, datetime | None]
) -> Response:
    """Write and answer."""
    reports = [HourlyReport(datetime.fromisoformat(entry["hour"]), entry["dataKits"]) for entry in sent["reports"]]
    rows = await request.app.state.pool.fetch(
        TAKE.text, account, UUID(sent["deployment"]), datetime.now(UTC), *nonce, *report_arguments(reports)
    )
    accepted = [{"hour": row["hour"], "count": row["quantity"]} for row in rows]
    return Response(orjson.dumps({"accepted": accepted}), media_type="application/json")


app = served_from_a_pool(
    [Route("/usage", report, methods=["POST"]), Route("/usage/signed", report_signed, methods=["POST"])]
)
