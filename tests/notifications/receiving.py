"""Customers' web servers, and events that they are told of."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.accounts.models import Account
from app.events.recording import SYSTEM, record
from tests.api.driver import Api
from tests.events.shapes import sample


class Receiver:
    """A customer's web server: answers with ``status`` and keeps what it was sent."""

    def __init__(self) -> None:
        self.status = 204
        self.received: list[tuple[dict[str, str], bytes]] = []
        self.url = ""

    async def take(self, request: Request) -> Response:
        self.received.append((dict(request.headers), await request.body()))
        return Response(status_code=self.status)


@asynccontextmanager
async def serving(receiver: Receiver) -> AsyncIterator[None]:
    app = Starlette(routes=[Route("/hook", receiver.take, methods=["POST"])])
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error", lifespan="off"))
    task = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    receiver.url = f"http://localhost:{server.servers[0].sockets[0].getsockname()[1]}/hook"
    try:
        yield
    finally:
        server.should_exit = True
        await task


async def endpoint(api: Api, account: str, url: str, types: list[str] | None = None) -> tuple[str, str]:
    made = await api.call(
        "createWebhookEndpoint", "endpoint { id } secret", accountId=account, url=url, eventTypes=types
    )
    assert made["__typename"] == "CreateWebhookEndpointSuccess", made
    return made["endpoint"]["id"], made["secret"]


async def happen(type: str = "budget.set", at: datetime | None = None, **details: Any) -> Account:
    account = await Account.all().order_by("-id").first()
    assert account is not None
    await record(account.id, at or account.now(), type, SYSTEM, **sample(type) | details)
    return account
