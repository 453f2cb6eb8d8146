"""Signed documents: JWS in compact form (RFC 7515), read strictly, so that no second one means the same; what people
put around and into its text on the way does not count (``app.protocol.pasted``).

What the billing center signs uses Ed25519 (RFC 8037, alg ``EdDSA``); what a deployment carries to it by file is signed
with its SK (HMAC-SHA256, ``HS256``). ``typ`` keeps one kind of document from being taken for another (RFC 8725, 3.11).
Neither database nor network is needed here.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from enum import Enum
from functools import lru_cache
from typing import Any, Protocol

import orjson
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwa import EdDSAAlgorithm, JWSAlgModel
from joserfc.jwk import OctKey, OKPKey

from app.errors import BillingError, InvalidDocument, InvalidLicense
from app.protocol.pasted import pasted
from app.refusals import DocumentKind, RefusalReason

KEY_BYTES = 32
MOST_WRAPPED = 4
"""How many times its length a document may have with what was wrapped around and into it."""
_COMPACT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+", re.ASCII)


class Kind(Enum):
    """The documents: media type (``typ``), algorithm, and the most characters one may have."""

    LICENSE = ("license+jws", "EdDSA", 8_192)
    RECEIPT = ("receipt+jws", "EdDSA", 8_192)
    REVOCATIONS = ("revocations+jws", "EdDSA", 8_388_608)
    CHALLENGE = ("challenge+jws", "HS256", 16_384)
    USAGE = ("usage+jws", "HS256", 1_048_576)

    def __init__(self, typ: str, algorithm: str, longest: int) -> None:
        self.typ = typ
        self.algorithm = algorithm
        self.longest = longest

    @property
    def path(self) -> str:
        """The argument that the document comes in."""
        return "file" if self is Kind.USAGE else self.name.lower()


class _EdDSA(EdDSAAlgorithm):
    """RFC 9864 prefers the name ``Ed25519``, which few verifiers know yet; see decision 3."""

    security_warning = None  # type: ignore[assignment]


class _Registry(jws.JWSRegistry):
    algorithms: dict[str, JWSAlgModel] = {"EdDSA": _EdDSA(), "HS256": jws.JWSRegistry.algorithms["HS256"]}
    max_payload_length = Kind.REVOCATIONS.longest


_registries = {name: _Registry(algorithms=[name]) for name in ("EdDSA", "HS256")}


class Signer(Protocol):
    """Something that signs with an Ed25519 key known by ``kid``: one in the database, or in an external device."""

    @property
    def kid(self) -> str:
        """The key id."""
        ...

    async def sign(self, message: bytes) -> bytes:
        """The 64 bytes of the signature (RFC 8032, pure Ed25519) over ``message``."""
        ...


def refuse(kind: Kind, reason: RefusalReason, **details: Any) -> BillingError:
    """The typed error for a document of that kind."""
    if kind is Kind.LICENSE:
        return InvalidLicense(reason=reason, path=("license",), **details)
    return InvalidDocument(document=DocumentKind[kind.name], reason=reason, path=(kind.path,), **details)


async def sign(kind: Kind, claims: Mapping[str, Any], signer: Signer) -> str:
    """``claims`` as one line of text, signed by the billing center."""
    message = _encode({"alg": kind.algorithm, "kid": signer.kid, "typ": kind.typ}) + b"." + _encode(claims)
    return (message + b"." + _base64url(await signer.sign(message))).decode()


def sign_with_sk(kind: Kind, claims: Mapping[str, Any], ak: str, sk: bytes) -> str:
    """``claims`` as one line of text, signed by a deployment; ``kid`` is the AK."""
    header = {"alg": kind.algorithm, "kid": ak, "typ": kind.typ}
    return jws.serialize_compact(header, orjson.dumps(claims), OctKey.import_key(sk), registry=_registries["HS256"])


def verify(kind: Kind, text: str, public_keys: Mapping[str, bytes]) -> dict[str, Any]:
    """The claims of a document that the billing center signed. ``public_keys`` are raw, by key id.

    Raises:
        InvalidLicense, InvalidDocument: by kind, with the reason TOO_LONG, NOT_BASE64, MALFORMED, WRONG_KIND,
            WRONG_ALGORITHM, UNKNOWN_KEY or BAD_SIGNATURE.
    """
    document, kid = _parse(kind, text)
    public = public_keys.get(kid)
    if public is None:
        raise refuse(kind, RefusalReason.UNKNOWN_KEY)
    return _check(kind, document, _public_key(public))


def verify_with_sk(kind: Kind, text: str, sk: bytes) -> dict[str, Any]:
    """The claims of a document that a deployment signed; the signature is compared in constant time.

    Raises:
        InvalidDocument: as ``verify``.
    """
    return _check(kind, _parse(kind, text)[0], OctKey.import_key(sk))


def key_id(kind: Kind, text: str) -> str:
    """Which key a document says it is signed with; nothing is verified yet.

    Raises:
        InvalidLicense, InvalidDocument: it is no such document.
    """
    return _parse(kind, text)[1]


def peek(text: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and claims of any compact JWS, **unverified**: to be shown, never to be trusted.

    Raises:
        InvalidLicense: it is none.
    """
    try:
        document = _extract(Kind.LICENSE, text)
        header, claims = document.headers(), orjson.loads(document.payload)
    except (ValueError, JoseError, RecursionError):
        raise refuse(Kind.LICENSE, RefusalReason.MALFORMED) from None
    if not isinstance(claims, dict):
        raise refuse(Kind.LICENSE, RefusalReason.MALFORMED)
    return dict(header), claims


def public_jwk(kid: str, public: bytes) -> dict[str, Any]:
    """A raw public key as a member of a JWK set (RFC 7517, RFC 8037)."""
    return {**_public_key(public).as_dict(private=False), "kid": kid, "use": "sig", "alg": "EdDSA"}


def read_jwks(text: bytes) -> dict[str, bytes]:
    """The raw Ed25519 public keys of a JWK set by key id; keys of other types are passed over.

    Raises:
        ValueError: it is not a JWK set.
    """
    keys = orjson.loads(text)
    found = keys.get("keys") if isinstance(keys, dict) else None
    if not isinstance(found, list) or not all(isinstance(key, dict) for key in found):
        raise ValueError('a JWK set has the form {"keys": [...]}')
    read = {
        key["kid"]: _unbase64url(key["x"])
        for key in found
        if key.get("crv") == "Ed25519" and isinstance(key.get("kid"), str) and isinstance(key.get("x"), str)
    }
    if any(len(key) != KEY_BYTES for key in read.values()):
        raise ValueError(f"an Ed25519 key has {KEY_BYTES} bytes")
    return read


def _parse(kind: Kind, text: str) -> tuple[jws.CompactSignature, str]:
    try:
        document = _extract(kind, text)
        header = document.headers()
    except (ValueError, JoseError, RecursionError):
        raise refuse(kind, RefusalReason.MALFORMED) from None
    if header.get("alg") != kind.algorithm:
        raise refuse(kind, RefusalReason.WRONG_ALGORITHM)
    if header.get("typ") != kind.typ:
        raise refuse(kind, RefusalReason.WRONG_KIND)
    if header.keys() != {"alg", "kid", "typ"} or not isinstance(header["kid"], str):
        raise refuse(kind, RefusalReason.MALFORMED)
    return document, header["kid"]


def _extract(kind: Kind, text: str) -> jws.CompactSignature:
    if len(text) > MOST_WRAPPED * kind.longest:
        raise refuse(kind, RefusalReason.TOO_LONG)
    text = pasted(text)
    if len(text) > kind.longest:
        raise refuse(kind, RefusalReason.TOO_LONG)
    if not _COMPACT.fullmatch(text):
        raise refuse(kind, RefusalReason.NOT_BASE64)
    raw = text.encode()
    signature = raw.rpartition(b".")[2]
    if _base64url(_unbase64url(signature)) != signature:
        raise refuse(kind, RefusalReason.BAD_SIGNATURE)
    return jws.extract_compact(raw, registry=_registries["EdDSA"])


def _check(kind: Kind, document: jws.CompactSignature, key: OKPKey | OctKey) -> dict[str, Any]:
    try:
        if not jws.validate_compact(document, key, registry=_registries[kind.algorithm]):
            raise refuse(kind, RefusalReason.BAD_SIGNATURE)
        claims = orjson.loads(document.payload)
    except (JoseError, ValueError):
        raise refuse(kind, RefusalReason.MALFORMED) from None
    if not isinstance(claims, dict):
        raise refuse(kind, RefusalReason.MALFORMED)
    return claims


@lru_cache(maxsize=256)
def _public_key(public: bytes) -> OKPKey:
    pem = Ed25519PublicKey.from_public_bytes(public).public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return OKPKey.import_key(pem)


def _encode(value: Mapping[str, Any]) -> bytes:
    return _base64url(orjson.dumps(value))


def _base64url(raw: bytes) -> bytes:
    return base64.urlsafe_b64encode(raw).rstrip(b"=")


def _unbase64url(text: str | bytes) -> bytes:
    raw = text.encode() if isinstance(text, str) else text
    return base64.urlsafe_b64decode(raw + b"=" * (-len(raw) % 4))
