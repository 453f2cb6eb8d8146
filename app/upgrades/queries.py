"""Looking up an account's upgrade."""

from __future__ import annotations

from uuid import UUID

from app.constants import DEFAULT_ZONE
from app.upgrades.models import FOLLOWED, Upgrade, UpgradeState


async def current_upgrade(account_id: UUID) -> Upgrade | None:
    """The account's newest upgrade that was not replaced by another, with its price plan."""
    return (
        await Upgrade.filter(account_id=account_id)
        .exclude(state=UpgradeState.REPLACED)
        .order_by("-id")
        .select_related("plan")
        .first()
    )


async def billing_zone(account_id: UUID) -> str:
    """The time zone (IANA name) of an account's billing days: that of its price plan."""
    upgrade = await current_upgrade(account_id)
    return upgrade.plan.time_zone if upgrade else DEFAULT_ZONE


async def followed_upgrade(account_id: UUID) -> Upgrade | None:
    """The upgrade that lasts until a contract begins: in its free period, active, or lapsed."""
    upgrade = await current_upgrade(account_id)
    return upgrade if upgrade is not None and upgrade.state in FOLLOWED else None
