"""Files by links that a browser opens without a header, for a few minutes.

A link holds, sealed, which token it was made with, and for which path: whoever has it reads what that token may still
read then, and ends with it.
"""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlencode
from uuid import UUID

import orjson
from cryptography.fernet import InvalidToken
from starlette.requests import Request

from app import clock
from app.accounts.tokens import Viewer, viewer_of
from app.api.context import Context
from app.errors import Unauthenticated
from app.secretbox import decrypt, encrypt

LASTS = timedelta(minutes=5)
PARAMETER = "link"
LASTING = "a path on this host, good for five minutes without a header, and after that with the bearer token"
"""How a description says what a link is."""


async def link_to(context: Context, path: str, **query: str) -> str:
    """The path, to be opened for a few minutes by whoever is signed in.

    Raises:
        Unauthenticated: nobody is.
    """
    viewer = await context.signed_in()
    ends = int((clock.now() + LASTS).timestamp())
    sealed = encrypt(orjson.dumps([PARAMETER, str(viewer.token.id), path, ends]))
    return f"{path}?{urlencode({**query, PARAMETER: sealed.decode()})}"


class FileContext(Context):
    """A request for a file: with a bearer token, or, to read it, by a link."""

    async def _found(self) -> Viewer | None:
        given = self.request.query_params.get(PARAMETER)
        reads = isinstance(self.request, Request) and self.request.method == "GET"
        if given is None or not reads or "authorization" in self.request.headers:
            return await super()._found()
        viewer = await viewer_of(_token_in(given, self.request.scope["path"]))
        if viewer is None:
            raise Unauthenticated(of="link")
        return viewer


def _token_in(sealed: str, path: str) -> UUID:
    """The key of the token that a link was made with.

    Raises:
        Unauthenticated: it is none, is for another path, or has ended.
    """
    try:
        kind, token, of, ends = orjson.loads(decrypt(sealed.encode()))
    except (InvalidToken, ValueError, TypeError):
        raise Unauthenticated(of="link") from None
    if (kind, of) != (PARAMETER, path) or clock.now().timestamp() >= ends:
        raise Unauthenticated(of="link")
    return UUID(token)
