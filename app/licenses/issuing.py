"""Licenses are made, named, rotated, transferred and revoked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from tortoise.expressions import Q
from tortoise.queryset import QuerySet
from uuid_utils.compat import uuid7

from app import clock
from app.accounts.models import Account
from app.applications.standing import ZONE, contract_to_license, live_contracts, unbroken_since
from app.editions.keys import EditionKey, UpgradeState
from app.editions.models import Edition, PricePlan
from app.editions.service import PENDING, current_upgrade
from app.errors import InvalidInput, InvalidLicense, LicenseLimit, NotFound, StepOutOfOrder
from app.events.recording import Actor, record
from app.inputs import text
from app.licenses.attention import next_attention
from app.licenses.keys import current_signer
from app.licenses.models import License, LicenseState
from app.protocol.documents import NO_LIMIT, LicenseClaims
from app.protocol.jws import Kind, peek, sign
from app.refusals import Reason

RENEWABLE_BEFORE_END = timedelta(days=30)


@dataclass(frozen=True)
class Terms:
    """What a license grants: DataKits (−1: no limit), its begin (by default now) and end (by default the edition's own
    length from now), features (by default the edition's), the fingerprint that it is bound to, and the terms of
    settlement."""

    dk_limit: int = NO_LIMIT
    not_before: datetime | None = None
    expires_at: datetime | None = None
    features: tuple[str, ...] | None = None
    fingerprint: str | None = None
    settlement: dict[str, Any] | None = None


async def create_license(
    account: Account, label: str, actor: Actor, fingerprint: str | None = None, contract_id: UUID | None = None
) -> License:
    """A new license of the account's contract, on its terms, or of the edition that it was upgraded to.

    Without ``contract_id``: of the contract in force, else of the upgrade, else of the contract to come. A license is
    not valid before its contract begins; that of a renewal of the same edition is at once, so that deployments change
    over without a gap.

    Raises:
        NotFound: the account has no such contract, or it is over.
        StepOutOfOrder: there is no contract, and the upgrade has not come so far.
        LicenseLimit: see ``issue_license``.
    """
    live = await live_contracts(account.id)
    if contract_id is None:
        contract = await contract_to_license(account)
    else:
        contract = next((one for one in live if one.id == contract_id), None)
        if contract is None:
            raise NotFound(what="contract in force or to come", path=("contractId",))
    if contract is not None:
        terms = Terms(
            dk_limit=contract.dk_limit,
            not_before=clock.day_start(unbroken_since(contract, live), ZONE),
            expires_at=clock.day_end(contract.ends_on, ZONE),
            fingerprint=fingerprint,
        )
        return await issue_license(account, contract.edition, terms, label, actor)
    upgrade = await current_upgrade(account.id)
    if upgrade is None or upgrade.state == UpgradeState.ENDED:
        raise StepOutOfOrder(missing_step="CHOOSE_EDITION")
    if upgrade.state in PENDING:
        raise StepOutOfOrder(
            missing_step="ACCEPT_AGREEMENT"
            if upgrade.state == UpgradeState.AGREEMENT_PENDING
            else "CHOOSE_SETTLEMENT_CHANNEL"
        )
    terms = Terms(fingerprint=fingerprint, settlement=settlement_terms(upgrade.plan))
    return await issue_license(account, upgrade.edition, terms, label, actor)


async def create_community_license(account: Account, label: str, actor: Actor) -> License:
    """A free license of the community edition; the one before it, if there is one still, runs to its end.

    Raises:
        LicenseLimit: the account has one that is good for more than 30 days.
    """
    now = account.now()
    old = await _live(account, now).filter(edition=EditionKey.COMMUNITY).order_by("-id").first()
    if old is not None and old.expires_at > now + RENEWABLE_BEFORE_END:
        raise LicenseLimit(limit=1, which_en="live", which_zh="有效")
    made = await issue_license(account, EditionKey.COMMUNITY, Terms(), label, actor, replaces=old)
    if old is not None:
        await _end_at(old, old.expires_at, now)
    return made


async def retire_other_editions(account: Account, edition: EditionKey) -> None:
    """Let the live licenses of other commercial editions end after their edition's grace period."""
    now = account.now()
    others = _live(account, now).exclude(edition__in=(edition, EditionKey.COMMUNITY))
    for held in await others:
        grace = timedelta(days=(await Edition.get(key=held.edition)).rotation_grace_days)
        await _end_at(held, min(now + grace, held.expires_at), now)


async def _end_at(held: License, at: datetime, now: datetime) -> None:
    held.revoke_at = at
    held.attention_at = next_attention(held, now)
    await held.save(update_fields=["revoke_at", "attention_at"])


def settlement_terms(plan: PricePlan) -> dict[str, Any]:
    """A price plan as it stands in a license."""
    return {
        "plan": plan.version,
        "meter": plan.meter,
        "unitPriceMinor": plan.unit_price_minor,
        "currency": plan.currency,
        "minimumQuantity": plan.minimum_quantity,
        "timeZone": plan.time_zone,
    }


async def issue_license(
    account: Account, edition_key: EditionKey, terms: Terms, label: str, actor: Actor, replaces: License | None = None
) -> License:
    """A license of an edition with terms that were agreed upon; the account is to be locked by the caller.

    Raises:
        LicenseLimit: the account has as many of the edition as it may, or as many that were not activated yet.
    """
    edition = await Edition.get(key=edition_key)
    now = account.now()
    if replaces is None:
        live = _live(account, now).filter(edition=edition_key)
        if await live.count() >= edition.license_limit:
            raise LicenseLimit(limit=edition.license_limit, which_en="live", which_zh="有效")
        if await live.filter(state=LicenseState.CREATED).count() >= edition.spare_license_limit:
            raise LicenseLimit(limit=edition.spare_license_limit, which_en="not yet activated", which_zh="尚未激活")
    license_id = uuid7()
    expires_at = terms.expires_at or now + timedelta(days=edition.license_days)
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
        replaces_id=replaces and replaces.id,
    )
    made.attention_at = next_attention(made, now)
    await made.save(force_create=True)
    await record(
        account.id, account.now(), "license.created", actor, after={"license": str(made.id), "label": made.label}
    )
    return made


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
        raise InvalidLicense(reason=Reason.REVOKED, path=("licenseId",))
    if now >= old.expires_at:
        raise InvalidLicense(reason=Reason.EXPIRED, path=("licenseId",))
    if old.revoke_at is not None:
        replacement = await License.get_or_none(replaces_id=old.id)
        if replacement is None:
            raise InvalidLicense(reason=Reason.REVOKED, path=("licenseId",))
        return replacement
    claims = LicenseClaims.of(peek(old.text)[1])
    terms = Terms(
        claims.dk_limit, claims.not_before, old.expires_at, claims.features, claims.fingerprint, claims.settlement
    )
    made = await issue_license(account, old.edition, terms, old.label, actor, replaces=old)
    edition = await Edition.get(key=old.edition)
    revoke_at = now + timedelta(days=edition.rotation_grace_days)
    await _end_at(old, revoke_at, now)
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
        raise InvalidLicense(reason=Reason.REVOKED, path=("licenseId",))
    if found.fingerprint is not None:
        raise InvalidInput(
            reason_en="the license's text is bound to a deployment: revoke it, and create one for the other",
            reason_zh="该许可证文本已绑定部署:请吊销后为另一部署创建新的许可证",
            path=("licenseId",),
        )
    if found.reserved_for == to_fingerprint:
        return found
    await found.fetch_related("deployment")
    before = found.deployment.fingerprint if found.deployment else None
    if before == to_fingerprint:
        raise InvalidInput(
            reason_en="the license is active on this deployment already",
            reason_zh="该许可证已在此部署上激活",
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
        await revoke(account, found, text(reason, "reason", 500), actor)
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


async def find_license(account: Account, license_id: UUID) -> License:
    """A license of the account.

    Raises:
        NotFound: it has none with this key.
    """
    found = await License.get_or_none(id=license_id, account_id=account.id)
    if found is None:
        raise NotFound(what="license", path=("licenseId",))
    return found


def _live(account: Account, now: datetime) -> QuerySet[License]:
    alive = Q(account_id=account.id, revoke_at=None, expires_at__gt=now)
    return License.filter(alive).exclude(state=LicenseState.REVOKED)
