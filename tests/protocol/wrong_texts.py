"""Texts that readers of documents refuse, and how."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable

from app.errors import InvalidDocument, InvalidLicense
from app.protocol.carried import read_challenge, read_usage, write_challenge, write_usage
from app.protocol.documents import read_license, read_receipt, read_revocations
from app.protocol.jws import Kind
from tests.protocol.examples import (
    AK,
    CHALLENGE,
    FINGERPRINT,
    KEYS,
    LICENSE,
    NOW,
    PRIVATE,
    RECEIPT,
    REVOCATIONS,
    SIGNER,
    SK,
    USAGE,
    signed,
)

READERS: dict[str, Callable[[str], object]] = {
    "license": lambda text: read_license(text, KEYS, NOW),
    "receipt": lambda text: read_receipt(text, KEYS, FINGERPRINT),
    "revocations": lambda text: read_revocations(text, KEYS, NOW),
    "challenge": lambda text: read_challenge(text, SK.encode(), NOW),
    "usage": lambda text: read_usage(text, SK.encode(), NOW),
}
REFUSALS = (InvalidLicense, InvalidDocument)


def sign_anything(kind: str, payload: bytes) -> str:
    """A document of a kind with any payload at all, signed well."""
    of = Kind[kind.upper()]
    kid = AK if of.algorithm == "HS256" else SIGNER.kid
    message = f"{encoded({'alg': of.algorithm, 'kid': kid, 'typ': of.typ})}.{encoded(payload)}"
    if of.algorithm == "HS256":
        signature = hmac.digest(SK.encode(), message.encode(), hashlib.sha256)
    else:
        signature = PRIVATE.sign(message.encode())
    return f"{message}.{encoded(signature)}"


async def texts() -> dict[str, str]:
    return {
        "license": await signed(LICENSE),
        "receipt": await signed(RECEIPT),
        "revocations": await signed(REVOCATIONS),
        "challenge": write_challenge(CHALLENGE, AK, SK),
        "usage": write_usage(USAGE, AK, SK),
    }


def encoded(value: object) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
