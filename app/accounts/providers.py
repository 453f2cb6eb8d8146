"""Sign-in providers (OpenID Connect): whom the operator lets say who somebody is, in a file of TOML."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, ValidationError

from app.errors import CannotStart, IdentityRefused, NotFound, SignInProviderUnavailable
from app.settings import get_settings

KEY = re.compile(r"[a-z][a-z0-9-]{0,49}")
DOMAIN = re.compile(r"\*|([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z0-9-]{2,63}")
RETRY_AFTER = 5
EVERY_DOMAIN = "*"
HERE = {"localhost", "127.0.0.1", "::1"}


def _secure(url: str) -> str:
    if not is_secure(url):
        raise ValueError("must be an https address, without a query (http on this machine alone)")
    return url


def _domain(name: str) -> str:
    if not DOMAIN.fullmatch(name):
        raise ValueError('must be a domain such as example.com, in small letters, or "*"')
    return name


Url = Annotated[str, Field(max_length=500), AfterValidator(_secure)]


class Name(BaseModel):
    """What a provider's button says."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    zh: str = Field(min_length=1, max_length=100)
    en: str = Field(min_length=1, max_length=100)


class SignInProvider(BaseModel):
    """A provider, by its ``key`` in the file.

    ``domains``: it speaks for addresses of these, and an address that it verified is a user's by that; ``*`` stands for
    all. ``registers``: who becomes a user by signing in with such an address. ``mfa_counts``: where it says that it
    asked for several factors (``amr`` with ``mfa``, RFC 8176), no second one is asked for here.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    key: str
    issuer: Url
    client_id: str = Field(min_length=1, max_length=500)
    client_secret: SecretStr | None = None
    redirect_uri: Url
    name: Name
    scopes: str = "openid email profile"
    domains: tuple[Annotated[str, AfterValidator(_domain)], ...] = ()
    registers: Literal["nobody", "invited", "everyone"] = "invited"
    mfa_counts: bool = False
    timeout_seconds: float = Field(default=10.0, gt=0, le=60)

    def speaks_for(self, address: str) -> bool:
        """Whether it says whose an e-mail address is."""
        return EVERY_DOMAIN in self.domains or address.rpartition("@")[2] in self.domains

    def refused(self) -> IdentityRefused:
        """That no user is, or may be, linked to what it says."""
        return IdentityRefused(provider_en=self.name.en, provider_zh=self.name.zh)

    def unavailable(self) -> SignInProviderUnavailable:
        """That it does not answer."""
        return SignInProviderUnavailable(provider_en=self.name.en, provider_zh=self.name.zh, retry_after=RETRY_AFTER)


def is_secure(url: str) -> bool:
    """Whether nobody on the way reads what is sent there: https, or this machine."""
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return False
    plain = parts.scheme == "http" and host in HERE
    return bool(host) and (parts.scheme == "https" or plain) and not (parts.query or parts.fragment or parts.username)


@cache
def sign_in_providers() -> Mapping[str, SignInProvider]:
    """The providers of ``BILLING_SIGN_IN_PROVIDERS`` by their keys, in the order of the file.

    Raises:
        CannotStart: it is no such file; the message names what is wrong, and no secret.
    """
    path = get_settings().sign_in_providers
    return _read(path) if path else {}


def sign_in_provider(key: str) -> SignInProvider:
    """The provider with a key.

    Raises:
        NotFound: there is none.
    """
    found = sign_in_providers().get(key)
    if found is None:
        raise NotFound(what="sign-in provider", path=("provider",))
    return found


def _read(path: Path) -> dict[str, SignInProvider]:
    try:
        tables: dict[str, Any] = tomllib.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise CannotStart(f"BILLING_SIGN_IN_PROVIDERS cannot be read: {error}") from None
    found: dict[str, SignInProvider] = {}
    for key, table in tables.items():
        if not KEY.fullmatch(key) or not isinstance(table, dict):
            raise CannotStart(f"BILLING_SIGN_IN_PROVIDERS: {key} must be a table whose name has a-z, 0-9 and - alone")
        try:
            found[key] = SignInProvider(**{**table, "key": key})
        except ValidationError as error:
            raise CannotStart("; ".join(_problem(key, one) for one in error.errors(include_input=False))) from None
        if "openid" not in found[key].scopes.split():
            raise CannotStart(f"BILLING_SIGN_IN_PROVIDERS: {key}.scopes must have openid among them")
    if len({one.issuer for one in found.values()}) < len(found):
        raise CannotStart("BILLING_SIGN_IN_PROVIDERS: two providers have the same issuer")
    return found


def _problem(key: str, found: Any) -> str:
    where = ".".join(map(str, (key, *found["loc"])))
    return f"BILLING_SIGN_IN_PROVIDERS: {where} {found['msg'].removeprefix('Value error, ')}"
