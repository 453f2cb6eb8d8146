"""Licenses are made."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from uuid_utils.compat import uuid7

from app.accounts.models import Account
from app.catalog.keys import EditionKey
from app.catalog.queries import edition_at
from app.constants import NO_LIMIT
from app.errors import LicenseLimit
from app.events.recording import Actor, record
from app.inputs import text
from app.licenses.attention import next_attention
from app.licenses.keys import current_signer
from app.licenses.models import License, LicenseState
from app.licenses.queries import live_licenses
from app.protocol.documents import LicenseClaims
from app.protocol.jws import Kind, sign


@dataclass(frozen=True)
class Terms:
    """What a license grants: DataKits (−1: no limit), its begin (by default now) and end (by default the edition's own
    length from now), features (by default the edition's), the fingerprint that it is bound to, and the terms of
    settlement. A ``perpetual`` one has no end; it is for a version of the product, and those that are released until
    ``maintenance_until``."""

    dk_limit: int = NO_LIMIT
    not_before: datetime | None = None
    expires_at: datetime | None = None
    features: tuple[str, ...] | None = None
    fingerprint: str | None = None
    settlement: dict[str, Any] | None = None
    perpetual: bool = False
    product_version: str | None = None
    maintenance_until: datetime | None = None


async def issue_license(
    account: Account, edition_key: EditionKey, terms: Terms, label: str, actor: Actor, replaces: License | None = None
) -> License:
    """A license of an edition with terms that were agreed upon; the account is to be locked by the caller.

    Raises:
        LicenseLimit: the account has as many of the edition as it may, or as many that were not activated yet.
    """
    now = account.now()
    edition = await edition_at(edition_key, now)
    if replaces is None:
        live = live_licenses(account, now).filter(edition=edition_key)
        if await live.count() >= edition.license_limit:
            raise LicenseLimit(limit=edition.license_limit, which_en="live", which_zh="有效")
        if await live.filter(state=LicenseState.CREATED).count() >= edition.spare_license_limit:
            raise LicenseLimit(limit=edition.spare_license_limit, which_en="not yet activated", which_zh="尚未激活")
    license_id = uuid7()
    expires_at = None if terms.perpetual else terms.expires_at or now + timedelta(days=edition.license_days)
    claims = LicenseClaims(
        license_id=str(license_id),
        account_id=str(account.id),
        edition=edition_key,
        not_before=max(now, terms.not_before or now),
        expires_at=expires_at,
        issued_at=now,
        dk_limit=terms.dk_limit,
        features=tuple(edition.features) if terms.features is None else terms.features,
        fingerprint=terms.fingerprint,
        settlement=terms.settlement,
        product_version=terms.product_version,
        maintenance_until=terms.maintenance_until,
    )
    signer = await current_signer()
    made = License(
        id=license_id,
        account_id=account.id,
        edition=edition_key,
        label=text(label, "label", 200),
        text=await sign(Kind.LICENSE, claims.claims(), signer),
        kid=signer.kid,
        state=LicenseState.CREATED,
        dk_limit=terms.dk_limit,
        fingerprint=terms.fingerprint,
        created_at=now,
        expires_at=expires_at,
        product_version=terms.product_version,
        maintenance_until=terms.maintenance_until,
        replaces_id=replaces and replaces.id,
    )
    made.attention_at = next_attention(made, now)
    await made.save(force_create=True)
    await record(
        account.id, account.now(), "license.created", actor, after={"license": str(made.id), "label": made.label}
    )
    return made
