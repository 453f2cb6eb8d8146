"""What licenses, receipts and revocation lists say, read from their text with public keys alone (docs/licenses.md)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from app.constants import NO_LIMIT
from app.protocol.jws import Kind, refuse, verify
from app.refusals import RefusalReason

ISSUER = "edition-billing"
SKEW = timedelta(minutes=5)


@dataclass(frozen=True)
class LicenseClaims:
    """A license: for whom, which edition, until when, how many DataKits (−1: no limit), and where it may be used.

    Without ``expires_at`` it has no end: it is for ``product_version``, and for those released until
    ``maintenance_until``. ``fingerprint`` binds it to one deployment; ``settlement`` are the terms of billing as they
    were when it was made.
    """

    license_id: str
    account_id: str
    edition: str
    not_before: datetime
    expires_at: datetime | None
    issued_at: datetime
    dk_limit: int
    features: tuple[str, ...]
    fingerprint: str | None
    settlement: dict[str, Any] | None
    product_version: str | None = None
    maintenance_until: datetime | None = None

    @classmethod
    def of(cls, claims: Mapping[str, Any]) -> LicenseClaims:
        """The license that JWT claims describe.

        Raises:
            KeyError, TypeError, ValueError: a claim is missing, or of another type.
        """
        return cls(
            license_id=_text(claims, "jti"),
            account_id=_text(claims, "sub"),
            edition=_text(claims, "edition"),
            not_before=_time(claims, "nbf"),
            expires_at=_end(claims, "exp"),
            issued_at=_time(claims, "iat"),
            dk_limit=int(claims.get("DKLimit", NO_LIMIT)),
            features=tuple(claims.get("features", ())),
            fingerprint=claims.get("fingerprint"),
            settlement=claims.get("settlement"),
            product_version=claims.get("version"),
            maintenance_until=_time_or_none(claims, "maintenanceUntil"),
        )

    def claims(self) -> dict[str, Any]:
        """As JWT claims (RFC 7519)."""
        return {
            "iss": ISSUER,
            "sub": self.account_id,
            "jti": self.license_id,
            "iat": _seconds(self.issued_at),
            "nbf": _seconds(self.not_before),
            **_seconds_of("exp", self.expires_at),
            "edition": self.edition,
            "DKLimit": self.dk_limit,
            "features": self.features,
            **({"fingerprint": self.fingerprint} if self.fingerprint else {}),
            **({"settlement": self.settlement} if self.settlement else {}),
            **({"version": self.product_version} if self.product_version else {}),
            **_seconds_of("maintenanceUntil", self.maintenance_until),
        }


@dataclass(frozen=True)
class Receipt:
    """An activation's lease: what the deployment with that fingerprint may do, and for how long without a renewal.

    Until ``valid_until`` all is well; until ``warning_until`` it warns; after that the community edition's limits hold.
    ``nonce`` is that of the challenge that it answers, if one was carried by file.
    """

    receipt_id: str
    license_id: str
    account_id: str
    fingerprint: str
    edition: str
    issued_at: datetime
    valid_until: datetime
    warning_until: datetime
    license_expires_at: datetime | None
    dk_limit: int
    features: tuple[str, ...]
    revocations_version: int
    nonce: str | None = None
    product_version: str | None = None
    maintenance_until: datetime | None = None

    def claims(self) -> dict[str, Any]:
        """As JWT claims; ``exp`` is the end of the warning."""
        return {
            "iss": ISSUER,
            "sub": self.account_id,
            "jti": self.receipt_id,
            "license": self.license_id,
            "fingerprint": self.fingerprint,
            "edition": self.edition,
            "iat": _seconds(self.issued_at),
            "validUntil": _seconds(self.valid_until),
            "exp": _seconds(self.warning_until),
            **_seconds_of("licenseExp", self.license_expires_at),
            "DKLimit": self.dk_limit,
            "features": self.features,
            "revocations": self.revocations_version,
            **({"nonce": self.nonce} if self.nonce else {}),
            **({"version": self.product_version} if self.product_version else {}),
            **_seconds_of("maintenanceUntil", self.maintenance_until),
        }


@dataclass(frozen=True)
class RevocationList:
    """Every license that was revoked before its end, by id, with when. A higher ``version`` supersedes a lower."""

    version: int
    issued_at: datetime
    next_update_at: datetime
    revoked: Mapping[str, datetime]

    def claims(self) -> dict[str, Any]:
        """As JWT claims; ``exp`` is left out on purpose: an old list is better than none."""
        return {
            "iss": ISSUER,
            "version": self.version,
            "iat": _seconds(self.issued_at),
            "nextUpdate": _seconds(self.next_update_at),
            "revoked": {license_id: _seconds(at) for license_id, at in self.revoked.items()},
        }


def read_license(
    text: str,
    public_keys: Mapping[str, bytes],
    now: datetime,
    revocations: RevocationList | None = None,
    leeway: timedelta = SKEW,
) -> LicenseClaims:
    """A license that is genuine and in its time; ``leeway`` is how far this machine's clock may be off.

    Raises:
        InvalidLicense: as ``jws.verify``, or with the reason NOT_YET_VALID, EXPIRED or REVOKED.
    """
    claims = verify(Kind.LICENSE, text, public_keys)
    with shape(Kind.LICENSE):
        _issuer(claims)
        found = LicenseClaims.of(claims)
    if now < found.not_before - leeway:
        raise refuse(Kind.LICENSE, RefusalReason.NOT_YET_VALID)
    if found.expires_at is not None and now >= found.expires_at + leeway:
        raise refuse(Kind.LICENSE, RefusalReason.EXPIRED)
    if revocations and found.license_id in revocations.revoked:
        raise refuse(Kind.LICENSE, RefusalReason.REVOKED)
    return found


def read_receipt(text: str, public_keys: Mapping[str, bytes], fingerprint: str) -> Receipt:
    """A receipt that is genuine and this deployment's; what it allows when is for ``entitlements`` to say.

    Raises:
        InvalidDocument: as ``jws.verify``, or with the reason OTHER_DEPLOYMENT.
    """
    claims = verify(Kind.RECEIPT, text, public_keys)
    with shape(Kind.RECEIPT):
        _issuer(claims)
        found = Receipt(
            receipt_id=_text(claims, "jti"),
            license_id=_text(claims, "license"),
            account_id=_text(claims, "sub"),
            fingerprint=_text(claims, "fingerprint"),
            edition=_text(claims, "edition"),
            issued_at=_time(claims, "iat"),
            valid_until=_time(claims, "validUntil"),
            warning_until=_time(claims, "exp"),
            license_expires_at=_end(claims, "licenseExp"),
            dk_limit=int(claims["DKLimit"]),
            features=tuple(claims["features"]),
            revocations_version=int(claims["revocations"]),
            nonce=claims.get("nonce"),
            product_version=claims.get("version"),
            maintenance_until=_time_or_none(claims, "maintenanceUntil"),
        )
    if found.fingerprint != fingerprint:
        raise refuse(Kind.RECEIPT, RefusalReason.OTHER_DEPLOYMENT)
    return found


def read_revocations(
    text: str, public_keys: Mapping[str, bytes], now: datetime, at_least: int = 0, leeway: timedelta = SKEW
) -> RevocationList:
    """A revocation list that is genuine and not older than version ``at_least``, the highest that was seen before.

    Raises:
        InvalidDocument: as ``jws.verify``, or with the reason OLDER or NOT_YET_VALID.
    """
    claims = verify(Kind.REVOCATIONS, text, public_keys)
    with shape(Kind.REVOCATIONS):
        _issuer(claims)
        found = RevocationList(
            version=int(claims["version"]),
            issued_at=_time(claims, "iat"),
            next_update_at=_time(claims, "nextUpdate"),
            revoked={str(key): _instant(at) for key, at in claims["revoked"].items()},
        )
    if now < found.issued_at - leeway:
        raise refuse(Kind.REVOCATIONS, RefusalReason.NOT_YET_VALID)
    if found.version < at_least:
        raise refuse(Kind.REVOCATIONS, RefusalReason.OLDER)
    return found


class shape:
    """What is signed but has not the claims of its kind is malformed."""

    def __init__(self, kind: Kind) -> None:
        self.kind = kind

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if isinstance(error, ValueError | KeyError | TypeError | AttributeError | OverflowError | OSError):
            raise refuse(self.kind, RefusalReason.MALFORMED) from None


def _issuer(claims: Mapping[str, Any]) -> None:
    if claims["iss"] != ISSUER:
        raise ValueError("another issuer")


def _text(claims: Mapping[str, Any], name: str) -> str:
    value = claims[name]
    if not isinstance(value, str):
        raise TypeError(name)
    return value


def _time(claims: Mapping[str, Any], name: str) -> datetime:
    return _instant(claims[name])


def _time_or_none(claims: Mapping[str, Any], name: str) -> datetime | None:
    return _instant(claims[name]) if name in claims else None


def _end(claims: Mapping[str, Any], name: str) -> datetime | None:
    """When it ends; only what is perpetual, and says until when it is maintained, has no end."""
    return _time_or_none(claims, name) if "maintenanceUntil" in claims else _time(claims, name)


def _seconds_of(name: str, at: datetime | None) -> dict[str, int]:
    return {} if at is None else {name: _seconds(at)}


def _instant(value: object) -> datetime:
    if not isinstance(value, int):
        raise TypeError("a time is whole seconds since 1970")
    return datetime.fromtimestamp(value, UTC)


def _seconds(at: datetime) -> int:
    return int(at.timestamp())
