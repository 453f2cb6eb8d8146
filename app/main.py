"""The ASGI application, and serving it."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
import uvloop
from rich.console import Console
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route, WebSocketRoute
from tortoise.connection import get_connection

from app import logs
from app.api.admission import Admission
from app.api.downloads import downloads
from app.api.endpoint import GraphQLEndpoint
from app.api.graphiql import assets
from app.api.headers import SecurityHeaders
from app.api.invoice_files import invoice_files
from app.api.lanes import Lanes
from app.api.limits import MOST_BODY_BYTES, BodyLimit
from app.api.observing import Observed
from app.api.refusing import refused
from app.api.reports import report_files
from app.api.schema import schema
from app.api.trusted import trusted_documents
from app.api.usage_bulk import usage_bulk
from app.api.wire import BoundedHttp
from app.bootstrap import Runtime, running
from app.events.broker import EventBroker
from app.licenses.keys import public_keys
from app.licenses.revocations import current_revocations
from app.protocol.jws import public_jwk
from app.seed.demo import demo_tokens
from app.settings import Settings
from app.worker import run_forever


def create_app(runtime: Runtime, worker: bool = False) -> Starlette:
    """The application of a running process; ``worker`` closes days and settles beside it."""
    broker = EventBroker(runtime.url)
    endpoint = GraphQLEndpoint(schema, runtime.host, broker, _origins(runtime.settings))
    trusted_documents()

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        tasks = [asyncio.create_task(broker.listen_forever())]
        if worker:
            tasks.append(asyncio.create_task(run_forever(runtime.settings, runtime.host)))
        yield
        for task in tasks:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    channels = [Mount(f"/channels/{key}", routes=routes) for key, routes in runtime.host.routes.items()]
    application = Starlette(
        routes=[
            Route("/graphql", endpoint, methods=["GET", "POST", "OPTIONS"]),
            WebSocketRoute("/graphql", endpoint),
            Route("/.well-known/jwks.json", jwks),
            Route("/usage/bulk", usage_bulk, methods=["POST"]),
            Route("/.well-known/license-revocations", revocations),
            Route("/healthz", healthz),
            Mount("/graphiql", assets()),
            downloads(runtime.host, broker),
            *invoice_files(runtime.host, broker),
            report_files(runtime.host, broker),
            *channels,
        ],
        middleware=[
            Middleware(SecurityHeaders),
            Middleware(Observed),
            *_cors(runtime.settings),
            Middleware(BodyLimit),
        ],
        exception_handlers={HTTPException: refused},
        lifespan=lifespan,
    )
    application.state.lanes = Lanes.of(runtime.settings.pool_size)
    application.state.admission = Admission(runtime.settings)
    return application


def _cors(settings: Settings) -> list[Middleware]:
    """Lets pages of the origins in the settings call the API; they send their token themselves, so no cookies."""
    origins = _origins(settings)
    if not origins:
        return []
    return [
        Middleware(
            CORSMiddleware,
            allow_origins=origins,
            allow_methods=["GET", "POST"],
            allow_headers=["*"],
            expose_headers=["X-Request-Id", "Retry-After"],
        )
    ]


def _origins(settings: Settings) -> list[str]:
    return [origin.strip() for origin in settings.cors_origins.split(",") if origin.strip()]


async def jwks(request: Request) -> JSONResponse:
    """The public keys that licenses are verified with, as a JWK set (RFC 7517)."""
    keys = [public_jwk(kid, key) for kid, key in (await public_keys()).items()]
    return JSONResponse({"keys": keys}, headers={"Cache-Control": "public, max-age=300"})


async def revocations(request: Request) -> Response:
    """The signed list of revoked licenses, for deployments to fetch (docs/licenses.md)."""
    newest = await current_revocations()
    headers = {"Cache-Control": "public, max-age=60", "ETag": f'"{newest.version}"'}
    return Response(newest.text, media_type="application/jose", headers=headers)


async def healthz(request: Request) -> JSONResponse:
    """200 when the database answers, 503 when it does not."""
    try:
        await get_connection("default").execute_query("SELECT 1")
    except Exception:
        logging.getLogger(__name__).exception("the database does not answer")
        return JSONResponse({"database": "unreachable"}, status_code=503)
    return JSONResponse({"database": "reachable"})


def serve_forever(settings: Settings, worker: bool, demo: bool) -> None:
    """Serve until stopped."""
    with contextlib.suppress(KeyboardInterrupt):
        uvloop.run(_serve(settings, worker, demo))


async def _serve(settings: Settings, worker: bool, demo: bool) -> None:
    begun = time.monotonic()
    logs.tell_of_stray_errors(asyncio.get_running_loop())
    console = Console()
    async with running(settings) as runtime:
        tokens = await demo_tokens(settings.data_dir) if demo else {}
        server = uvicorn.Server(
            uvicorn.Config(
                create_app(runtime, worker),
                host=settings.host,
                port=settings.port,
                log_config=None,
                log_level="warning",
                access_log=False,
                http=BoundedHttp,
                ws="websockets-sansio",
                ws_max_size=MOST_BODY_BYTES,
            )
        )
        gc.freeze()
        console.print(f"GraphiQL   {settings.base_url}/graphql", highlight=False)
        for role, token in tokens.items():
            console.print(f"{role.ljust(14)} Authorization: Bearer {token}", highlight=False, soft_wrap=True)
        console.print(f"ready after {time.monotonic() - begun:.1f} s; stop with Ctrl-C", highlight=False)
        await server.serve()
