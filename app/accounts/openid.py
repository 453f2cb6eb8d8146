"""Speaking OpenID Connect with a provider: authorization code flow with PKCE, and the checks of the ID token.

OpenID Connect Core 1.0 and Discovery 1.0, RFC 7636 (PKCE), RFC 8176 (``amr``), RFC 9207 (``iss`` in the answer). It
touches no database, and is to be called without a transaction.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Annotated, Any

import httpx
import orjson
from authlib.oauth2.auth import ClientAuth
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri, prepare_token_request
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import BadSignatureError, InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry
from pydantic import AfterValidator, BaseModel, ValidationError

from app import clock
from app.accounts.providers import SignInProvider, is_secure
from app.errors import InvalidCredentials, InvalidInput
from app.inputs import sign_in_address

log = logging.getLogger(__name__)
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519")
"""What an ID token may be signed with: by a key that the provider alone has, never a shared secret, never nothing."""
KNOWN_SECONDS = 3_600
LEEWAY_SECONDS = 60
LONGEST_ANSWER = 1 << 20
LONGEST_SUBJECT = 255
MULTIPLE_FACTORS = "mfa"


def _checked(url: str) -> str:
    if not is_secure(url):
        raise ValueError("is no https address")
    return url


Endpoint = Annotated[str, AfterValidator(_checked)]


class Metadata(BaseModel):
    """What a provider says of itself in ``.well-known/openid-configuration``."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: Endpoint
    jwks_uri: Endpoint
    userinfo_endpoint: Endpoint | None = None
    token_endpoint_auth_methods_supported: list[str] = ["client_secret_basic"]
    authorization_response_iss_parameter_supported: bool = False


@dataclass(frozen=True)
class Person:
    """Whom a provider says that somebody is. ``email`` is an address that it verified.

    ``mfa``: it says that it asked for several factors, and the operator that this counts.
    """

    issuer: str
    subject: str
    email: str | None
    name: str
    mfa: bool


@dataclass
class _Known:
    """What was fetched of a provider, until the (monotonic) time at which it is fetched again."""

    until: float
    metadata: Metadata
    keys: KeySet | None = None


_known: dict[str, _Known] = {}


async def discover(provider: SignInProvider) -> Metadata:
    """What the provider says of itself, asked for once an hour.

    Raises:
        SignInProviderUnavailable: it does not answer, or not as it must.
    """
    async with _asking(provider) as client:
        return (await _knowledge(provider, client)).metadata


def authorization_url(provider: SignInProvider, metadata: Metadata, state: str, nonce: str, verifier: str) -> str:
    """Where the browser is to go."""
    url: str = prepare_grant_uri(
        metadata.authorization_endpoint,
        client_id=provider.client_id,
        response_type="code",
        redirect_uri=provider.redirect_uri,
        scope=provider.scopes,
        state=state,
        nonce=nonce,
        code_challenge=create_s256_code_challenge(verifier),
        code_challenge_method="S256",
    )
    return url


async def identify(provider: SignInProvider, code: str, iss: str | None, nonce: str, verifier: str) -> Person:
    """Whom the provider says that the code stands for, which it takes once.

    Raises:
        SignInProviderUnavailable: it does not answer, or not as it must.
        InvalidCredentials: it refuses the code, or what it says is not for this sign-in.
    """
    async with _asking(provider) as client:
        known = await _knowledge(provider, client)
        told = iss is not None or known.metadata.authorization_response_iss_parameter_supported
        if told and iss != provider.issuer:
            raise _refused(provider, "the answer is of another issuer")
        tokens = await _exchange(provider, known.metadata, client, code, verifier)
        claims = await _verified(provider, known, client, tokens, nonce)
        said = await _with_address(provider, known.metadata, client, tokens, claims)
    return _person(provider, claims, said)


@asynccontextmanager
async def _asking(provider: SignInProvider) -> AsyncIterator[httpx.AsyncClient]:
    seconds = provider.timeout_seconds
    try:
        async with asyncio.timeout(seconds), httpx.AsyncClient(timeout=seconds) as client:
            yield client
    except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, _Unusable) as error:
        why = str(error) if isinstance(error, _Unusable) else type(error).__name__
        log.warning("sign-in provider %s is unavailable: %s", provider.key, why)
        raise provider.unavailable() from None


class _Unusable(Exception):
    """What a provider answered is not what it must."""


async def _answer(client: httpx.AsyncClient, method: str, url: str, **given: Any) -> tuple[int, dict[str, Any]]:
    """The status and the JSON object that it answers with; no redirect is followed."""
    body = b""
    async with client.stream(method, url, **given) as response:
        async for chunk in response.aiter_bytes():
            body += chunk
            if len(body) > LONGEST_ANSWER:
                raise _Unusable("its answer is too long")
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError:
        found = None
    if not isinstance(found, dict):
        raise _Unusable(f"HTTP {response.status_code} without a JSON object")
    return response.status_code, found


async def _fetched(client: httpx.AsyncClient, url: str, **given: Any) -> dict[str, Any]:
    status, found = await _answer(client, "GET", url, **given)
    if status != httpx.codes.OK:
        raise _Unusable(f"HTTP {status}")
    return found


async def _knowledge(provider: SignInProvider, client: httpx.AsyncClient) -> _Known:
    known = _known.get(provider.issuer)
    if known is None or known.until <= time.monotonic():
        url = f"{provider.issuer.rstrip('/')}/.well-known/openid-configuration"
        try:
            metadata = Metadata.model_validate(await _fetched(client, url))
        except ValidationError as error:
            wrong = ", ".join(".".join(map(str, one["loc"])) for one in error.errors())
            raise _Unusable(f"of its configuration, {wrong} is not as it must be") from None
        if metadata.issuer != provider.issuer or not is_secure(metadata.authorization_endpoint.partition("?")[0]):
            raise _Unusable("its configuration is of another issuer")
        _known[provider.issuer] = known = _Known(time.monotonic() + KNOWN_SECONDS, metadata)
    return known


async def _keys(known: _Known, client: httpx.AsyncClient, anew: bool = False) -> KeySet:
    if known.keys is None or anew:
        try:
            known.keys = KeySet.import_key_set(await _fetched(client, known.metadata.jwks_uri))  # type: ignore[arg-type]
        except (JoseError, ValueError, KeyError, TypeError):
            raise _Unusable("its keys cannot be read") from None
    return known.keys


async def _exchange(
    provider: SignInProvider, metadata: Metadata, client: httpx.AsyncClient, code: str, verifier: str
) -> dict[str, Any]:
    """The tokens that the provider gives for a code."""
    secret, able = provider.client_secret, metadata.token_endpoint_auth_methods_supported
    method = "none" if secret is None else "client_secret_basic"
    if secret is not None and "client_secret_post" in able and "client_secret_basic" not in able:
        method = "client_secret_post"
    body = prepare_token_request(
        "authorization_code", code=code, redirect_uri=provider.redirect_uri, code_verifier=verifier
    )
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
    auth = ClientAuth(provider.client_id, secret and secret.get_secret_value(), method)
    url, headers, body = auth.prepare("POST", metadata.token_endpoint, headers, body)
    status, tokens = await _answer(client, "POST", url, headers=headers, content=body)
    if status == httpx.codes.OK:
        return tokens
    if tokens.get("error") == "invalid_grant":
        raise _refused(provider, "the code is unknown, used or too old")
    raise _Unusable(f"HTTP {status} for a code")


async def _verified(
    provider: SignInProvider, known: _Known, client: httpx.AsyncClient, tokens: Mapping[str, Any], nonce: str
) -> Mapping[str, Any]:
    """The claims of the ID token, which was signed by the provider, now, for us and for this sign-in."""
    text, access_token = tokens.get("id_token"), tokens.get("access_token")
    if not isinstance(text, str):
        raise _refused(provider, "there is no ID token")
    registry = JWSRegistry(algorithms=ALGORITHMS, strict_check_header=False)
    try:
        try:
            token = jwt.decode(text, await _keys(known, client), registry=registry)
        except (InvalidKeyIdError, BadSignatureError):
            token = jwt.decode(text, await _keys(known, client, anew=True), registry=registry)
        expected = {"iss": provider.issuer, "aud": provider.client_id, "nonce": nonce}
        options = {name: {"essential": True, "value": value} for name, value in expected.items()}
        params = {"nonce": nonce, "client_id": provider.client_id, "access_token": access_token}
        claims: Mapping[str, Any] = CodeIDToken(token.claims, token.header, options, params)
        claims.validate(now=int(clock.now().timestamp()), leeway=LEEWAY_SECONDS)  # type: ignore[attr-defined]
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise _refused(provider, f"the ID token is refused: {error}") from None
    return claims


async def _with_address(
    provider: SignInProvider,
    metadata: Metadata,
    client: httpx.AsyncClient,
    tokens: Mapping[str, Any],
    claims: Mapping[str, Any],
) -> Mapping[str, Any]:
    """The claims, with what the provider says of the person elsewhere if the ID token has no address."""
    if "email" in claims or metadata.userinfo_endpoint is None or not isinstance(tokens.get("access_token"), str):
        return claims
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
    more = await _fetched(client, metadata.userinfo_endpoint, headers=bearer)
    if more.get("sub") != claims["sub"]:
        raise _refused(provider, "the user's information is of another person")
    return {**more, **claims}


def _person(provider: SignInProvider, claims: Mapping[str, Any], said: Mapping[str, Any]) -> Person:
    subject, amr = claims["sub"], claims.get("amr") or []
    if not isinstance(subject, str) or not 0 < len(subject) <= LONGEST_SUBJECT or "\0" in subject:
        raise _refused(provider, "the subject is no text of 1 to 255 characters")
    address = None
    if said.get("email_verified") is True and isinstance(said.get("email"), str):
        try:
            address = sign_in_address(said["email"])
        except InvalidInput:
            log.warning("sign-in provider %s names an address that is none", provider.key)
    called = said.get("name") or said.get("preferred_username") or ""
    name = "".join(filter(str.isprintable, called)).strip()[:200] if isinstance(called, str) else ""
    return Person(provider.issuer, subject, address, name, provider.mfa_counts and MULTIPLE_FACTORS in amr)


def _refused(provider: SignInProvider, why: str) -> InvalidCredentials:
    log.warning("sign-in by %s is refused: %s", provider.key, why)
    return InvalidCredentials(of="sign-in", path=("code",))
