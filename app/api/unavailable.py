"""Answers while the database is gone: typed, and to be tried again."""

from __future__ import annotations

import asyncio
from collections.abc import Collection

from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.context import preferred_locale
from app.db.watch import Watch
from app.logs import note

RETRY_AFTER = 5
UNAVAILABLE = "UNAVAILABLE"
TEXTS = {
    "en": "The database does not answer. Try again in {retry_after} seconds; with the same idempotencyKey, if you sent "
    "one, since it may have been done.",
    "zh": "数据库暂时无响应。请在 {retry_after} 秒后重试；如带有 idempotencyKey，请沿用：操作可能已执行。",
}


def unavailable_message(locale: str) -> str:
    """What is said in ``zh`` or ``en``."""
    return TEXTS["zh" if locale == "zh" else "en"].format(retry_after=RETRY_AFTER)


def unavailable(locale: str) -> JSONResponse:
    """The answer of a route that needs the database: 503 with Retry-After, in the form of a GraphQL answer."""
    extensions = {"code": UNAVAILABLE, "retryAfter": RETRY_AFTER}
    error = {"message": unavailable_message(locale), "extensions": extensions}
    return JSONResponse({"errors": [error]}, status_code=503, headers={"Retry-After": str(RETRY_AFTER)})


class WhileDown:
    """Middleware: while the database is down, what needs it is answered at once, also what is in hand when it goes
    down and has no answer yet. Probes are not, and WebSockets wait."""

    def __init__(self, app: ASGIApp, spared: Collection[str]) -> None:
        self.app = app
        self._spared = spared

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["path"] in self._spared:
            await self.app(scope, receive, send)
            return
        watch: Watch = scope["app"].state.watch
        begun = abandoned = False

        async def guarded(message: Message) -> None:
            nonlocal begun
            if not abandoned:
                begun = True
                await send(message)

        if not watch.down:
            with watch.in_hand() as gone:
                work = asyncio.ensure_future(self.app(scope, receive, guarded))
                try:
                    await asyncio.wait({work, gone}, return_when=asyncio.FIRST_COMPLETED)
                    if work.done() or begun:
                        await work
                        return
                    abandoned = True
                finally:
                    work.cancel()
        note(outcome=UNAVAILABLE)
        language = HTTPConnection(scope).headers.get("accept-language", "")
        await unavailable(preferred_locale(language))(scope, receive, send)
