"""License text: a JWS (RFC 7515) in compact form, signed with Ed25519 (RFC 8037), checked with public keys alone."""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from joserfc import jws
from joserfc.errors import JoseError, SecurityWarning
from joserfc.jwk import OKPKey

from app.errors import InvalidLicense

ALGORITHM = "EdDSA"
ISSUER = "edition-billing"
LONGEST_TEXT = 8_192
_COMPACT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
warnings.filterwarnings("ignore", message="EdDSA is deprecated", category=SecurityWarning)
_registry = jws.JWSRegistry(algorithms=[ALGORITHM])


def new_key() -> tuple[bytes, bytes]:
    """A new Ed25519 key pair as raw bytes: private, public (32 bytes each)."""
    private = Ed25519PrivateKey.generate()
    return private.private_bytes_raw(), private.public_key().public_bytes_raw()


def public_jwk(kid: str, public: bytes) -> dict[str, Any]:
    """A public key as a member of a JWK set (RFC 7517, RFC 8037)."""
    pem = Ed25519PublicKey.from_public_bytes(public).public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return {**OKPKey.import_key(pem).as_dict(private=False), "kid": kid, "use": "sig", "alg": ALGORITHM}


def sign(payload: bytes, kid: str, private: bytes) -> str:
    """``payload`` as a compact JWS: one line, three base64url parts."""
    pem = Ed25519PrivateKey.from_private_bytes(private).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    header = {"alg": ALGORITHM, "kid": kid, "typ": "license+jws"}
    return jws.serialize_compact(header, payload, OKPKey.import_key(pem), registry=_registry)


def verify(text: str, public_keys: Mapping[str, bytes], now: datetime) -> dict[str, Any]:
    """The claims of a license text whose signature and times are right; needs neither server nor network.

    ``public_keys`` are raw Ed25519 public keys by key id.

    Raises:
        InvalidLicense: with the reason NOT_BASE64, MALFORMED, WRONG_ALGORITHM, UNKNOWN_KEY, BAD_SIGNATURE,
            NOT_YET_VALID or EXPIRED.
    """
    text = text.strip()
    if len(text) > LONGEST_TEXT:
        raise InvalidLicense(reason="MALFORMED", path=("license",))
    if not _COMPACT.fullmatch(text):
        raise InvalidLicense(reason="NOT_BASE64", path=("license",))
    try:
        unverified = jws.extract_compact(text.encode())
        header = unverified.headers()
        if header.get("alg") != ALGORITHM:
            raise InvalidLicense(reason="WRONG_ALGORITHM", path=("license",))
        public = public_keys.get(str(header.get("kid")))
        if public is None:
            raise InvalidLicense(reason="UNKNOWN_KEY", path=("license",))
        payload = jws.deserialize_compact(text, OKPKey.import_key(public_jwk("", public)), registry=_registry).payload
        claims: dict[str, Any] = orjson.loads(payload)
        begins, ends = int(claims["nbf"]), int(claims["exp"])
    except InvalidLicense:
        raise
    except JoseError as error:
        reason = "BAD_SIGNATURE" if error.error == "bad_signature" else "MALFORMED"
        raise InvalidLicense(reason=reason, path=("license",)) from None
    except (ValueError, KeyError, TypeError, UnicodeDecodeError):
        raise InvalidLicense(reason="MALFORMED", path=("license",)) from None
    if now.timestamp() < begins:
        raise InvalidLicense(reason="NOT_YET_VALID", path=("license",))
    if now.timestamp() >= ends:
        raise InvalidLicense(reason="EXPIRED", path=("license",))
    return claims
