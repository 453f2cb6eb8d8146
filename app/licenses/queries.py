"""Looking up licenses."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from tortoise.expressions import Q
from tortoise.queryset import QuerySet

from app.accounts.models import Account
from app.catalog.models import DATA_KITS
from app.db.sql import statement
from app.errors import NotFound
from app.licenses.models import License, LicenseState
from app.usage.queries import newest_hour

FIRST_LICENSES = statement(__file__, "first_of_each")


async def find_license(account: Account, license_id: UUID) -> License:
    """A license of the account.

    Raises:
        NotFound: it has none with this key.
    """
    found = await License.get_or_none(id=license_id, account_id=account.id)
    if found is None:
        raise NotFound(what="license", path=("licenseId",))
    return found


def valid_licenses(now: datetime, **of: Any) -> QuerySet[License]:
    """The licenses ``of`` an account or deployment that count: neither revoked nor expired, as in ``alive.sql``."""
    unexpired = Q(expires_at__isnull=True) | Q(expires_at__gt=now)
    return License.filter(unexpired, **of).exclude(state=LicenseState.REVOKED)


def in_state(licenses: QuerySet[License], state: LicenseState, now: datetime) -> QuerySet[License]:
    """Of these, the ones in a state at an instant, as ``License.state_at`` says."""
    if state == LicenseState.REVOKED:
        return licenses.filter(state=state)
    if state == LicenseState.EXPIRED:
        return licenses.filter(expires_at__lte=now).exclude(state=LicenseState.REVOKED)
    return licenses.filter(Q(expires_at__isnull=True) | Q(expires_at__gt=now), state=state)


def live_licenses(account: Account, now: datetime) -> QuerySet[License]:
    """The valid licenses of an account that are not to be revoked, as those that were rotated are."""
    return valid_licenses(now, account_id=account.id, revoke_at=None)


async def active_license(deployment_id: UUID, now: datetime, suspended: Collection[UUID]) -> License | None:
    """The newest license that is active on a deployment, and neither expired nor among these that are suspended."""
    found = valid_licenses(now, deployment_id=deployment_id, state=LicenseState.ACTIVE).exclude(id__in=list(suspended))
    return await found.order_by("-id").first()


async def newest_licenses(deployment_ids: Sequence[UUID]) -> list[License | None]:
    """Of each deployment the license that was activated on it last, whatever became of it."""
    found = License.filter(deployment_id__in=list(deployment_ids)).order_by("activated_at", "id")
    newest = {license.deployment_id: license for license in await found}
    return [newest.get(key) for key in deployment_ids]


async def connected_data_kits(license: License, now: datetime) -> tuple[int, datetime | None]:
    """The DataKits of the newest hour that the license's deployment reported in the last 24, and that hour."""
    if license.deployment_id is None:
        return 0, None
    found = await newest_hour(license.deployment_id, DATA_KITS, now - timedelta(days=1))
    return (found.quantity, found.hour) if found else (0, None)
