"""Announcements by SNS over HTTPS: every message is signed by Amazon, and comes from a topic that is configured.

The rules are those of AWS's page "Verifying the signatures of Amazon SNS messages".
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import httpx
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID

from settlement_aws.authorities import amazons_roots, issued_by
from settlement_aws.notifications import Event

HOST = re.compile(r"sns\.[a-z0-9-]+\.amazonaws\.com(\.cn)?", re.ASCII)
CERTIFICATE = re.compile(r"https?://[^\s/?#@]+/SimpleNotificationService-[0-9a-f]{32}\.pem", re.ASCII)
"""A signing certificate's whole address: without it, other addresses of that host, such as those that answer with what
they are asked, could be named."""
SUBJECT = re.compile(r"sns(-signing)?([.-][a-z0-9-]+)?\.amazonaws\.com(\.cn)?", re.ASCII)
SIGNED = {
    "Notification": ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    "SubscriptionConfirmation": ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
    "UnsubscribeConfirmation": ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
}
HASHES: Mapping[str, hashes.HashAlgorithm] = {"1": hashes.SHA1(), "2": hashes.SHA256()}  # noqa: S303
MOST_CERTIFICATES = 16


class NotFromAmazon(Exception):
    """The message is forged, of another topic, or not of SNS's form: it is to change nothing."""


class SnsMessages:
    """Checks messages of ``topics``; ``test_host`` stands in for Amazon's hosts in tests."""

    def __init__(self, topics: frozenset[str], test_host: str | None = None) -> None:
        self._topics = topics
        self._test_host = test_host
        self._certificates: dict[str, x509.Certificate] = {}

    async def read(self, body: bytes, now: datetime) -> dict[str, str]:
        """The message in a request's body, verified.

        Raises:
            NotFromAmazon: it is not to be trusted.
        """
        message = _message(body)
        if message.get("TopicArn") not in self._topics:
            raise NotFromAmazon("the topic is not one of BILLING_CHANNEL_AWS_SNS_TOPIC_ARNS")
        algorithm = HASHES.get(message.get("SignatureVersion", ""))
        if algorithm is None:
            raise NotFromAmazon("SignatureVersion is neither 1 nor 2")
        certificate = await self._certificate(message.get("SigningCertURL", ""), now)
        key = certificate.public_key()
        if not isinstance(key, rsa.RSAPublicKey):
            raise NotFromAmazon("the certificate has no RSA key")
        if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
            raise NotFromAmazon("the certificate is not valid now")
        try:
            signature = base64.b64decode(message.get("Signature", ""), validate=True)
            key.verify(signature, text_to_sign(message), padding.PKCS1v15(), algorithm)
        except (InvalidSignature, ValueError):
            raise NotFromAmazon("the signature does not fit") from None
        return message

    async def confirm(self, message: Mapping[str, str]) -> None:
        """Visit a verified confirmation's URL, so that the topic sends its messages here.

        Raises:
            NotFromAmazon: the URL is not Amazon's.
            httpx.HTTPError: it does not answer.
        """
        await self._get(message.get("SubscribeURL", ""))

    async def _certificate(self, url: str, now: datetime) -> x509.Certificate:
        if url not in self._certificates:
            if not CERTIFICATE.fullmatch(url):
                raise NotFromAmazon("the certificate's URL is not one of SNS's certificates")
            try:
                chain = x509.load_pem_x509_certificates(await self._get(url))
            except ValueError:
                raise NotFromAmazon("the certificate cannot be read") from None
            certificate = chain[0]
            names = [str(name.value) for name in certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
            if len(names) != 1 or not SUBJECT.fullmatch(names[0]):
                raise NotFromAmazon("the certificate is not SNS's")
            if not self._of_test_host(url) and not await issued_by(amazons_roots(), chain, now, _answer):
                raise NotFromAmazon("no authority of Amazon's issued the certificate")
            if len(self._certificates) >= MOST_CERTIFICATES:
                self._certificates.clear()
            self._certificates[url] = certificate
        return self._certificates[url]

    async def _get(self, url: str) -> bytes:
        try:
            parts = urlsplit(url)
            hosted = parts.scheme == "https" and parts.port in (None, 443) and HOST.fullmatch(parts.hostname or "")
        except ValueError:
            raise NotFromAmazon("the URL cannot be read") from None
        trusted = hosted and "@" not in parts.netloc
        if not trusted and not self._of_test_host(url):
            raise NotFromAmazon("the URL is not one of sns.<region>.amazonaws.com over https")
        return await _answer(url)

    def _of_test_host(self, url: str) -> bool:
        return self._test_host is not None and urlsplit(url).netloc == self._test_host


async def _answer(url: str) -> bytes:
    async with httpx.AsyncClient(timeout=5) as http:
        answer = await http.get(url)
        answer.raise_for_status()
    return answer.content


def text_to_sign(message: Mapping[str, str]) -> bytes:
    """What Amazon signs: names and values, a line each, of the fields that its type has."""
    names = SIGNED[message["Type"]]
    return "".join(f"{name}\n{message[name]}\n" for name in names if name in message).encode()


def event(message: Mapping[str, str], product_codes: frozenset[str]) -> Event | None:
    """The announcement in a verified message; ``None`` if it is of another product.

    Raises:
        ValueError: it does not have the form of an announcement.
    """
    try:
        about: Any = json.loads(message.get("Message", ""))
    except RecursionError:
        raise ValueError("the message is nested too deeply") from None
    if not isinstance(about, dict) or not all(
        isinstance(about.get(name), str) and 0 < len(about[name]) <= limit and about[name].isprintable()
        for name, limit in (("action", 100), ("customer-identifier", 255), ("product-code", 255))
    ):
        raise ValueError("the message names no action, customer-identifier and product-code")
    if about["product-code"] not in product_codes:
        return None
    return Event(
        message_id=f"sns:{message['MessageId']}"[:100],
        action=about["action"],
        at=datetime.fromisoformat(message["Timestamp"]),
        customer_identifier=about["customer-identifier"],
        product_code=about["product-code"],
        payload=about,
    )


def _message(body: bytes) -> dict[str, str]:
    try:
        message = json.loads(body)
    except (ValueError, RecursionError):
        raise NotFromAmazon("the body is not JSON") from None
    if not isinstance(message, dict):
        raise NotFromAmazon("the body is not a JSON object")
    message = {name: value for name, value in message.items() if isinstance(value, str)}
    if message.get("Type") not in SIGNED:
        raise NotFromAmazon("the Type is not one of SNS")
    if not {"Message", "MessageId", "Timestamp", "TopicArn"} <= set(message):
        raise NotFromAmazon("fields are missing")
    return message
