"""GraphQL over HTTP, as its specification says (https://graphql.github.io/graphql-over-http/draft/), and WebSocket."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from datetime import timedelta
from typing import Any

import orjson
from cross_web import AsyncHTTPRequestAdapter, HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect
from strawberry.asgi import ASGIWebSocketAdapter, GraphQL
from strawberry.exceptions import ConnectionRejectionError
from strawberry.http import GraphQLHTTPResponse, GraphQLRequestData
from strawberry.http.exceptions import WebSocketDisconnected
from strawberry.http.parse_content_type import parse_content_type
from strawberry.schema import BaseSchema
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL
from strawberry.subscriptions.protocols.graphql_transport_ws.handlers import BaseGraphQLTransportWSHandler, Operation

from app.api.admission import admission_of
from app.api.context import Context, preferred_locale
from app.api.graphiql import page
from app.api.throttles import network_of
from app.api.trusted import named_in, trusted_documents
from app.api.unavailable import UNAVAILABLE
from app.db.lost import lost
from app.errors import Overloaded, Unauthenticated
from app.events.broker import EventBroker
from app.logs import about, note
from app.protocol.signing import KEY_ID
from app.settlement.host import ChannelHost

MOST_SUBSCRIPTIONS = 50
RESPONSE_JSON = "application/graphql-response+json"
STATUS = {"RATE_LIMITED": 429, "OVERLOADED": 503, UNAVAILABLE: 503}
"""The HTTP status of what was not answered at all; ``Retry-After`` says when to come again."""


class TextWebSocket(ASGIWebSocketAdapter):
    """Sends JSON as text frames, as graphql-transport-ws asks."""

    async def send_json(self, message: Mapping[str, object]) -> None:
        """Send one message."""
        try:
            await self.ws.send_text(orjson.dumps(message, default=str).decode())
        except WebSocketDisconnect as gone:
            raise WebSocketDisconnected from gone


class Messages(BaseGraphQLTransportWSHandler[Context, None]):
    """Takes the messages of graphql-transport-ws, and closes the connection where one is none."""

    async def handle_message(self, message: Any) -> None:
        """Take one message."""
        if not _is_message(message):
            await self.handle_invalid_message("This is no message of graphql-transport-ws")
            return
        if message["type"] == "subscribe":
            try:
                message["payload"]["query"] = _document(message["payload"])
            except HTTPException as refused:
                answer: Any = {"id": message["id"], "type": "error", "payload": [_refusal(refused.reason)]}
                await self.send_message(answer)
                return
        await super().handle_message(message)

    async def run_operation(self, operation: Operation[Context, None]) -> None:
        """Run one operation, which knows nothing of the others of its connection."""
        own = copy(self)
        own.context = self.context.of_an_operation()
        with about():
            await super(Messages, own).run_operation(operation)


def _is_message(message: Any) -> bool:
    if not isinstance(message, dict) or not isinstance(message.get("type"), str):
        return False
    if message["type"] not in ("subscribe", "complete"):
        return True
    payload = message.get("payload")
    return isinstance(message.get("id"), str) and (
        message["type"] == "complete" or (isinstance(payload, dict) and _is_request(payload))
    )


def _is_request(given: Mapping[str, Any]) -> bool:
    """Whether a request's members are of the kinds that GraphQL over HTTP gives them."""
    return all(
        given.get(name) is None or isinstance(given[name], kind)
        for name, kind in (("query", str), ("operationName", str), ("variables", dict), ("extensions", dict))
    )


def _document(given: Mapping[str, Any]) -> str | None:
    """The text of a request's document, which it may name by its hash."""
    named = named_in(given)
    if given.get("query") or named is None:
        return given.get("query")
    if named not in trusted_documents():
        # Apollo's clients send the whole document on this message.
        raise HTTPException(404, "PersistedQueryNotFound")
    return trusted_documents()[named]


def _refusal(reason: str) -> dict[str, Any]:
    code = "PERSISTED_QUERY_NOT_FOUND" if reason == "PersistedQueryNotFound" else "BAD_REQUEST"
    return {"message": reason, "extensions": {"code": code}}


def _accepts_response_json(request: Request) -> bool:
    """Whether a client prefers the media type of GraphQL's own; who names neither is taken for one from before."""
    weights = {RESPONSE_JSON: 0.0, "application/json": 0.0}
    for part in request.headers.get("accept", "").split(","):
        kind, parameters = parse_content_type(part)
        if kind in weights:
            try:
                weights[kind] = float(parameters.get("q", 1))
            except ValueError:
                continue
    return weights[RESPONSE_JSON] > 0 and weights[RESPONSE_JSON] >= weights["application/json"]


def _sender(request: Request) -> str:
    """Whom a request seems to come from, before anybody looks whether it does."""
    key = KEY_ID.search(request.headers.get("signature-input", ""))
    named = key.group(1) if key else request.headers.get("authorization")
    return named or (request.client.host if request.client else "")


def _busy(request: Request, refused: Overloaded) -> Response:
    note(outcome=refused.code)
    retry_after = refused.params["retry_after"]
    message = refused.message(preferred_locale(request.headers.get("accept-language", "")))
    error = {"message": message, "extensions": {"code": refused.code, "retryAfter": retry_after}}
    return JSONResponse({"data": None, "errors": [error]}, 503, headers={"Retry-After": str(retry_after)})


def _signed_out(request: Request, refused: Unauthenticated) -> Response:
    """The answer to a token that does not work, whatever was asked for: nothing was looked at (RFC 6750, 3.1)."""
    note(outcome=refused.code)
    message = refused.message(preferred_locale(request.headers.get("accept-language", "")))
    answer = {"errors": [{"message": message, "extensions": {"code": refused.code}}]}
    kind = RESPONSE_JSON if _accepts_response_json(request) else "application/json"
    return JSONResponse(answer, 401, headers={"WWW-Authenticate": 'Bearer error="invalid_token"'}, media_type=kind)


class GraphQLEndpoint(GraphQL[Context, None]):
    """The API at ``/graphql``, and GraphiQL for browsers."""

    websocket_adapter_class = TextWebSocket
    graphql_transport_ws_handler_class = Messages

    def __init__(self, schema: BaseSchema, host: ChannelHost, broker: EventBroker, origins: Sequence[str] = ()) -> None:
        super().__init__(
            schema,
            graphql_ide="graphiql",
            allow_queries_via_get=False,
            subscription_protocols=(GRAPHQL_TRANSPORT_WS_PROTOCOL,),
            connection_init_wait_timeout=timedelta(seconds=10),
            max_subscriptions_per_connection=MOST_SUBSCRIPTIONS,
            allowed_origins=origins,
        )
        self._host = host
        self._broker = broker

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request or connection; whatever is wrong with it is answered in JSON."""
        if scope["type"] == "websocket":
            await self._connect(WebSocket(scope, receive, send))
            return
        request = Request(scope, receive)
        try:
            with admission_of(request).arrival(_sender(request)):
                response = await self.run(request)
        except HTTPException as refused:
            response = JSONResponse({"errors": [_refusal(refused.reason)]}, refused.status_code)
        except Overloaded as refused:
            response = _busy(request, refused)
        except Unauthenticated as refused:
            response = _signed_out(request, refused)
        await response(scope, receive, send)

    async def _connect(self, socket: WebSocket) -> None:
        caller = network_of(socket.client.host) if socket.client else None
        with admission_of(socket).connection(caller) as has_room:
            if has_room:
                await self.run(socket)
            else:
                await socket.close(code=1008)

    async def parse_http_body(self, request: AsyncHTTPRequestAdapter) -> GraphQLRequestData | list[GraphQLRequestData]:
        """What was asked for. Only of a content type that no page of another origin sends without being let (CORS).

        Raises:
            HTTPException: it is no request.
        """
        kind, _ = parse_content_type(request.content_type or "")
        if request.method != "POST":
            raise HTTPException(405, "Send operations by POST.")
        if kind != "application/json" and not kind.endswith("+json"):
            raise HTTPException(415, "Content-Type must be application/json.")
        given = self.parse_json(await request.get_body())
        if isinstance(given, list):
            raise HTTPException(400, "Send each operation in a request of its own.")
        if not isinstance(given, dict) or not _is_request(given):
            raise HTTPException(
                400, "The body must be an object with query (text), and variables, operationName and extensions."
            )
        return GraphQLRequestData(
            query=_document(given),
            variables=given.get("variables"),
            operation_name=given.get("operationName"),
            extensions=given.get("extensions"),
        )

    def create_response(
        self, response_data: GraphQLHTTPResponse | list[GraphQLHTTPResponse], sub_response: Response
    ) -> Response:
        """The answer, with the status of what was not begun.

        Who accepts it gets ``application/graphql-response+json``: then what was not executed, since the document or its
        variables are wrong, has status 400 and no ``data``; as ``application/json`` it has 200.
        """
        answer: Any = response_data
        errors = answer.get("errors") or ()
        modern = sub_response.media_type == RESPONSE_JSON
        if modern and errors and answer.get("data") is None and not any("path" in error for error in errors):
            answer = {name: value for name, value in answer.items() if name != "data"}
            sub_response.status_code = 400
        response = super().create_response(answer, sub_response)
        if modern:
            response.headers["Content-Type"] = f"{RESPONSE_JSON}; charset=utf-8"
        response.headers.add_vary_header("Accept")
        for error in errors:
            said = error.get("extensions") or {}
            if said.get("code") in STATUS and "retryAfter" in said and answer.get("data") is None:
                response.status_code = STATUS[said["code"]]
                response.headers["Retry-After"] = str(said["retryAfter"])
        return response

    async def get_context(self, request: Request | WebSocket, response: Response | WebSocket) -> Context:
        """What the resolvers get.

        Raises:
            Unauthenticated: the request has a token that does not work.
        """
        context = Context(request, self._host, self._broker)
        if isinstance(request, Request) and isinstance(response, Response):
            response.media_type = RESPONSE_JSON if _accepts_response_json(request) else "application/json"
            await context.viewer()
        return context

    async def on_ws_connect(self, context: Context) -> Any:
        """Take a connection, unless it begins with a token that does not work: that is closed with 4403.

        Raises:
            ConnectionRejectionError: it is.
        """
        try:
            await context.viewer()
        except Unauthenticated:
            raise ConnectionRejectionError from None
        except Exception as error:
            if not lost(error):
                raise
        return await super().on_ws_connect(context)

    def decode_json(self, data: str | bytes) -> object:
        """What a client sent; half of a surrogate pair, which no answer could carry, is no JSON here."""
        return orjson.loads(data)

    def encode_json(self, data: object) -> Any:
        """JSON as bytes."""
        return orjson.dumps(data, default=str)

    async def render_graphql_ide(self, request: Request) -> Response:
        """GraphiQL, without the outside network."""
        return page()
