"""What load balancers, orchestrators and Prometheus ask."""

from __future__ import annotations

import hmac

from prometheus_client import CONTENT_TYPE_LATEST
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from app.db.watch import Watch
from app.monitoring.figures import exposition
from app.settings import Settings


def probes(watch: Watch, settings: Settings) -> list[Route]:
    """The routes of a server: ``/livez``, ``/readyz``, ``/healthz``, and ``/metrics`` for whoever has the token."""

    async def livez(request: Request) -> JSONResponse:
        """200 as long as the process serves requests at all."""
        return JSONResponse({"process": "alive"})

    async def readyz(request: Request) -> JSONResponse:
        """200 when the database answers within 2 seconds and has every migration, else 503."""
        condition = await watch.look()
        return JSONResponse(condition.as_json(), status_code=200 if condition.ready else 503)

    async def healthz(request: Request) -> JSONResponse:
        """200 when the database answers within 2 seconds, else 503."""
        condition = await watch.look()
        return JSONResponse(condition.as_json(), status_code=200 if condition.answers else 503)

    async def metrics(request: Request) -> Response:
        """The figures, for whoever has the token of the settings."""
        if settings.metrics_token is None:
            return _refusal("NOT_FOUND", "/metrics is served with BILLING_METRICS_TOKEN or BILLING_METRICS_PORT.", 404)
        given = request.headers.get("authorization", "").encode()
        if not hmac.compare_digest(given, f"Bearer {settings.metrics_token}".encode()):
            return _refusal("UNAUTHENTICATED", "Send BILLING_METRICS_TOKEN as a bearer token.", 401)
        return await _figures(settings)

    return [
        Route("/livez", livez),
        Route("/readyz", readyz),
        Route("/healthz", healthz),
        Route("/metrics", metrics),
    ]


def metrics_alone(settings: Settings) -> Route:
    """``/metrics`` on a port of its own, which says who reaches it."""

    async def metrics(request: Request) -> Response:
        """The figures."""
        return await _figures(settings)

    return Route("/metrics", metrics)


async def _figures(settings: Settings) -> Response:
    return Response(await exposition(settings.close_delay_seconds), media_type=CONTENT_TYPE_LATEST)


def _refusal(code: str, message: str, status: int) -> JSONResponse:
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else None
    return JSONResponse({"code": code, "message": message}, status_code=status, headers=headers)
