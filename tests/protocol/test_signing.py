"""Signed requests: what is signed cannot be changed, and what is not signed so is refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from http_message_signatures import HTTPMessageSigner, InvalidSignature, algorithms

from app.protocol.signing import COMPONENTS, LABEL, Message, OneKey, sign_request, verify_request, why_refused

AK, SK = "AK0123456789ABCDEF01234567", "kx0Qw4bT2mYJxq0uT8w3pX6aJ1c9nZrV5sL7dGhEfKo"
URL = "https://billing.example.com/graphql"
BODY = b'{"query":"{ viewer { user { name } } }"}'
NONCE = "0123456789abcdef"


def _signed(now: datetime | None = None) -> Message:
    return Message("POST", URL, sign_request(AK, SK, "POST", URL, BODY, now or datetime.now(UTC)))


def _signed_otherwise(**changes: object) -> Message:
    message = Message("POST", URL, {"Content-Type": "application/json"})
    options: dict[str, Any] = {
        "key_id": AK,
        "created": datetime.now(UTC),
        "nonce": NONCE,
        "label": LABEL,
        "covered_component_ids": COMPONENTS,
        "body": BODY,
    }
    signer = HTTPMessageSigner(signature_algorithm=algorithms.HMAC_SHA256, key_resolver=OneKey(AK, SK.encode()))
    signer.sign(message, **(options | changes))
    return message


def _verify(message: Message, body: bytes = BODY, sk: str = SK) -> str:
    return verify_request(AK, sk.encode(), message, body)


def test_a_signed_request_verifies_and_tells_its_nonce() -> None:
    assert 16 <= len(_verify(_signed())) <= 128


def test_every_request_has_a_nonce_of_its_own() -> None:
    assert _verify(_signed()) != _verify(_signed())


def test_header_names_have_no_case() -> None:
    message = _signed()
    _verify(replace(message, headers={name.lower(): value for name, value in message.headers.items()}))


@pytest.mark.parametrize(
    "change",
    [
        {"method": "PUT"},
        {"url": "https://billing.example.com/graphql?x=1"},
        {"url": "https://other.example.com/graphql"},
        {"url": "http://billing.example.com/graphql"},
    ],
)
def test_another_method_or_address_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(InvalidSignature):
        _verify(replace(_signed(), **change))


@pytest.mark.parametrize("body", [b"", BODY + b" ", BODY.replace(b"name", b"mail")])
def test_another_body_is_refused(body: bytes) -> None:
    with pytest.raises(InvalidSignature):
        _verify(_signed(), body)


def test_another_body_with_its_own_digest_is_refused() -> None:
    other = sign_request(AK, "another secret", "POST", URL, b"{}", datetime.now(UTC))
    message = _signed()
    message.headers["Content-Digest"] = other["Content-Digest"]
    with pytest.raises(InvalidSignature):
        _verify(message, b"{}")


@pytest.mark.parametrize("name", ["Content-Type", "Content-Digest", "Signature", "Signature-Input"])
def test_without_a_header_it_is_refused(name: str) -> None:
    message = _signed()
    del message.headers[name]
    with pytest.raises(InvalidSignature):
        _verify(message)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Content-Type", "text/plain"),
        ("Content-Digest", "sha-256=:AAAA:"),
        ("Content-Digest", "nonsense"),
        ("Signature", "sig1=:AAAA:"),
        ("Signature", "sig1=nonsense"),
        ("Signature", "\x00"),
        ("Signature-Input", 'sig1=("@method");created=1;keyid="x"'),
        ("Signature-Input", "sig1"),
    ],
)
def test_another_header_is_refused(name: str, value: str) -> None:
    message = _signed()
    message.headers[name] = value
    with pytest.raises(InvalidSignature):
        _verify(message)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (";nonce=", ';nonce="0123456789abcdef";tag='),
        (";created=", ";created=1"),
        ('alg="hmac-sha256"', 'alg="ed25519"'),
    ],
)
def test_another_parameter_is_refused(old: str, new: str) -> None:
    message = _signed()
    assert old in message.headers["Signature-Input"]
    message.headers["Signature-Input"] = message.headers["Signature-Input"].replace(old, new)
    with pytest.raises(InvalidSignature):
        _verify(message)


def test_another_secret_is_refused() -> None:
    with pytest.raises(InvalidSignature):
        _verify(_signed(), sk="another secret")


def test_another_access_key_is_refused() -> None:
    with pytest.raises(InvalidSignature, match="another AK"):
        verify_request("AK000000000000000000000000", SK.encode(), _signed(), BODY)


@pytest.mark.parametrize("seconds", [-290, 290])
def test_a_clock_may_be_five_minutes_off(seconds: int) -> None:
    _verify(_signed(datetime.now(UTC) + timedelta(seconds=seconds)))


@pytest.mark.parametrize("seconds", [-310, 310, -86_400, 86_400])
def test_a_clock_that_is_more_off_is_refused(seconds: int) -> None:
    with pytest.raises(InvalidSignature):
        _verify(_signed(datetime.now(UTC) + timedelta(seconds=seconds)))


@pytest.mark.parametrize("missing", COMPONENTS)
def test_every_component_must_be_covered(missing: str) -> None:
    rest = tuple(component for component in COMPONENTS if component != missing)
    headers = {"body": None} if missing == "content-digest" else {}
    with pytest.raises(InvalidSignature):
        _verify(_signed_otherwise(covered_component_ids=rest, **headers))


@pytest.mark.parametrize("nonce", [None, "", "0123456789abcde", "x" * 129])
def test_a_nonce_of_another_length_is_refused(nonce: str | None) -> None:
    with pytest.raises(InvalidSignature, match="nonce"):
        _verify(_signed_otherwise(nonce=nonce))


def test_the_algorithm_must_be_named() -> None:
    with pytest.raises(InvalidSignature, match="alg"):
        _verify(_signed_otherwise(include_alg=False))


def test_the_covered_components_are_these_and_no_others() -> None:
    with pytest.raises(InvalidSignature, match="exactly"):
        _verify(_signed_otherwise(covered_component_ids=(*COMPONENTS, "@authority")))


def test_two_signatures_are_refused() -> None:
    first, second = _signed().headers, _signed().headers
    for name in ("Signature", "Signature-Input"):
        first[name] += ", " + second[name].replace("sig1=", "sig2=", 1)
    with pytest.raises(InvalidSignature):
        _verify(Message("POST", URL, first))


def _why(message: Message, sk: str = SK, now: datetime | None = None) -> str:
    with pytest.raises(InvalidSignature) as refused:
        _verify(message, sk=sk)
    return why_refused(str(refused.value), message, now or datetime.now(UTC))


def test_a_refusal_says_which_part_differs_as_the_server_sees_it() -> None:
    seen = "http://10.0.0.7:8000/graphql"
    assert f"POST {seen}: check the SK and the target URI" in _why(replace(_signed(), url=seen))
    assert f"POST {URL}: check the SK" in _why(_signed(), sk="another")
    now = datetime.now(UTC)
    made = now - timedelta(minutes=15)
    for at in (made, now + timedelta(minutes=15)):
        said = _why(_signed(at), now=now)
        assert f"created={int(at.timestamp())} is 900 s from the server's clock, {int(now.timestamp())}" in said
        assert "300 s are allowed" in said
