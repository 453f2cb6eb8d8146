"""What the bare servers share: a pool of connections, and saying that it is open."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import asyncpg
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from app.db.connection import credentials
from app.settings import get_settings


@asynccontextmanager
async def _lifespan(app: Starlette) -> AsyncIterator[None]:
    """Open as many connections as the real server may, to the database that ``BENCH_DATABASE_URL`` names."""
    size = get_settings().pool_size
    async with asyncpg.create_pool(
        **credentials(os.environ["BENCH_DATABASE_URL"]), min_size=1, max_size=size
    ) as app.state.pool:
        yield


async def _healthz(_: Request) -> Response:
    """Answer that the pool is open."""
    return Response(b"ok")


def served_from_a_pool(routes: Sequence[BaseRoute]) -> Starlette:
    """An application whose routes take connections from ``request.app.state.pool``."""
    return Starlette(routes=[*routes, Route("/healthz", _healthz)], lifespan=_lifespan)
