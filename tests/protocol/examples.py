"""Signed documents of a key pair that the tests hold."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.licenses.keys import LocalSigner
from app.protocol.carried import Challenge, UsageFile
from app.protocol.documents import LicenseClaims, Receipt, RevocationList
from app.protocol.jws import Kind, sign

NOW = datetime(2026, 3, 2, 10, 30, tzinfo=UTC)
PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
SIGNER = LocalSigner("key-1", PRIVATE)
KEYS = {"key-1": PRIVATE.public_key().public_bytes_raw()}
FINGERPRINT = "fingerprint-1"
AK, SK = "AK0123456789ABCDEF01234567", "kx0Qw4bT2mYJxq0uT8w3pX6aJ1c9nZrV5sL7dGhEfKo"
NONCE = "0123456789abcdef"

LICENSE = LicenseClaims(
    license_id="0195555c-0000-7000-8000-000000000001",
    account_id="0195555c-0000-7000-8000-000000000002",
    edition="PAY_AS_YOU_GO",
    not_before=NOW,
    expires_at=NOW + timedelta(days=365),
    issued_at=NOW,
    dk_limit=-1,
    features=("metrics", "logs"),
    fingerprint=None,
    settlement={"plan": 1, "currency": "CNY"},
)
RECEIPT = Receipt(
    receipt_id="0195555c-0000-7000-8000-000000000003",
    license_id=LICENSE.license_id,
    account_id=LICENSE.account_id,
    fingerprint=FINGERPRINT,
    edition="PAY_AS_YOU_GO",
    issued_at=NOW,
    valid_until=NOW + timedelta(days=14),
    warning_until=NOW + timedelta(days=28),
    license_expires_at=NOW + timedelta(days=365),
    dk_limit=100,
    features=("metrics", "logs"),
    revocations_version=3,
)
REVOCATIONS = RevocationList(3, NOW, NOW + timedelta(days=7), {LICENSE.license_id: NOW})
CHALLENGE = Challenge(NONCE, NOW, "a license", FINGERPRINT, "https://gateway.example.com?token={}", False)
USAGE = UsageFile(NONCE, NOW, FINGERPRINT, [(NOW.replace(minute=0), ["dk-1", "dk-2"])])


async def signed(document: LicenseClaims | Receipt | RevocationList) -> str:
    """A document's text."""
    kinds = {LicenseClaims: Kind.LICENSE, Receipt: Kind.RECEIPT, RevocationList: Kind.REVOCATIONS}
    return await sign(kinds[type(document)], document.claims(), SIGNER)
