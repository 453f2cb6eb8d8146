"""What is accepted in the usual form, the library accepts as well."""

from __future__ import annotations

import hmac
from base64 import b64encode
from datetime import UTC, datetime
from hashlib import sha256
from random import Random
from typing import Any

from http_message_signatures import HTTPMessageSignaturesException
from hypothesis import given, settings
from hypothesis import strategies as st

from app.protocol.signing import WINDOW, Message, parsed_nonce, sign_request
from app.protocol.usual import usual_nonce

AK, SK, BODY = "AK00112233445566778899AABB", b"secret" * 6, b'{"query": "{ __typename }"}'
COMPONENTS = '("@method" "@target-uri" "content-digest" "content-type")'
URLS = [
    "https://billing.example.com/graphql",
    "http://127.0.0.1:8000/graphql",
    "https://Billing.example.com/graphql",
    "https://billing.example.com:443/graphql",
    "https://billing.example.com/graphql?x=1",
    "https://billing.example.com",
    "https://billing.example.com/a/../graphql",
    "https://billing.example.com/%67raphql",
]
KINDS = ["application/json", "application/json; charset=utf-8", " application/json", "a\tb", "application/jsön", ""]
PARAMETERS = [
    "created={now}",
    'keyid="{ak}"',
    'alg="hmac-sha256"',
    'nonce="{nonce}"',
    "created=0{now}",
    "created={now}.0",
    'keyid="other"',
    'tag="x"',
    "expires={now}",
]


def by_hand(random: Random) -> tuple[Message, bytes]:
    """A request that is signed with the key, written in one way or another, right or wrong."""
    url, kind, method = random.choice(URLS), random.choice(KINDS), random.choice(["POST", "POST", "GET", "post"])
    sent = random.choice([BODY, BODY, b""])
    digest = f"sha-256=:{b64encode(sha256(sent).digest()).decode()}:" + random.choice(["", "", "", ", md5=:AA==:"])
    chosen = PARAMETERS[:4] if random.random() < 0.7 else random.sample(PARAMETERS, random.randint(3, 6))
    random.shuffle(chosen)
    now = int(datetime.now(UTC).timestamp()) + random.choice([0, 0, 0, -299, 299, -302, 302])
    nonce = random.choice(["0123456789abcdef", "0123456789abcdef" * 8, "short", 'quote\\"d-and-long', "a b" * 6])
    parameters = COMPONENTS + "".join(f";{one.format(now=now, ak=AK, nonce=nonce)}" for one in chosen)
    base = (
        f'"@method": {method}\n"@target-uri": {url}\n"content-digest": {digest}\n"content-type": {kind}\n'
        f'"@signature-params": {parameters}'
    )
    made = b64encode(hmac.digest(SK, base.encode(), "sha256")).decode()
    label, other = random.choice([("sig1", "sig1"), ("a-b_c", "a-b_c"), ("sig1", "sig2"), ("Sig1", "Sig1")])
    headers = {
        "Content-Type": kind,
        "Content-Digest": digest,
        "Signature-Input": f"{label}={parameters}",
        "Signature": f"{other}=:{made}:",
    }
    return Message(method, url, headers), random.choice([sent, sent, BODY])


def usual(message: Message, body: bytes | None, ak: str = AK) -> str | None:
    headers = {name.lower(): value for name, value in message.headers.items()}
    return usual_nonce((ak, SK), (message.method, message.url, headers), body, datetime.now(UTC), WINDOW)


def parsed(message: Message, body: bytes | None) -> Any:
    try:
        return parsed_nonce(AK, SK, message, body)
    except HTTPMessageSignaturesException:
        return None


@given(st.randoms(use_true_random=False))
@settings(max_examples=200, deadline=None)
def test_nothing_is_accepted_that_the_library_refuses(random: Random) -> None:
    message, body = by_hand(random)
    for given_body in (body, None):
        found = usual(message, given_body)
        assert found is None or found == parsed(message, given_body)


def test_what_signers_write_is_of_the_usual_form() -> None:
    for url in URLS[:2]:
        message = Message("POST", url, sign_request(AK, SK.decode(), "POST", url, BODY, datetime.now(UTC)))
        assert usual(message, BODY) == parsed(message, BODY) is not None
        assert usual(message, BODY + b" ") is usual(message, BODY, ak="AK0") is None


@given(st.randoms(use_true_random=False))
@settings(max_examples=200, deadline=None)
def test_no_changed_character_is_accepted(random: Random) -> None:
    url = URLS[0]
    message = Message("POST", url, sign_request(AK, SK.decode(), "POST", url, BODY, datetime.now(UTC)))
    name = random.choice(sorted(message.headers))
    value = message.headers[name]
    place = random.randrange(len(value))
    message.headers[name] = value[:place] + random.choice('x0=":;, ()') + value[place + random.randint(0, 1) :]
    if message.headers[name] != value:
        assert usual(message, BODY) is None or parsed(message, BODY) is not None
