"""Signing a deployment's requests: HTTP Message Signatures (RFC 9421), HMAC-SHA-256; see docs/launcher-signing.md."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from http_message_signatures import (
    HTTPMessageSigner,
    HTTPMessageVerifier,
    HTTPSignatureKeyResolver,
    InvalidSignature,
    VerifyResult,
    algorithms,
)

from app.protocol.usual import usual_nonce

COMPONENTS = ("@method", "@target-uri", "content-digest", "content-type")
LABEL = "sig1"
WINDOW = timedelta(seconds=300)
CREATED = re.compile(r";created=([0-9]{1,12})(?=;|,|\s|$)", re.ASCII)
MOST_SHOWN = 300
KEY_ID = re.compile(r';keyid="([A-Za-z0-9]{1,40})"')
"""The AK in a Signature-Input, which is looked up before the signature can be checked."""


@dataclass
class Message:
    """A request as the signature sees it."""

    method: str
    url: str
    headers: dict[str, str] = field(default_factory=dict)


class OneKey(HTTPSignatureKeyResolver):
    """Knows one AK/SK pair."""

    def __init__(self, ak: str, sk: bytes) -> None:
        self.ak = ak
        self.sk = sk

    def resolve_private_key(self, key_id: str) -> bytes:
        """The SK."""
        return self.sk

    def resolve_public_key(self, key_id: str) -> bytes:
        """The SK, for its own AK only."""
        if key_id != self.ak:
            raise InvalidSignature("keyid is another AK")
        return self.sk


class Verifier(HTTPMessageVerifier):
    """Accepts signatures made within five minutes of now, either way."""

    max_clock_skew = WINDOW


def sign_request(
    ak: str, sk: str, method: str, url: str, body: bytes, now: datetime, content_type: str = "application/json"
) -> dict[str, str]:
    """The headers to send with a request: content type and digest, and its signature with a fresh nonce."""
    message = Message(method, url, {"Content-Type": content_type})
    HTTPMessageSigner(signature_algorithm=algorithms.HMAC_SHA256, key_resolver=OneKey(ak, sk.encode())).sign(
        message,
        key_id=ak,
        created=now,
        nonce=secrets.token_urlsafe(24),
        label=LABEL,
        covered_component_ids=COMPONENTS,
        body=body,
    )
    return message.headers


def why_refused(said: str, message: Message, now: datetime) -> str:
    """What does not fit, with the part that it is about as the verifier sees it: the age, or the target URI."""
    headers = {name.lower(): value for name, value in message.headers.items()}
    created = CREATED.search(headers.get("signature-input", ""))
    if created is not None and abs(now.timestamp() - (made := int(created.group(1)))) > WINDOW.total_seconds():
        allowed = f"{WINDOW.total_seconds():.0f} s"
        clock = int(now.timestamp())
        return f"created={made} is {abs(clock - made)} s from the server's clock, {clock}, and {allowed} are allowed"
    if "did not match" in said:
        seen = f"{message.method} {message.url[:MOST_SHOWN]}"
        return f"the signature does not fit the request that the server sees, {seen}: check the SK and the target URI"
    return said or "it does not verify"


def verify_request(ak: str, sk: bytes, message: Message, body: bytes | None) -> str:
    """The nonce of a request that ``ak`` signed, within five minutes, body included; without one, all but the body.

    Raises:
        InvalidSignature: it is not signed so.
    """
    headers = {name.lower(): value for name, value in message.headers.items()}
    usual = usual_nonce((ak, sk), (message.method, message.url, headers), body, datetime.now(UTC), WINDOW)
    return usual or parsed_nonce(ak, sk, message, body)


def parsed_nonce(ak: str, sk: bytes, message: Message, body: bytes | None) -> str:
    """The same of a request that is signed in whatever form.

    Raises:
        InvalidSignature: it is not signed so.
    """
    results: list[VerifyResult] = Verifier(
        signature_algorithm=algorithms.HMAC_SHA256, key_resolver=OneKey(ak, sk)
    ).verify(message, max_age=timedelta(0), body=body)
    parameters, covered = results[0].parameters, set(results[0].covered_components)
    if "alg" not in parameters:
        raise InvalidSignature(f'the signature needs the parameter alg="{algorithms.HMAC_SHA256.algorithm_id}"')
    if covered - {'"@signature-params"'} != {f'"{component}"' for component in COMPONENTS}:
        raise InvalidSignature(f"the signature must cover exactly {', '.join(COMPONENTS)}")
    nonce = results[0].nonce
    if nonce is None or not 16 <= len(nonce) <= 128:
        raise InvalidSignature("the signature needs a nonce of 16 to 128 characters")
    return nonce
