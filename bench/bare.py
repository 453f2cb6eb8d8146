"""The stack's own limit: Starlette, asyncpg and orjson writing what ``reportUsage`` writes, and promising nothing.

``BENCH_DATABASE_URL`` names a migrated database. The body is that of ``bench.reports.bare_body``.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import asyncpg
import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.db.connection import credentials
from app.settings import get_settings
from app.usage.service import REPORT_SQL, HourlyReport, report_arguments

pool: Any = None


@asynccontextmanager
async def lifespan(_: Starlette) -> AsyncIterator[None]:
    """Open as many connections as the real server may."""
    global pool
    size = get_settings().pool_size
    async with asyncpg.create_pool(
        **credentials(os.environ["BENCH_DATABASE_URL"]), min_size=1, max_size=size
    ) as opened:
        pool = opened
        yield


async def report(request: Request) -> Response:
    """Write the hours named in the body, and answer their counts."""
    sent = orjson.loads(await request.body())
    reports = [HourlyReport(datetime.fromisoformat(entry["hour"]), entry["dataKits"]) for entry in sent["reports"]]
    rows = await pool.fetch(
        REPORT_SQL,
        UUID(sent["account"]),
        UUID(sent["deployment"]),
        datetime.now(UTC),
        *(None, None, None),
        *report_arguments(reports),
    )
    accepted = [{"hour": row["hour"], "count": row["quantity"]} for row in rows]
    return Response(orjson.dumps({"accepted": accepted}), media_type="application/json")


async def healthz(_: Request) -> Response:
    """Answer that the pool is open."""
    return Response(b"ok")


app = Starlette(
    routes=[Route("/usage", report, methods=["POST"]), Route("/healthz", healthz)],
    lifespan=lifespan,
)
