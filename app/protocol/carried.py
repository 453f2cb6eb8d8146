"""What an air-gapped deployment carries to the billing center by file, signed with its SK: challenges and usage."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from app.constants import REPORTABLE
from app.protocol.documents import SKEW, shape
from app.protocol.jws import Kind, refuse, sign_with_sk, verify_with_sk
from app.refusals import RefusalReason

LONGEST_CARRIED = {Kind.CHALLENGE: timedelta(days=7), Kind.USAGE: REPORTABLE}


@dataclass(frozen=True)
class Challenge:
    """An activation asked for by file; ``nonce`` makes it usable once."""

    nonce: str
    issued_at: datetime
    license: str
    fingerprint: str
    data_gateway_url: str
    dialing_test: bool


@dataclass(frozen=True)
class UsageFile:
    """Hourly sets of DataKits by file: ``reports`` are (hour, ids)."""

    nonce: str
    issued_at: datetime
    fingerprint: str
    reports: Sequence[tuple[datetime, list[str]]]


def new_nonce() -> str:
    """A nonce that nobody else makes."""
    return secrets.token_urlsafe(24)


def write_challenge(challenge: Challenge, ak: str, sk: str) -> str:
    """The text of a challenge."""
    claims = {
        "nonce": challenge.nonce,
        "iat": int(challenge.issued_at.timestamp()),
        "license": challenge.license,
        "fingerprint": challenge.fingerprint,
        "dataGatewayUrl": challenge.data_gateway_url,
        "dialingTest": challenge.dialing_test,
    }
    return sign_with_sk(Kind.CHALLENGE, claims, ak, sk.encode())


def read_challenge(text: str, sk: bytes, now: datetime) -> Challenge:
    """A challenge that was signed with ``sk`` within the last 7 days.

    Raises:
        InvalidDocument: as ``jws.verify``, or with the reason NOT_YET_VALID or EXPIRED.
    """
    claims = verify_with_sk(Kind.CHALLENGE, text, sk)
    with shape(Kind.CHALLENGE):
        found = Challenge(
            nonce=_nonce(claims),
            issued_at=datetime.fromtimestamp(int(claims["iat"]), UTC),
            license=_text(claims, "license"),
            fingerprint=_text(claims, "fingerprint"),
            data_gateway_url=_text(claims, "dataGatewayUrl"),
            dialing_test=claims["dialingTest"] is True,
        )
    _in_time(Kind.CHALLENGE, found.issued_at, now)
    return found


def write_usage(usage: UsageFile, ak: str, sk: str) -> str:
    """The text of a usage file."""
    claims = {
        "nonce": usage.nonce,
        "iat": int(usage.issued_at.timestamp()),
        "fingerprint": usage.fingerprint,
        "reports": [{"hour": int(hour.timestamp()), "dataKits": ids} for hour, ids in usage.reports],
    }
    return sign_with_sk(Kind.USAGE, claims, ak, sk.encode())


def read_usage(text: str, sk: bytes, now: datetime) -> UsageFile:
    """A usage file that was signed with ``sk`` within the last 93 days; its ids and hours are not checked yet.

    Raises:
        InvalidDocument: as ``jws.verify``, or with the reason NOT_YET_VALID or EXPIRED.
    """
    claims = verify_with_sk(Kind.USAGE, text, sk)
    with shape(Kind.USAGE):
        found = UsageFile(
            nonce=_nonce(claims),
            issued_at=datetime.fromtimestamp(int(claims["iat"]), UTC),
            fingerprint=_text(claims, "fingerprint"),
            reports=[
                (datetime.fromtimestamp(int(report["hour"]), UTC), [str(name) for name in report["dataKits"]])
                for report in claims["reports"]
            ],
        )
    _in_time(Kind.USAGE, found.issued_at, now)
    return found


def remember_until(kind: Kind, issued_at: datetime) -> datetime:
    """Until when a nonce is to be remembered: after that its document is too old anyway."""
    return issued_at + LONGEST_CARRIED[kind] + SKEW


def _in_time(kind: Kind, issued_at: datetime, now: datetime) -> None:
    if issued_at > now + SKEW:
        raise refuse(kind, RefusalReason.NOT_YET_VALID)
    if issued_at + LONGEST_CARRIED[kind] < now:
        raise refuse(kind, RefusalReason.EXPIRED)


def _nonce(claims: Mapping[str, Any]) -> str:
    nonce = _text(claims, "nonce")
    if not 16 <= len(nonce) <= 128:
        raise ValueError("a nonce has 16 to 128 characters")
    return nonce


def _text(claims: Mapping[str, Any], name: str) -> str:
    value = claims[name]
    if not isinstance(value, str) or not value or "\0" in value:
        raise TypeError(name)
    return value
