"""Licenses: made, revoked, and activated on a deployment."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import UUID

import orjson
from uuid_utils.compat import uuid7

from app import clock, secretbox
from app.accounts.identity import check_access_key
from app.accounts.models import Account
from app.accounts.service import lock_account, text
from app.agreements.service import accepted_current
from app.editions.keys import UpgradeState
from app.editions.models import Edition
from app.editions.service import PENDING, activated, current_upgrade, lapse_if_due
from app.errors import InvalidGatewayUrl, InvalidInput, InvalidLicense, LicenseLimit, NotFound, StepOutOfOrder
from app.events.service import Actor, record
from app.licenses.models import Deployment, License, LicenseState, SigningKey
from app.licenses.signing import ISSUER, new_key, sign, verify

GATEWAY_URL = re.compile(r"https?://[A-Za-z0-9.\-\[\]:_]+(/[^\s?#]*)?\?token=\{\}", re.ASCII)
FINGERPRINT = re.compile(r"[\x21-\x7e]{8,128}")


async def create_license(account: Account, label: str, actor: Actor) -> License:
    """A new license of the edition that the account was upgraded to.

    Raises:
        StepOutOfOrder: the upgrade has not come so far.
        LicenseLimit: a license that was not activated yet exists: that one is to be used, or revoked.
    """
    upgrade = await current_upgrade(account.id)
    if upgrade is None:
        raise StepOutOfOrder(missing_step="CHOOSE_EDITION")
    if upgrade.state in PENDING:
        raise StepOutOfOrder(
            missing_step="ACCEPT_AGREEMENT"
            if upgrade.state == UpgradeState.AGREEMENT_PENDING
            else "CHOOSE_SETTLEMENT_CHANNEL"
        )
    now = account.now()
    if await License.exists(account_id=account.id, state=LicenseState.CREATED, expires_at__gt=now):
        raise LicenseLimit(limit=1)
    edition = await Edition.get(key=upgrade.edition)
    key = await _signing_key()
    license_id = uuid7()
    expires_at = now + timedelta(days=edition.license_days)
    claims = {
        "iss": ISSUER,
        "sub": str(account.id),
        "jti": str(license_id),
        "iat": int(now.timestamp()),
        "nbf": int(now.timestamp()),
        "exp": int(expires_at.timestamp()),
        "edition": upgrade.edition,
        "DKLimit": -1,
    }
    created = await License.create(
        id=license_id,
        account_id=account.id,
        edition=upgrade.edition,
        label=text(label, "label", 200),
        text=sign(orjson.dumps(claims), key.kid, secretbox.decrypt(key.private_key_encrypted)),
        kid=key.kid,
        state=LicenseState.CREATED,
        created_at=now,
        expires_at=expires_at,
    )
    await record(account, "license.created", actor, after={"license": str(created.id), "label": created.label})
    return created


async def revoke_license(account: Account, license_id: UUID, reason: str, actor: Actor) -> License:
    """Revoke a license for good; revoking it again changes nothing.

    Raises:
        NotFound: the account has no such license.
    """
    found = await License.get_or_none(id=license_id, account_id=account.id)
    if found is None:
        raise NotFound(what="license", path=("licenseId",))
    if found.state != LicenseState.REVOKED:
        before, found.state = found.state, LicenseState.REVOKED
        found.revoked_at = account.now()
        found.revoke_reason = text(reason, "reason", 500)
        await found.save(update_fields=["state", "revoked_at", "revoke_reason"])
        await record(
            account,
            "license.revoked",
            actor,
            before={"license": str(found.id), "state": before},
            after={"state": found.state},
            reason=found.revoke_reason,
        )
    return found


async def activate_license(
    license_text: str, ak: str, sk: str, data_gateway_url: str, fingerprint: str, dialing_test: bool, address: str
) -> Deployment:
    """The Launcher presents a license: its deployment becomes commercial. Repeating it changes nothing.

    Raises:
        InvalidGatewayUrl: not an http(s) address that ends with the literal ``?token={}``.
        InvalidCredentials: AK/SK are not a live pair.
        InvalidLicense: malformed, forged, revoked, expired, another account's, or active on another deployment.
        StepOutOfOrder: the account's upgrade lacks a step (a newer agreement to accept, after the free period).
    """
    if not GATEWAY_URL.fullmatch(data_gateway_url) or len(data_gateway_url) > 2000:
        raise InvalidGatewayUrl(path=("dataGatewayUrl",))
    if not FINGERPRINT.fullmatch(fingerprint):
        raise InvalidInput(reason="fingerprint must have 8 to 128 visible ASCII characters", path=("fingerprint",))
    key = await check_access_key(ak, sk)
    account = await lock_account(key.account_id)
    now = account.now()
    claims = verify(license_text, await public_keys(), now)
    if claims.get("sub") != str(account.id):
        raise InvalidLicense(reason="OTHER_ACCOUNT", path=("license",))
    held = await License.get_or_none(id=UUID(str(claims.get("jti"))), account_id=account.id)
    if held is None:
        raise InvalidLicense(reason="MALFORMED", path=("license",))
    if held.state == LicenseState.REVOKED:
        raise InvalidLicense(reason="REVOKED", path=("license",))
    actor = Actor(kind="DEPLOYMENT", label=fingerprint, address=address)
    deployment, _ = await Deployment.get_or_create(
        account_id=account.id,
        fingerprint=fingerprint,
        defaults={
            "data_gateway_url": data_gateway_url,
            "dialing_test": dialing_test,
            "created_at": now,
            "last_seen_at": now,
        },
    )
    if held.deployment_id not in (None, deployment.id):
        raise InvalidLicense(reason="ALREADY_ACTIVE_ELSEWHERE", path=("license",))
    await lapse_if_due(account, now)
    upgrade = await current_upgrade(account.id)
    if upgrade is None or upgrade.state in PENDING:
        raise StepOutOfOrder(missing_step="CHOOSE_EDITION")
    if upgrade.state == UpgradeState.LAPSED and not await accepted_current(account):
        raise StepOutOfOrder(missing_step="ACCEPT_AGREEMENT")
    deployment.data_gateway_url = data_gateway_url
    deployment.dialing_test = dialing_test
    deployment.last_seen_at = now
    await deployment.save(update_fields=["data_gateway_url", "dialing_test", "last_seen_at"])
    if held.state == LicenseState.CREATED:
        held.state = LicenseState.ACTIVE
        held.activated_at = now
        held.deployment_id = deployment.id
        await held.save(update_fields=["state", "activated_at", "deployment_id"])
        await record(
            account, "license.activated", actor, after={"license": str(held.id), "deployment": str(deployment.id)}
        )
    await activated(account, upgrade, actor)
    return deployment


async def find_deployment(account_id: UUID, fingerprint: str) -> Deployment:
    """A deployment of the account.

    Raises:
        NotFound: none with that fingerprint was activated.
    """
    deployment = await Deployment.get_or_none(account_id=account_id, fingerprint=fingerprint)
    if deployment is None:
        raise NotFound(what="activated deployment with this fingerprint", path=("deploymentFingerprint",))
    return deployment


async def public_keys() -> dict[str, bytes]:
    """The public keys that licenses are signed with, raw, by key id."""
    return {key.kid: key.public_key for key in await SigningKey.all()}


async def ensure_signing_key() -> None:
    """Make the first signing key where there is none."""
    if not await SigningKey.exists():
        private, public = new_key()
        await SigningKey.create(
            kid=uuid7().hex,
            public_key=public,
            private_key_encrypted=secretbox.encrypt(private),
            created_at=clock.now(),
        )


async def check_signing_key() -> None:
    """See that the key in use can be unsealed.

    Raises:
        cryptography.fernet.InvalidToken: it was sealed with another secret key.
    """
    secretbox.decrypt((await _signing_key()).private_key_encrypted)


async def _signing_key() -> SigningKey:
    key = await SigningKey.all().order_by("-id").first()
    if key is None:
        raise NotFound(what="signing key")
    return key
