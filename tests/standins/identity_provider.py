"""A stand-in for a sign-in provider (OpenID Connect) that can be told to lie.

What it is asked for it checks as a provider must: client, secret, redirect URI, PKCE, and each code once.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import secrets
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qsl, urlencode

from joserfc import jwt
from joserfc.jwk import KeySet, OctKey, RSAKey
from joserfc.jws import JWSRegistry
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from tests.standins.serving import serving

CLIENT_ID, CLIENT_SECRET = "billing-center", "a secret of the client & more"
REDIRECT_URI = "https://console.example.com/sign-in"
PERSON = {"sub": "u-1", "email": "Wang@Corp.example", "email_verified": True, "name": "Wang Wei"}


class IdentityProvider:
    """What the provider knows, and how it misbehaves: claims and header that it puts in place of the right ones."""

    def __init__(self) -> None:
        self.issuer = ""
        self.person: dict[str, Any] = dict(PERSON)
        self.claims: dict[str, Any] = {}
        self.header: dict[str, Any] = {}
        self.metadata: dict[str, Any] = {}
        self.key = RSAKey.generate_key(2048, {"kid": "1"})
        self.signs_with: Any = None
        self.published: list[RSAKey] = [self.key]
        self.thin = self.down = False
        self.slow = 0.0
        self.codes: dict[str, dict[str, str]] = {}
        self.requests: list[str] = []

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[IdentityProvider]:
        """Serve on a free port of this machine, in this process."""
        async with serving(self.app()) as address:
            self.issuer = f"http://{address}"
            yield self

    def app(self) -> Starlette:
        """The HTTP application."""
        return Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self.configuration),
                Route("/authorize", self.authorize),
                Route("/token", self.token, methods=["POST"]),
                Route("/keys", self.keys),
                Route("/userinfo", self.userinfo),
            ]
        )

    def rotate(self) -> None:
        """Sign with another key from now on, and publish that one alone."""
        self.key = RSAKey.generate_key(2048, {"kid": secrets.token_hex(4)})
        self.published = [self.key]

    async def configuration(self, request: Request) -> Response:
        """What it says of itself."""
        return await self._answer(
            request,
            {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/keys",
                "userinfo_endpoint": f"{self.issuer}/userinfo",
                "response_types_supported": ["code"],
                "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
                **self.metadata,
            },
        )

    async def authorize(self, request: Request) -> Response:
        """Where people say who they are: here the person is always the same."""
        asked = dict(request.query_params)
        assert (asked["client_id"], asked["redirect_uri"]) == (CLIENT_ID, REDIRECT_URI)
        assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
        assert "openid" in asked["scope"].split()
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        return RedirectResponse(f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}", 302)

    async def token(self, request: Request) -> Response:
        """Tokens for a code."""
        form = dict(parse_qsl((await request.body()).decode()))
        secret = f"{CLIENT_ID}:{CLIENT_SECRET}".encode()
        if request.headers.get("authorization") != f"Basic {base64.b64encode(secret).decode()}":
            return JSONResponse({"error": "invalid_client"}, 401)
        if self.down:
            return await self._answer(request, {})
        asked = self.codes.pop(form.get("code", ""), None)
        if asked is None or form["redirect_uri"] != REDIRECT_URI or _challenge(form) != asked["code_challenge"]:
            return JSONResponse({"error": "invalid_grant"}, 400)
        return await self._answer(
            request, {"access_token": "at-1", "token_type": "Bearer", "id_token": self._id(asked)}
        )

    async def keys(self, request: Request) -> Response:
        """The public keys."""
        return await self._answer(request, dict(KeySet(list(self.published)).as_dict(private=False)))

    async def userinfo(self, request: Request) -> Response:
        """What it says of the person to whoever has an access token."""
        assert request.headers["authorization"] == "Bearer at-1"
        return await self._answer(request, {**self.person, **self.claims})

    async def _answer(self, request: Request, body: dict[str, Any]) -> Response:
        self.requests.append(request.url.path)
        await asyncio.sleep(self.slow)
        return PlainTextResponse("bad gateway", 502) if self.down else JSONResponse(body)

    def _id(self, asked: dict[str, str]) -> str:
        now = int(time.time())
        about = {"sub": self.person["sub"]} if self.thin else self.person
        times = {"iat": now, "exp": now + 300}
        claims = {"iss": self.issuer, "aud": CLIENT_ID, "nonce": asked["nonce"], **times, **about, **self.claims}
        header = {"alg": "RS256", "kid": self.key.kid, **self.header}
        claims = {name: value for name, value in claims.items() if value is not None}
        registry = JWSRegistry(algorithms=[header["alg"]])
        return jwt.encode(header, claims, self.signs_with or self.key, registry=registry)


def shared_secret() -> OctKey:
    """The public key's text as if it were a secret, which HS256 is tricked with."""
    return OctKey.import_key(CLIENT_SECRET)


def _challenge(form: dict[str, str]) -> str:
    digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
