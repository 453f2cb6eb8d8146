"""GraphQL over HTTP and WebSocket."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.websockets import WebSocket, WebSocketDisconnect
from strawberry.asgi import ASGIWebSocketAdapter, GraphQL
from strawberry.http import GraphQLHTTPResponse
from strawberry.http.exceptions import WebSocketDisconnected
from strawberry.schema import BaseSchema
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL

from app.api.context import Context
from app.api.graphiql import page
from app.api.unavailable import UNAVAILABLE
from app.events.broker import EventBroker
from app.settlement.host import ChannelHost

STATUS = {"OVERLOADED": 503, UNAVAILABLE: 503}
"""The HTTP status of what could not be answered at all; ``Retry-After`` says when to come again."""


class TextWebSocket(ASGIWebSocketAdapter):
    """Sends JSON as text frames, as graphql-transport-ws asks."""

    async def send_json(self, message: Mapping[str, object]) -> None:
        """Send one message."""
        try:
            await self.ws.send_text(orjson.dumps(message, default=str).decode())
        except WebSocketDisconnect as gone:
            raise WebSocketDisconnected from gone


class GraphQLEndpoint(GraphQL[Context, None]):
    """The API at ``/graphql``, and GraphiQL for browsers."""

    websocket_adapter_class = TextWebSocket

    def __init__(self, schema: BaseSchema, host: ChannelHost, broker: EventBroker) -> None:
        super().__init__(
            schema,
            graphql_ide="graphiql",
            allow_queries_via_get=False,
            subscription_protocols=(GRAPHQL_TRANSPORT_WS_PROTOCOL,),
        )
        self._host = host
        self._broker = broker

    def create_response(
        self, response_data: GraphQLHTTPResponse | list[GraphQLHTTPResponse], sub_response: Response
    ) -> Response:
        """The answer, with the status of what was not answered."""
        response = super().create_response(response_data, sub_response)
        errors: Any = response_data.get("errors") if isinstance(response_data, dict) else None
        for error in errors or ():
            said: Any = error.get("extensions") or {}
            if said.get("code") in STATUS and "retryAfter" in said and response_data["data"] is None:  # type: ignore[call-overload]
                response.status_code = STATUS[said["code"]]
                response.headers["Retry-After"] = str(said["retryAfter"])
        return response

    async def get_context(self, request: Request | WebSocket, response: Response | WebSocket) -> Context:
        """What the resolvers get."""
        return Context(request, self._host, self._broker)

    def decode_json(self, data: str | bytes) -> object:
        """What a client sent; half of a surrogate pair, which no answer could carry, is no JSON here."""
        return orjson.loads(data)

    def encode_json(self, data: object) -> Any:
        """JSON as bytes."""
        return orjson.dumps(data, default=str)

    async def render_graphql_ide(self, request: Request) -> Response:
        """GraphiQL, without the outside network."""
        return page()
