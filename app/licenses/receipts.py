"""Receipts: the lease that an activation is answered with, and every usage report renews."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from uuid_utils.compat import uuid7

from app.accounts.models import Account
from app.catalog.queries import edition_at
from app.deployments.models import Deployment
from app.licenses.keys import current_signer
from app.licenses.queries import active_license
from app.licenses.revocations import newest_version
from app.protocol.documents import LicenseClaims, Receipt
from app.protocol.jws import Kind, peek, sign
from app.suspensions.queries import suspended_of


@dataclass(frozen=True)
class IssuedReceipt:
    """A receipt and its text."""

    text: str
    receipt: Receipt


async def issue_receipt(account: Account, deployment: Deployment, nonce: str | None = None) -> IssuedReceipt | None:
    """A receipt of the newest license that is active on a deployment, from now on; ``None`` when none is: it was
    revoked, transferred, or it expired, or it, the deployment or the account is suspended."""
    now = account.now()
    suspended = await suspended_of(account.id)
    license = await active_license(deployment.id, now, suspended)
    if license is None or not suspended.isdisjoint((account.id, deployment.id)):
        return None
    edition = await edition_at(license.edition, now)
    valid_until = now + timedelta(days=edition.offline_days)
    receipt = Receipt(
        receipt_id=str(uuid7()),
        license_id=str(license.id),
        account_id=str(account.id),
        fingerprint=deployment.fingerprint,
        edition=license.edition,
        issued_at=now,
        valid_until=valid_until,
        warning_until=valid_until + timedelta(days=edition.warning_days),
        license_expires_at=min(filter(None, (license.expires_at, license.revoke_at)), default=None),
        dk_limit=license.dk_limit,
        features=LicenseClaims.of(peek(license.text)[1]).features,
        revocations_version=await newest_version(),
        nonce=nonce,
        product_version=license.product_version,
        maintenance_until=license.maintenance_until,
    )
    return IssuedReceipt(await sign(Kind.RECEIPT, receipt.claims(), await current_signer()), receipt)
