"""Checking a signature that is written as signers usually write it, in a sixth of the time that parsing it takes.

RFC 9421 lets a signature's headers be written in many ways, for which the library has a parser of structured fields.
Almost all that come are written in one. Of that form alone the nonce is answered, if everything about it is right;
about whatever else there is, wrong signatures above all, the library is asked.
"""

from __future__ import annotations

import hmac
import re
from base64 import b64encode
from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import sha256

INPUT = re.compile(
    r"([a-z][a-z0-9_-]*)="
    r'(\("@method" "@target-uri" "content-digest" "content-type"\)'
    r'(?:;created=([1-9][0-9]{0,11})|;keyid="([A-Za-z0-9]{1,40})"|;alg="hmac-sha256"()|;nonce="([!#-\[\]-~]{16,128})"){4})',
    re.ASCII,
)
"""The components in their order, and each of the four parameters, in any order."""
SIGNATURE = re.compile(r"([a-z][a-z0-9_-]*)=:([A-Za-z0-9+/]{43}=):", re.ASCII)
DIGEST = re.compile(r"sha-256=:([A-Za-z0-9+/]{43}=):", re.ASCII)
CONTENT_TYPE = re.compile(r"[!-~](?:[ -~]*[!-~])?", re.ASCII)
METHOD = re.compile(r"[A-Z]{1,20}", re.ASCII)
URL = re.compile(r"https?://[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::[1-9][0-9]{0,4})?/[A-Za-z0-9/_-]*", re.ASCII)


def usual_nonce(
    key: tuple[str, bytes],
    request: tuple[str, str, Mapping[str, str]],
    body: bytes | None,
    now: datetime,
    window: timedelta,
) -> str | None:
    """The nonce of a request (method, URL, headers by their names in lower case) that is signed with a key (AK, SK)
    within ``window`` of now, either way; ``None`` where it is not, or not in the usual form. Without a ``body`` its
    digest is not compared."""
    method, url, headers = request
    given = INPUT.fullmatch(headers.get("signature-input", ""))
    signature = SIGNATURE.fullmatch(headers.get("signature", ""))
    digest = DIGEST.fullmatch(headers.get("content-digest", ""))
    kind = CONTENT_TYPE.fullmatch(headers.get("content-type", ""))
    if not (given and signature and digest and kind and METHOD.fullmatch(method) and URL.fullmatch(url)):
        return None
    label, parameters, created, ak, algorithm, nonce = given.groups()
    if None in (created, ak, algorithm, nonce) or label != signature[1] or ak != key[0]:
        return None
    if abs(now.timestamp() - int(created)) > window.total_seconds():
        return None
    if body is not None and b64encode(sha256(body).digest()).decode() != digest[1]:
        return None
    base = (
        f'"@method": {method}\n"@target-uri": {url}\n"content-digest": {digest[0]}\n"content-type": {kind[0]}\n'
        f'"@signature-params": {parameters}'
    )
    made = b64encode(hmac.digest(key[1], base.encode(), "sha256")).decode()
    return nonce if hmac.compare_digest(made, signature[2]) else None
