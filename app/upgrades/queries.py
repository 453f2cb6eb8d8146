"""Looking up an account's upgrade."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from app.catalog.queries import with_plans
from app.constants import DEFAULT_ZONE
from app.db.sql import statement
from app.db.together import together
from app.upgrades.models import FOLLOWED, Upgrade

CURRENT = statement(__file__, "current")


@together
async def current_upgrade(account_ids: Sequence[UUID]) -> dict[UUID, Upgrade]:
    """The account's newest upgrade that was not replaced by another, with its price plan."""
    found = await CURRENT.objects(Upgrade, account_ids)
    await with_plans(found)
    return {upgrade.account_id: upgrade for upgrade in found}


async def billing_zone(account_id: UUID) -> str:
    """The time zone (IANA name) of an account's billing days: that of its price plan."""
    upgrade = await current_upgrade(account_id)
    return upgrade.plan.time_zone if upgrade else DEFAULT_ZONE


async def followed_upgrade(account_id: UUID) -> Upgrade | None:
    """The upgrade that lasts until a contract begins: in its free period, active, or lapsed."""
    upgrade = await current_upgrade(account_id)
    return upgrade if upgrade is not None and upgrade.state in FOLLOWED else None
