"""Making a license of the account's contract or upgrade."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from app import clock
from app.accounts.models import Account
from app.catalog.keys import EditionKey
from app.catalog.models import PricePlan
from app.catalog.queries import edition_at, release_at
from app.contracts.queries import contract_to_license, live_contracts
from app.contracts.terms import ends_at, unbroken_since
from app.errors import InvalidInput, LicenseLimit, NotFound, StepOutOfOrder
from app.events.recording import Actor
from app.journey.contracts import advance
from app.journey.ways import missing
from app.licenses.changing import end_at
from app.licenses.issuing import Terms, issue_license
from app.licenses.models import License
from app.licenses.queries import live_licenses
from app.upgrades.models import FOLLOWED
from app.upgrades.pricing import plan_of_day
from app.upgrades.queries import current_upgrade


async def create_license(
    account: Account, label: str, actor: Actor, fingerprint: str | None = None, contract_id: UUID | None = None
) -> License:
    """A new license of a locked account's contract, on its terms, or of the edition that it was upgraded to, after what
    is due with its contracts.

    Without ``contract_id``: of the contract in force, else of the upgrade, else of the contract to come. A license is
    not valid before its contract begins; that of a renewal of the same edition is at once, so that deployments change
    over without a gap.

    Raises:
        NotFound: the account has no such contract, or it is over.
        StepOutOfOrder: there is no contract, and the upgrade has not come so far.
        LicenseLimit: see ``issue_license``.
    """
    await advance(account)
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
            not_before=unbroken_since(contract, live),
            expires_at=None if contract.perpetual else ends_at(contract),
            fingerprint=fingerprint,
            perpetual=contract.perpetual,
            product_version=contract.product_version,
            maintenance_until=ends_at(contract) if contract.perpetual else None,
        )
        return await issue_license(account, contract.edition, terms, label, actor)
    upgrade = await current_upgrade(account.id)
    if upgrade is None or upgrade.state not in FOLLOWED:
        raise StepOutOfOrder(missing_step=await missing(account))
    plan = await plan_of_day(upgrade, clock.local_day(account.now(), upgrade.plan.time_zone))
    terms = Terms(fingerprint=fingerprint, settlement=settlement_terms(plan))
    return await issue_license(account, upgrade.edition, terms, label, actor)


async def create_community_license(account: Account, label: str, actor: Actor, version: str | None = None) -> License:
    """A free license of the community edition; the one before it, if there is one still, runs to its end.

    It is for a version of the product, by default the newest, from whose release on it is free for a time, which the
    edition says; where no release is known, from now on.

    Raises:
        NotFound: there is no such version.
        InvalidInput: the version is not free any more.
        LicenseLimit: the account has one of the version; or, where none is known, one that is good for more than 30
            days.
    """
    now = account.now()
    terms = await _community_terms(version, now)
    old = await live_licenses(account, now).filter(edition=EditionKey.COMMUNITY).order_by("-id").first()
    if old is not None and old.product_version == terms.product_version:
        renewable = terms.product_version is None and old.expires_at and old.expires_at <= now + RENEWABLE_BEFORE_END
        if not renewable:
            raise LicenseLimit(limit=1, which_en="live", which_zh="有效")
    made = await issue_license(account, EditionKey.COMMUNITY, terms, label, actor, replaces=old)
    if old is not None and old.expires_at is not None:
        await end_at(old, old.expires_at, now)
    return made


async def _community_terms(version: str | None, now: datetime) -> Terms:
    release = await release_at(version, now)
    days = (await edition_at(EditionKey.COMMUNITY, now)).version_days
    if release is None or days is None:
        return Terms(product_version=release.version if release else None)
    ends = release.valid_from + timedelta(days=days)
    if ends <= now:
        raise InvalidInput(
            reason_en=f"version {release.version} was free for {days} days after its release: take a newer one, or a "
            "commercial edition",
            reason_zh=f"版本 {release.version} 自发布起免费 {days} 天，现已届满：请使用更新的版本，或升级到商业版",
            path=("productVersion",),
        )
    return Terms(expires_at=ends, product_version=release.version)


RENEWABLE_BEFORE_END = timedelta(days=30)


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
