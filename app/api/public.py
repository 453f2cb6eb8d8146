"""The address that everybody knows the server by, whatever a proxy in front of it calls it."""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send


class PublicAddress:
    """Middleware: requests have the scheme and the host of ``BILLING_PUBLIC_URL``, where one is set.

    So signatures are checked against the address that was signed, and a page's origin is compared with it, whatever a
    client or a proxy says in ``Host`` or ``X-Forwarded-Proto``.
    """

    def __init__(self, app: ASGIApp, url: str | None) -> None:
        self.app = app
        self._scheme, _, self._host = (url or "").partition("://")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if self._host and scope["type"] in {"http", "websocket"}:
            headers = [(name, value) for name, value in scope["headers"] if name != b"host"]
            scope = {
                **scope,
                "scheme": self._scheme if scope["type"] == "http" else self._scheme.replace("http", "ws"),
                "headers": [(b"host", self._host.encode()), *headers],
            }
        await self.app(scope, receive, send)
