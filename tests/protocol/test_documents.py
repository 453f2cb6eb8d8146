"""Signed documents: what is signed cannot be changed, taken for another kind, or crash whoever reads it."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac
import json
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from jwcrypto import jwk as jwcrypto_jwk
from jwcrypto import jws as jwcrypto_jws

from app.licenses.keys import LocalSigner
from app.protocol.carried import read_challenge, read_usage, write_challenge
from app.protocol.documents import read_license, read_receipt, read_revocations
from app.protocol.jws import Kind, peek, public_jwk, read_jwks, sign
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
    SK,
    USAGE,
    signed,
)
from tests.protocol.wrong_texts import READERS, REFUSALS, encoded, sign_anything, texts


def reason(call: Callable[[], object]) -> str:
    with pytest.raises(REFUSALS) as refused:
        call()
    assert refused.value.message("en")
    assert refused.value.message("zh")
    return str(refused.value.params["reason"])


async def test_what_was_signed_is_read_again() -> None:
    text = await texts()
    assert read_license(text["license"], KEYS, NOW) == LICENSE
    assert read_receipt(text["receipt"], KEYS, FINGERPRINT) == RECEIPT
    assert read_revocations(text["revocations"], KEYS, NOW) == REVOCATIONS
    assert read_challenge(text["challenge"], SK.encode(), NOW) == CHALLENGE
    assert read_usage(text["usage"], SK.encode(), NOW) == USAGE


async def test_a_copy_with_blanks_around_it_is_read() -> None:
    assert read_license(f"\n  {await signed(LICENSE)}\r\n", KEYS, NOW) == LICENSE


@pytest.mark.parametrize("kind", READERS)
async def test_every_change_of_one_bit_is_refused(kind: str) -> None:
    text = (await texts())[kind].encode()
    for position in range(len(text)):
        for bit in range(8):
            changed = bytearray(text)
            changed[position] ^= 1 << bit
            with pytest.raises(REFUSALS):
                READERS[kind](changed.decode("latin-1"))


@pytest.mark.parametrize("kind", READERS)
@given(text=st.text() | st.from_regex(r"\A[A-Za-z0-9_-]{1,40}\.[A-Za-z0-9_-]{1,40}\.[A-Za-z0-9_-]{0,90}\Z"))
def test_any_text_is_refused_and_crashes_nothing(kind: str, text: str) -> None:
    with pytest.raises(REFUSALS):
        READERS[kind](text)


@pytest.mark.parametrize("kind", READERS)
@given(
    header=st.binary(max_size=60) | st.dictionaries(st.sampled_from(["alg", "kid", "typ", "crit", "b64"]), st.text()),
    payload=st.binary(max_size=60),
    signature=st.binary(max_size=70),
)
def test_any_parts_are_refused_and_crash_nothing(kind: str, header: object, payload: bytes, signature: bytes) -> None:
    with pytest.raises(REFUSALS):
        READERS[kind](f"{encoded(header)}.{encoded(payload)}.{encoded(signature)}")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)


@pytest.mark.parametrize("kind", READERS)
@given(data=st.data())
async def test_odd_claims_crash_nothing_though_well_signed(kind: str, data: st.DataObject) -> None:
    claims = peek((await texts())[kind])[1]
    name = data.draw(st.sampled_from(sorted(claims)))
    odd = {**claims, name: data.draw(JSON)} if data.draw(st.booleans()) else {**claims, name: [claims]}
    with contextlib.suppress(*REFUSALS):
        READERS[kind](sign_anything(kind, json.dumps(odd).encode()))


@pytest.mark.parametrize("kind", READERS)
@given(payload=JSON.map(lambda value: json.dumps(value).encode()) | st.binary())
def test_any_payload_is_refused_though_well_signed(kind: str, payload: bytes) -> None:
    with pytest.raises(REFUSALS):
        READERS[kind](sign_anything(kind, payload))


@given(
    st.binary()
    | JSON.map(lambda value: json.dumps(value).encode())
    | st.lists(st.dictionaries(st.sampled_from(["kid", "x", "crv"]), st.just("Ed25519") | JSON)).map(
        lambda keys: json.dumps({"keys": keys}).encode()
    )
)
def test_any_key_set_is_read_or_refused_and_its_keys_can_be_used(text: bytes) -> None:
    with contextlib.suppress(ValueError):
        keys = read_jwks(text)
        assert all(public_jwk(kid, key)["kid"] == kid for kid, key in keys.items())


def test_a_key_of_the_wrong_length_is_refused_when_it_is_read() -> None:
    for x in ("", "AAAA", "A" * 44):
        with pytest.raises(ValueError, match="32 bytes"):
            read_jwks(json.dumps({"keys": [{"crv": "Ed25519", "kid": "k", "x": x}]}).encode())


async def test_none_and_the_public_key_as_a_secret_are_refused() -> None:
    _, payload, _ = (await signed(LICENSE)).split(".")
    none = encoded({"alg": "none", "kid": "key-1", "typ": "license+jws"})
    assert reason(lambda: read_license(f"{none}.{payload}.AAAA", KEYS, NOW)) == "WRONG_ALGORITHM"
    assert reason(lambda: read_license(f"{none}.{payload}.", KEYS, NOW)) == "NOT_BASE64"
    message = f"{encoded({'alg': 'HS256', 'kid': 'key-1', 'typ': 'license+jws'})}.{payload}"
    pem = PRIVATE.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    for secret in (KEYS["key-1"], pem):
        forged = hmac.digest(secret, message.encode(), hashlib.sha256)
        assert reason(lambda f=forged: read_license(f"{message}.{encoded(f)}", KEYS, NOW)) == "WRONG_ALGORITHM"  # type: ignore[misc]


async def test_an_unknown_key_and_a_known_id_with_another_key_are_refused() -> None:
    text = await sign(Kind.LICENSE, LICENSE.claims(), LocalSigner("key-2", PRIVATE))
    assert reason(lambda: read_license(text, KEYS, NOW)) == "UNKNOWN_KEY"
    other = Ed25519PrivateKey.generate()
    forged = await sign(Kind.LICENSE, LICENSE.claims(), LocalSigner("key-1", other))
    assert reason(lambda: read_license(forged, KEYS, NOW)) == "BAD_SIGNATURE"


async def test_one_kind_is_not_taken_for_another() -> None:
    every = await texts()
    for kind, read in READERS.items():
        for other, text in every.items():
            if other != kind:
                expected = {"WRONG_KIND", "WRONG_ALGORITHM"}
                assert reason(lambda r=read, t=text: r(t)) in expected  # type: ignore[misc]


async def test_more_in_the_header_is_refused() -> None:
    _, payload, _ = (await signed(LICENSE)).split(".")
    header = {"alg": "EdDSA", "kid": "key-1", "typ": "license+jws", "jwk": public_jwk("key-1", KEYS["key-1"])}
    message = f"{encoded(header)}.{payload}"
    text = f"{message}.{encoded(PRIVATE.sign(message.encode()))}"
    assert reason(lambda: read_license(text, KEYS, NOW)) == "MALFORMED"


async def test_oversized_text_is_refused() -> None:
    for kind, text in (await texts()).items():
        longest = Kind[kind.upper()].longest
        assert reason(lambda t=text, k=kind, n=longest: READERS[k](t + "A" * n)) == "TOO_LONG"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(-301, "NOT_YET_VALID"), (-299, None), (365 * 86_400 + 299, None), (365 * 86_400 + 300, "EXPIRED")],
)
async def test_a_clock_may_be_five_minutes_off(seconds: int, expected: str | None) -> None:
    text = await signed(LICENSE)
    at = NOW + timedelta(seconds=seconds)
    if expected is None:
        assert read_license(text, KEYS, at) == LICENSE
    else:
        assert reason(lambda: read_license(text, KEYS, at)) == expected


async def test_a_revoked_license_is_refused_once_the_list_is_seen() -> None:
    text = await signed(LICENSE)
    assert reason(lambda: read_license(text, KEYS, NOW, REVOCATIONS)) == "REVOKED"
    assert read_license(text, KEYS, NOW, replace(REVOCATIONS, revoked={})) == LICENSE


async def test_an_older_revocation_list_is_refused() -> None:
    text = await signed(REVOCATIONS)
    assert reason(lambda: read_revocations(text, KEYS, NOW, at_least=4)) == "OLDER"
    assert reason(lambda: read_revocations(text, KEYS, NOW - timedelta(minutes=6))) == "NOT_YET_VALID"


async def test_a_receipt_of_another_deployment_is_refused() -> None:
    text = await signed(RECEIPT)
    assert reason(lambda: read_receipt(text, KEYS, "fingerprint-2")) == "OTHER_DEPLOYMENT"


def test_a_challenge_is_good_for_seven_days() -> None:
    text = write_challenge(CHALLENGE, AK, SK)
    assert read_challenge(text, SK.encode(), NOW + timedelta(days=7)) == CHALLENGE
    assert reason(lambda: read_challenge(text, SK.encode(), NOW + timedelta(days=7, seconds=1))) == "EXPIRED"
    assert reason(lambda: read_challenge(text, SK.encode(), NOW - timedelta(seconds=301))) == "NOT_YET_VALID"
    assert reason(lambda: read_challenge(text, b"another secret of some length....", NOW)) == "BAD_SIGNATURE"


def published() -> dict[str, Any]:
    return {"keys": [public_jwk(kid, key) for kid, key in KEYS.items()]}


async def test_jwcrypto_verifies_a_license_from_the_jwks_alone() -> None:
    keys = jwcrypto_jwk.JWKSet.from_json(json.dumps(published()))
    token = jwcrypto_jws.JWS()
    token.deserialize(await signed(LICENSE))
    token.verify(keys.get_key("key-1"), alg="EdDSA")
    assert json.loads(token.payload)["DKLimit"] == -1


@pytest.mark.skipif(not shutil.which("openssl"), reason="openssl is not installed")
async def test_openssl_verifies_a_license_from_the_jwks_alone(tmp_path: Path) -> None:
    message, _, signature = (await signed(LICENSE)).rpartition(".")
    x = published()["keys"][0]["x"]
    der = bytes.fromhex("302a300506032b6570032100") + base64.urlsafe_b64decode(x + "=")
    files = {"key": der, "message": message.encode(), "signature": base64.urlsafe_b64decode(signature + "==")}
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    command = "openssl pkeyutl -verify -pubin -keyform DER -inkey key -rawin -in message -sigfile signature"
    done = subprocess.run(command.split(), cwd=tmp_path, capture_output=True, text=True)
    assert "Verified Successfully" in done.stdout, done.stderr


@pytest.mark.skipif(not shutil.which("node"), reason="node is not installed")
async def test_node_verifies_a_license_from_the_jwks_alone() -> None:
    script = """
    const {createPublicKey, verify} = require("node:crypto"), [text, jwks] = process.argv.slice(1);
    const [header, payload, signature] = text.split("."), bytes = (part) => Buffer.from(part, "base64url");
    const key = JSON.parse(jwks).keys.find((key) => key.kid === JSON.parse(bytes(header)).kid);
    const message = Buffer.from(`${header}.${payload}`), publicKey = createPublicKey({key, format: "jwk"});
    console.log(verify(null, message, publicKey, bytes(signature)), JSON.parse(bytes(payload)).edition);"""
    command = ["node", "-e", script, await signed(LICENSE), json.dumps(published())]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.stdout == "true PAY_AS_YOU_GO\n", done.stderr


async def test_a_peek_shows_what_is_not_verified() -> None:
    header, claims = peek(await signed(LICENSE))
    assert header == {"alg": "EdDSA", "kid": "key-1", "typ": "license+jws"}
    assert claims == json.loads(json.dumps(LICENSE.claims()))
