"""The ASGI application, and serving it."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvloop
from rich.console import Console
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route, WebSocketRoute

from app import logs
from app.accounts.providers import sign_in_providers
from app.api.admission import Admission
from app.api.console import console
from app.api.downloads import downloads
from app.api.endpoint import GraphQLEndpoint
from app.api.graphiql import assets
from app.api.headers import SecurityHeaders
from app.api.invoice_files import invoice_files
from app.api.lanes import Lanes
from app.api.limits import BodyLimit
from app.api.listening import Server, listen, metrics_served, server, told_to_stop
from app.api.observing import PROBES, Observed
from app.api.persons import person_file
from app.api.probes import probes
from app.api.public import PublicAddress
from app.api.refusing import refused
from app.api.reports import report_files
from app.api.schema import schema
from app.api.trusted import trusted_documents
from app.api.unavailable import WhileDown
from app.api.usage_bulk import usage_bulk
from app.bootstrap import Runtime, running
from app.db.watch import Watch
from app.events.broker import EventBroker
from app.licenses.keys import public_keys
from app.licenses.revocations import current_revocations
from app.protocol.jws import public_jwk
from app.seed.demo import demo_tokens, end_demo
from app.settings import Settings
from app.worker import run_until


def create_app(runtime: Runtime, worker: bool = False) -> Starlette:
    """The application of a running process; ``worker`` closes days and settles beside it."""
    broker = EventBroker(runtime.direct)
    watch = Watch(runtime.url, runtime.config["apps"])
    endpoint = GraphQLEndpoint(schema, runtime.host, broker, runtime.settings.origins())
    trusted_documents()
    sign_in_providers()

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        tasks = [asyncio.create_task(broker.listen_forever()), asyncio.create_task(watch.watch_forever())]
        stopping: asyncio.Event = app.state.stopping
        working = [asyncio.create_task(run_until(stopping, runtime.settings, runtime.host))] if worker else []
        yield
        stopping.set()
        await asyncio.gather(*working)
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
            *probes(watch, runtime.settings),
            assets(),
            downloads(runtime.host, broker),
            *invoice_files(runtime.host, broker),
            report_files(runtime.host, broker),
            person_file(runtime.host, broker),
            *channels,
            *console(),
        ],
        middleware=[
            Middleware(PublicAddress, url=runtime.settings.public_url),
            Middleware(SecurityHeaders),
            Middleware(Observed),
            *_cors(runtime.settings),
            Middleware(WhileDown, spared=PROBES),
            Middleware(BodyLimit),
        ],
        exception_handlers={HTTPException: refused},
        lifespan=lifespan,
    )
    application.state.stopping = asyncio.Event()
    application.state.watch = watch
    application.state.lanes = Lanes.of(runtime.settings.pool_size)
    application.state.admission = Admission(runtime.settings)
    return application


def _cors(settings: Settings) -> list[Middleware]:
    """Lets pages of the origins in the settings call the API; they send their token themselves, so no cookies."""
    origins = settings.origins()
    if not origins:
        return []
    return [
        Middleware(
            CORSMiddleware,
            allow_origins=origins,
            allow_methods=["GET", "POST"],
            allow_headers=["*"],
            expose_headers=["X-Request-Id", "Retry-After", "WWW-Authenticate"],
        )
    ]


async def jwks(request: Request) -> JSONResponse:
    """The public keys that licenses are verified with, as a JWK set (RFC 7517)."""
    keys = [public_jwk(kid, key) for kid, key in (await public_keys()).items()]
    return JSONResponse({"keys": keys}, headers={"Cache-Control": "public, max-age=300"})


async def revocations(request: Request) -> Response:
    """The signed list of revoked licenses, for deployments to fetch (docs/licenses.md)."""
    newest = await current_revocations()
    headers = {"Cache-Control": "public, max-age=60", "ETag": f'"{newest.version}"'}
    return Response(newest.text, media_type="application/jose", headers=headers)


def serve_forever(settings: Settings, worker: bool, demo: bool) -> None:
    """Serve until stopped: by SIGTERM or SIGINT, which end what is in hand first.

    Raises:
        CannotStart: the port is taken, or what ``running`` says.
    """
    with contextlib.suppress(KeyboardInterrupt, asyncio.CancelledError):
        uvloop.run(_serve(settings, worker, demo))


async def _serve(settings: Settings, worker: bool, demo: bool) -> None:
    begun = time.monotonic()
    logs.tell_of_stray_errors(asyncio.get_running_loop())
    sockets = listen(settings.host, settings.port)
    starting = asyncio.current_task()
    serving: Server | None = None

    def stop() -> None:
        if serving is not None:
            app.state.stopping.set()
            serving.stop()
        elif starting is not None:
            starting.cancel()

    with told_to_stop(stop):
        async with running(settings) as runtime, metrics_served(settings):
            tokens = await demo_tokens(settings.data_dir) if demo else {}
            if not demo:
                await end_demo(settings.data_dir)
            app = create_app(runtime, worker)
            gc.freeze()
            _say_ready(settings, tokens, time.monotonic() - begun)
            serving = server(app, settings)
            await serving.serve(sockets)


def _say_ready(settings: Settings, tokens: dict[str, str], seconds: float) -> None:
    console = Console()
    console.print(f"Console        {settings.address}", highlight=False)
    console.print(f"GraphiQL       {settings.address}/graphql", highlight=False)
    for role, token in tokens.items():
        console.print(f"{role.ljust(14)} {settings.base_url}/#token={token}", highlight=False, soft_wrap=True)
    if tokens:
        console.print("Programs send what follows token= as Authorization: Bearer …", highlight=False)
    console.print(f"ready after {seconds:.1f} s; stop with Ctrl-C", highlight=False)
