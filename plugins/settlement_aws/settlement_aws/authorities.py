"""Whether an authority of Amazon's issued a certificate, directly or through others (RFC 5280, section 6).

What a certificate is good for is not asked here: Amazon's signing certificates are those of servers.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from datetime import datetime
from functools import cache
from pathlib import Path

import certifi
import httpx
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.x509.oid import AuthorityInformationAccessOID, NameOID

ISSUER_URL = re.compile(r"https?://[a-z0-9.-]+\.amazontrust\.com/[\w./-]+", re.ASCII)
"""Where Amazon publishes the certificates of its authorities; what is fetched is believed for its signature alone."""
AMAZONS = frozenset({"Amazon", "Starfield Technologies, Inc."})
"""The organisations of Amazon Trust Services' root certificates."""
PEM = re.compile(rb"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)
MOST_STEPS = 4

Fetch = Callable[[str], Awaitable[bytes]]


@cache
def amazons_roots() -> tuple[x509.Certificate, ...]:
    """Amazon's authorities among those that Mozilla trusts, as certifi packages them."""
    found = []
    for text in PEM.findall(Path(certifi.where()).read_bytes()):
        with warnings.catch_warnings(), suppress(ValueError):
            warnings.simplefilter("ignore")  # some authority's certificate is not as RFC 5280 says
            root = x509.load_pem_x509_certificate(text)
            if any(name.value in AMAZONS for name in root.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)):
                found.append(root)
    return tuple(found)


async def issued_by(
    roots: Iterable[x509.Certificate], chain: Sequence[x509.Certificate], now: datetime, fetch: Fetch
) -> bool:
    """Whether one of ``roots`` issued the first certificate of ``chain``: through others of it, or through those that
    the certificates themselves name, which ``fetch`` answers (DER)."""
    held, known = chain[0], list(roots)
    for _ in range(MOST_STEPS):
        if any(_issued(held, root, now) for root in known if root.subject == held.issuer):
            return True
        issuer = next((one for one in chain[1:] if one.subject == held.issuer), None) or await _named(held, fetch)
        if issuer is None or not _issued(held, issuer, now):
            return False
        held = issuer
    return False


def _issued(certificate: x509.Certificate, issuer: x509.Certificate, now: datetime) -> bool:
    if not issuer.not_valid_before_utc <= now <= issuer.not_valid_after_utc:
        return False
    try:
        authority = issuer.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
        certificate.verify_directly_issued_by(issuer)
    except (x509.ExtensionNotFound, InvalidSignature, TypeError, ValueError):
        return False
    return authority


async def _named(certificate: x509.Certificate, fetch: Fetch) -> x509.Certificate | None:
    """The issuer that the certificate names an address of."""
    try:
        said = certificate.extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    except (x509.ExtensionNotFound, ValueError):
        return None
    for access in said:
        url = str(access.access_location.value)
        if access.access_method == AuthorityInformationAccessOID.CA_ISSUERS and ISSUER_URL.fullmatch(url):
            try:
                return x509.load_der_x509_certificate(await fetch(url))
            except (httpx.HTTPError, ValueError):
                return None
    return None
