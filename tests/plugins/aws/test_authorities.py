"""Who issued SNS's certificate: authorities made here, and those that everybody trusts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import AuthorityInformationAccessOID, NameOID
from settlement_aws.authorities import amazons_roots, issued_by
from settlement_aws.sns import NotFromAmazon, SnsMessages

from tests.plugins.aws.conftest import Seller
from tests.standins.aws import CERTIFICATE, TOPIC, certificate_of

NOW = datetime(2026, 6, 15, tzinfo=UTC)
URL = "http://crt.r2m02.amazontrust.com/r2m02.cer"
KEYS = {name: rsa.generate_private_key(65537, 2048) for name in ("root", "middle", "sns", "evil")}


def made(
    name: str,
    issuer: str,
    by: str | None = None,
    ca: bool = True,
    url: str | None = None,
    until: datetime | None = None,
) -> x509.Certificate:
    """A certificate of ``name``, which says that ``issuer`` issued it, and which ``by`` signed."""
    names = [x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, one)]) for one in (name, issuer)]
    begun = NOW - timedelta(days=30)
    builder = x509.CertificateBuilder().subject_name(names[0]).issuer_name(names[1]).serial_number(1)
    builder = builder.public_key(KEYS[name].public_key()).not_valid_before(begun)
    builder = builder.not_valid_after(until or NOW + timedelta(days=30))
    builder = builder.add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
    if url:
        access = x509.AccessDescription(AuthorityInformationAccessOID.CA_ISSUERS, x509.UniformResourceIdentifier(url))
        builder = builder.add_extension(x509.AuthorityInformationAccess([access]), critical=False)
    return builder.sign(KEYS[by or issuer], hashes.SHA256())


ROOT, MIDDLE = made("root", "root"), made("middle", "root")
LEAF = made("sns", "middle", ca=False)


async def nothing(url: str) -> bytes:
    raise httpx.ConnectError("there is no network")


@pytest.mark.parametrize(
    ("chain", "trusted"),
    [
        ([made("sns", "root", ca=False)], True),
        ([LEAF, MIDDLE], True),
        ([LEAF, MIDDLE, ROOT], True),
        ([LEAF], False),
        ([LEAF, made("middle", "root", by="evil")], False),
        ([made("sns", "middle", by="evil", ca=False), MIDDLE], False),
        ([LEAF, made("middle", "root", ca=False)], False),
        ([LEAF, made("middle", "root", until=NOW - timedelta(days=1))], False),
        ([made("evil", "evil")], False),
        ([made("sns", "sns")], False),
    ],
)
async def test_a_certificate_counts_if_an_authority_issued_it(chain: list[x509.Certificate], trusted: bool) -> None:
    assert await issued_by([ROOT], chain, NOW, nothing) == trusted


@pytest.mark.parametrize(
    ("url", "answer", "trusted"),
    [
        (URL, MIDDLE, True),
        (URL, made("middle", "root", by="evil"), False),
        (URL, None, False),
        ("http://crt.amazontrust.com.evil.example/r2m02.cer", MIDDLE, False),
        ("ldap://crt.r2m02.amazontrust.com/r2m02.cer", MIDDLE, False),
    ],
)
async def test_an_issuer_that_is_not_sent_along_is_fetched_where_amazon_publishes_it(
    url: str, answer: x509.Certificate | None, trusted: bool
) -> None:
    asked = []

    async def fetch(url: str) -> bytes:
        asked.append(url)
        return answer.public_bytes(serialization.Encoding.DER) if answer else b"<html>"

    leaf = made("sns", "middle", ca=False, url=url)
    assert await issued_by([ROOT], [leaf], NOW, fetch) == trusted
    assert asked == ([URL] if url == URL else [])


def test_amazons_authorities_are_trusted_and_no_others() -> None:
    names = [root.subject.rfc4514_string() for root in amazons_roots()]
    assert "CN=Amazon Root CA 1,O=Amazon,C=US" in names
    assert all("Amazon" in name or "Starfield" in name for name in names)


async def test_a_message_signed_by_a_certificate_of_nobodys_making_is_refused(
    seller: Seller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It says that it is SNS's, and comes from the right address: whoever stands between could send it."""
    messages = SnsMessages(frozenset({TOPIC}))

    async def get(self: SnsMessages, url: str) -> bytes:
        return certificate_of(seller.aws._key)

    monkeypatch.setattr(SnsMessages, "_get", get)
    url = f"https://sns.us-east-1.amazonaws.com/{CERTIFICATE}"
    message = seller.aws.notification({"action": "subscribe-success"}) | {"SigningCertURL": url}
    with pytest.raises(NotFromAmazon, match="no authority of Amazon's issued the certificate"):
        await messages.read(httpx.Request("POST", url, json=message).content, NOW)
