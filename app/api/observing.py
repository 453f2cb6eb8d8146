"""One line in the log and one count for each request, and an answer where nothing else answers."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from uuid import uuid4

from graphql import FieldNode, FragmentDefinitionNode, FragmentSpreadNode, OperationDefinitionNode, SelectionSetNode
from starlette.datastructures import MutableHeaders
from starlette.requests import ClientDisconnect, HTTPConnection, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from strawberry.extensions import SchemaExtension
from strawberry.types import ExecutionContext

from app.api.context import preferred_locale
from app.api.unavailable import UNAVAILABLE, unavailable
from app.db.engine import patience
from app.db.lost import lost
from app.errors import Overloaded
from app.logs import about, kind, note, noted
from app.metrics import CONNECTIONS, counted

log = logging.getLogger(__name__)
PROBES = frozenset({"/livez", "/readyz", "/healthz", "/metrics"})
MOST_NAMED = 5
POOL_SECONDS = 10.0
"""For how long a request waits for one of the database's connections."""
CLIENT_GONE = 499
"""The status, as web servers log it, of a request whose client hung up before all of it was here."""


class Observed:
    """Middleware around everything: names the request, logs and counts it, and answers when what is within fails."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or one WebSocket connection."""
        if scope["type"] not in {"http", "websocket"}:
            await self.app(scope, receive, send)
            return
        begun = time.monotonic()
        request_id = str(uuid4())
        status = 0
        route = _route(scope)
        waits = patience.set(POOL_SECONDS)

        async def named(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["X-Request-Id"] = request_id
            await send(message)

        try:
            with about(request=request_id, operation=route) as facts:
                if scope["type"] == "websocket":
                    with CONNECTIONS.track_inprogress():
                        await self.app(scope, receive, send)
                    return
                try:
                    await self.app(scope, receive, named)
                except Exception as error:
                    answer = _answer(error, request_id, HTTPConnection(scope).headers.get("accept-language", ""))
                    if status:
                        raise
                    await answer(scope, receive, named)
                outcome = facts.setdefault("outcome", "OK" if status < 400 else str(status))
                taken = time.monotonic() - begun
                level = logging.DEBUG if route in PROBES else logging.INFO
                log.log(level, "request", extra={"status": status, "duration_ms": round(taken * 1000, 1)})
                counted(_one(str(facts["operation"])), str(outcome), taken)
        finally:
            patience.reset(waits)


class Named(SchemaExtension):
    """Notes which operation it is; those of a WebSocket are logged and counted one by one."""

    def on_operation(self) -> Iterator[None]:
        """Name the operation when it is known, and tell of it when it is over."""
        begun = time.monotonic()
        yield
        named = operation_of(self.execution_context)
        if isinstance(self.execution_context.context.request, Request):
            note(operation=named)
            return
        outcome = str(noted("outcome", "OK"))
        taken = time.monotonic() - begun
        log.info("operation", extra={"operation": named, "duration_ms": round(taken * 1000, 1)})
        counted(_one(named), outcome, taken)


def operation_of(context: ExecutionContext) -> str:
    """What kind of operation it is, and the root fields that it asks for, as the schema calls them."""
    document = context.graphql_document
    if document is None:
        return "graphql"
    operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    named = [node for node in operations if context.operation_name in (None, node.name and node.name.value)]
    if len(named) != 1:
        return "graphql"
    verb = named[0].operation
    root = context.schema._schema.get_root_type(verb)
    fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
    asked = dict.fromkeys(
        name
        for name in _fields(named[0].selection_set, fragments, set())
        if root is not None and (name in root.fields or name in {"__schema", "__type", "__typename"})
    )
    shown = ",".join(list(asked)[:MOST_NAMED]) + (",…" if len(asked) > MOST_NAMED else "")
    return f"{verb.value} {shown}" if shown else "graphql"


def _fields(selected: SelectionSetNode, fragments: dict[str, FragmentDefinitionNode], seen: set[str]) -> Iterator[str]:
    for node in selected.selections:
        if isinstance(node, FieldNode):
            yield node.name.value
        elif not isinstance(node, FragmentSpreadNode):
            yield from _fields(node.selection_set, fragments, seen)  # type: ignore[attr-defined]
        elif node.name.value in fragments and node.name.value not in seen:
            seen.add(node.name.value)
            yield from _fields(fragments[node.name.value].selection_set, fragments, seen)


def _one(operation: str) -> str:
    """The name to count under, of which there are so many as the schema has fields: several at once are one."""
    return f"{operation.partition(' ')[0]} (several)" if "," in operation else operation


def _route(scope: Scope) -> str:
    """The route that serves the request, which has nothing of what was sent."""
    for route in scope["app"].routes:
        if route.matches(scope)[0] != Match.NONE:
            return str(getattr(route, "path", "?"))
    return "(none)"


def _answer(error: Exception, request_id: str, language: str) -> Response:
    if isinstance(error, ClientDisconnect):
        return Response(status_code=CLIENT_GONE)
    locale = preferred_locale(language)
    if lost(error):
        note(outcome=UNAVAILABLE)
        log.warning("the database does not answer: %s", kind(error))
        return unavailable(locale)
    if isinstance(error, Overloaded):
        note(outcome=error.code)
        wait = error.params["retry_after"]
        told = {"message": error.message(locale), "extensions": {"code": error.code, "retryAfter": wait}}
        return JSONResponse({"errors": [told]}, status_code=503, headers={"Retry-After": str(wait)})
    note(outcome="INTERNAL")
    log.error("request failed", exc_info=error)
    message = f"Something went wrong here. Try again; if it stays so, tell us the request id {request_id}."
    extensions = {"code": "INTERNAL", "requestId": request_id}
    return JSONResponse({"errors": [{"message": message, "extensions": extensions}]}, status_code=500)
