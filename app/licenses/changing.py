"""Licenses are named, rotated, transferred and revoked."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from app.accounts.models import Account
from app.catalog.keys import EditionKey
from app.catalog.queries import edition_at
from app.errors import InvalidInput, InvalidLicense
from app.events.recording import Actor, record
from app.inputs import explanation, text
from app.licenses.attention import next_attention
from app.licenses.issuing import Terms, issue_license
from app.licenses.models import License, LicenseState
from app.licenses.queries import find_license, live_licenses
from app.protocol.documents import LicenseClaims
from app.protocol.jws import peek
from app.refusals import RefusalReason


async def retire_other_editions(account: Account, edition: EditionKey) -> None:
    """Let the live licenses of other commercial editions end after their edition's grace period, but perpetual ones."""
    now = account.now()
    others = live_licenses(account, now).exclude(edition__in=(edition, EditionKey.COMMUNITY))
    for held in await others.filter(expires_at__isnull=False):
        grace = timedelta(days=(await edition_at(held.edition, now)).rotation_grace_days)
        await end_at(held, min(now + grace, held.expires_at or now + grace), now)


async def extend_maintenance(account: Account, edition: EditionKey, until: datetime) -> None:
    """Let versions released until an instant be used with the account's perpetual licenses of an edition; receipts say
    so from now on, and so does the text of a license that is rotated."""
    held = live_licenses(account, account.now()).filter(edition=edition, expires_at=None)
    await held.filter(maintenance_until__lt=until).update(maintenance_until=until)


async def end_at(held: License, at: datetime, now: datetime) -> None:
    held.revoke_at = at
    held.attention_at = next_attention(held, now)
    await held.save(update_fields=["revoke_at", "attention_at"])


async def rename_license(account: Account, license_id: UUID, label: str, actor: Actor) -> License:
    """Give a license another label.

    Raises:
        NotFound: the account has no such license.
    """
    found = await find_license(account, license_id)
    before, found.label = found.label, text(label, "label", 200)
    if found.label != before:
        await found.save(update_fields=["label"])
        await record(
            account.id,
            account.now(),
            "license.renamed",
            actor,
            before={"license": str(found.id), "label": before},
            after={"label": found.label},
        )
    return found


async def rotate_license(account: Account, license_id: UUID, actor: Actor) -> License:
    """A new license on the terms of the old one, which is revoked by itself after the edition's grace period.
    Rotating it again while the grace runs answers the same new license.

    Raises:
        NotFound: the account has no such license.
        InvalidLicense: it is revoked, or about to be because a contract took its place, or expired.
    """
    old = await find_license(account, license_id)
    now = account.now()
    if old.state == LicenseState.REVOKED:
        raise InvalidLicense(reason=RefusalReason.REVOKED, path=("licenseId",))
    if old.expires_at is not None and now >= old.expires_at:
        raise InvalidLicense(reason=RefusalReason.EXPIRED, path=("licenseId",))
    if old.revoke_at is not None:
        replacement = await License.get_or_none(replaces_id=old.id)
        if replacement is None:
            raise InvalidLicense(reason=RefusalReason.REVOKED, path=("licenseId",))
        return replacement
    claims = LicenseClaims.of(peek(old.text)[1])
    terms = Terms(
        dk_limit=claims.dk_limit,
        not_before=claims.not_before,
        expires_at=old.expires_at,
        features=claims.features,
        fingerprint=claims.fingerprint,
        settlement=claims.settlement,
        perpetual=old.expires_at is None,
        product_version=old.product_version,
        maintenance_until=old.maintenance_until,
    )
    made = await issue_license(account, old.edition, terms, old.label, actor, replaces=old)
    edition = await edition_at(old.edition, now)
    revoke_at = now + timedelta(days=edition.rotation_grace_days)
    await end_at(old, revoke_at, now)
    await record(
        account.id,
        account.now(),
        "license.rotated",
        actor,
        before={"license": str(old.id)},
        after={"license": str(made.id), "revokeAt": revoke_at.isoformat()},
    )
    return made


async def transfer_license(account: Account, license_id: UUID, to_fingerprint: str, actor: Actor) -> License:
    """Free a license from its deployment, for the one with ``to_fingerprint`` to activate; doing it again changes
    nothing. The former deployment's receipt is not renewed, and it cannot activate the license again.

    Raises:
        NotFound: the account has no such license.
        InvalidLicense: it is revoked.
        InvalidInput: its text is bound to a deployment, or it is active on that deployment.
    """
    found = await find_license(account, license_id)
    if found.state == LicenseState.REVOKED:
        raise InvalidLicense(reason=RefusalReason.REVOKED, path=("licenseId",))
    if found.fingerprint is not None:
        raise InvalidInput(
            reason_en="the license's text is bound to a deployment: revoke it, and create one for the other",
            reason_zh="该 License 文本已绑定部署：请吊销后为另一部署创建新的 License",
            path=("licenseId",),
        )
    if found.reserved_for == to_fingerprint:
        return found
    await found.fetch_related("deployment")
    before = found.deployment.fingerprint if found.deployment else None
    if before == to_fingerprint:
        raise InvalidInput(
            reason_en="the license is active on this deployment already",
            reason_zh="该 License 已在此部署上激活",
            path=("toFingerprint",),
        )
    found.reserved_for = to_fingerprint
    found.deployment_id = None
    found.state = LicenseState.CREATED
    await found.save(update_fields=["reserved_for", "deployment_id", "state"])
    await record(
        account.id,
        account.now(),
        "license.transferred",
        actor,
        before={"license": str(found.id), "deployment": before},
        after={"deployment": to_fingerprint},
    )
    return found


async def revoke_license(account: Account, license_id: UUID, reason: str, actor: Actor) -> License:
    """Revoke a license for good; revoking it again changes nothing.

    Raises:
        NotFound: the account has no such license.
    """
    found = await find_license(account, license_id)
    if found.state != LicenseState.REVOKED:
        await revoke(account, found, explanation(reason), actor)
    return found


async def revoke(account: Account, found: License, reason: str, actor: Actor) -> None:
    """Revoke a license of a locked account; the next revocation list has it."""
    before, found.state = found.state, LicenseState.REVOKED
    found.revoked_at = account.now()
    found.revoke_reason = reason
    found.attention_at = None
    await found.save(update_fields=["state", "revoked_at", "revoke_reason", "attention_at"])
    await record(
        account.id,
        account.now(),
        "license.revoked",
        actor,
        before={"license": str(found.id), "state": before},
        after={"state": found.state},
        reason=reason,
    )
