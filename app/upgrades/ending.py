"""An upgrade ends, for good or because a contract takes its place."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from app.accounts.editions import move_to_edition
from app.accounts.models import Account
from app.catalog.keys import EditionKey
from app.events.recording import SYSTEM, Actor
from app.upgrades.models import PENDING, UpgradeState
from app.upgrades.queries import current_upgrade


async def end(account: Account, reason: str, actor: Actor) -> None:
    """Take the account back to the community edition for good: a license does not upgrade it again."""
    upgrade = await current_upgrade(account.id)
    if upgrade is not None:
        upgrade.state = UpgradeState.ENDED
        upgrade.ended_at = account.now()
        await upgrade.save(update_fields=["state", "ended_at"])
    await move_to_edition(account, EditionKey.COMMUNITY, account.now(), "account.service_ended", actor, reason=reason)


async def bill_up_to(account: Account, last: date) -> None:
    """Let no day after ``last`` be charged by the upgrade that the account has."""
    upgrade = await current_upgrade(account.id)
    if upgrade is not None and upgrade.state != UpgradeState.ENDED:
        upgrade.last_billed_day = last
        await upgrade.save(update_fields=["last_billed_day"])


async def begin_contract(account: Account, edition: EditionKey, at: datetime, about: dict[str, Any]) -> None:
    """The account has a contract's edition from ``at`` on; its upgrade, billed up to then, gives way."""
    upgrade = await current_upgrade(account.id)
    if upgrade is not None and upgrade.state != UpgradeState.ENDED:
        upgrade.state = UpgradeState.REPLACED if upgrade.state in PENDING else UpgradeState.ENDED
        upgrade.ended_at = at
        await upgrade.save(update_fields=["state", "ended_at"])
    await move_to_edition(account, edition, at, "contract.started", SYSTEM, about)


async def end_contract(
    account: Account, actor: Actor, at: datetime, about: dict[str, Any], reason: str | None = None
) -> None:
    """A contract that was in force ended: the account is back in the community edition."""
    await move_to_edition(account, EditionKey.COMMUNITY, at, "contract.ended", actor, about, reason)
