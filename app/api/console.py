"""The console: its page, the assets that set-up builds, and the documents that it asks with."""

from __future__ import annotations

import secrets
from pathlib import Path

from servestatic import ServeStaticASGI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import Receive, Scope, Send

STATIC = Path(__file__).parent / "static"
FOLDER = STATIC / "console"
DOCUMENTS = FOLDER / "documents.json"
POLICY = (
    "default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'nonce-{nonce}'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
NONCE = 'nonce="NONCE"'
MISSING = "<!doctype html><title>The console is not built</title><p>It is not built yet: run <code>make run</code>."
YEAR = 365 * 24 * 60 * 60


def console() -> list[BaseRoute]:
    """The routes of the console: its assets, and its page at every address that is nobody else's."""
    page = FOLDER / "page.html"
    text = page.read_text() if page.exists() else MISSING

    async def answer(request: Request) -> Response:
        if request.url.path != "/" and "text/html" not in request.headers.get("accept", ""):
            raise HTTPException(404)
        nonce = secrets.token_urlsafe(16)
        headers = {"Content-Security-Policy": POLICY.format(nonce=nonce), "Cache-Control": "no-store"}
        return HTMLResponse(text.replace(NONCE, f'nonce="{nonce}"'), headers=headers)

    assets = Mount("/assets", static("assets", FOLDER / "assets", YEAR))
    icon = Route("/icon.svg", static("", FOLDER, 3600))
    return [assets, icon, Route("/{path:path}", answer, methods=["GET"])]


async def _missing(scope: Scope, receive: Receive, send: Send) -> None:
    raise HTTPException(404)


def static(prefix: str, folder: Path, seconds: int) -> ServeStaticASGI:
    """The files of a folder that set-up builds, compressed where a client takes it, kept by clients for so long."""
    root = str(folder) if folder.is_dir() else None
    return ServeStaticASGI(_missing, root=root, prefix=prefix, max_age=seconds, allow_all_origins=False)
