"""The way from the community edition to a commercial one: the agreement is accepted, the edition takes effect, a
license is activated in time or too late."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

from app import clock
from app.accounts.editions import move_to_edition
from app.accounts.models import Account
from app.catalog.keys import EditionKey
from app.catalog.models import PricePlan
from app.catalog.queries import plan_at, price_group
from app.events.recording import SYSTEM, Actor, record
from app.upgrades.models import Upgrade, UpgradeState
from app.upgrades.queries import current_upgrade


async def agreement_accepted(upgrade: Upgrade, acceptance_id: UUID) -> None:
    """The upgrade's agreement step is done."""
    upgrade.acceptance_id = acceptance_id
    if upgrade.state == UpgradeState.AGREEMENT_PENDING:
        upgrade.state = UpgradeState.CHANNEL_PENDING
    await upgrade.save(update_fields=["acceptance_id", "state"])


async def agreement_outdated(upgrade: Upgrade) -> None:
    """The upgrade waits for the version of the agreement that is in force now; its channel is bound."""
    upgrade.state = UpgradeState.AGREEMENT_PENDING
    await upgrade.save(update_fields=["state"])


async def take_effect(account: Account, upgrade: Upgrade, actor: Actor) -> None:
    """The last decision is made: the account has its new edition, and the free period begins, exact to the second.

    An account has one free period. After that the edition waits for a license to be activated, and that day is billed.
    """
    now = account.now()
    if await Upgrade.exists(account_id=account.id, free_period_ends_at__isnull=False):
        upgrade.state = UpgradeState.LAPSED
        await upgrade.save(update_fields=["state"])
        await record(
            account.id, account.now(), "upgrade.waits_for_activation", actor, after={"edition": upgrade.edition}
        )
        return
    upgrade.state = UpgradeState.FREE_PERIOD
    upgrade.upgraded_at = now
    upgrade.free_period_ends_at = now + timedelta(seconds=upgrade.plan.free_period_seconds)
    await upgrade.save(update_fields=["state", "upgraded_at", "free_period_ends_at"])
    await move_to_edition(account, upgrade.edition, now, "upgrade.took_effect", actor)


async def activated(account: Account, upgrade: Upgrade, actor: Actor, served_until: datetime | None = None) -> Upgrade:
    """A license was activated: within the free period the edition stays; after it, the account is upgraded again.

    Billing starts with the first billing day that begins at or after the end of the free period, or, without one,
    with the day of the activation, if it was not billed before; never with a day of which a contract, until
    ``served_until``, served a part.
    """
    now = account.now()
    if upgrade.state == UpgradeState.FREE_PERIOD and upgrade.free_period_ends_at is not None:
        upgrade.state = UpgradeState.ACTIVE
        upgrade.activated_at = now
        free_until = max(upgrade.free_period_ends_at, served_until or upgrade.free_period_ends_at)
        upgrade.first_billed_day = clock.first_day_from(free_until, upgrade.plan.time_zone)
        await upgrade.save(update_fields=["state", "activated_at", "first_billed_day"])
    elif upgrade.state == UpgradeState.LAPSED:
        plan = await plan_ahead(account, upgrade)
        today = clock.local_day(now, plan.time_zone)
        if served_until is not None:
            today = max(today, clock.first_day_from(served_until, plan.time_zone))
        upgrade = await Upgrade.create(
            account_id=account.id,
            edition=upgrade.edition,
            plan=plan,
            state=UpgradeState.ACTIVE,
            acceptance_id=upgrade.acceptance_id,
            chosen_at=now,
            upgraded_at=now,
            activated_at=now,
            first_billed_day=await _first_unbilled(account.id, today),
            last_billed_day=upgrade.last_billed_day,
        )
        await move_to_edition(account, upgrade.edition, now, "upgrade.took_effect_again", actor)
    return upgrade


async def plan_ahead(account: Account, upgrade: Upgrade) -> PricePlan:
    """The plan that a lapsed upgrade takes effect with again: the one that is current then."""
    return await plan_at(upgrade.edition, account.now(), await price_group(account.id))


async def _first_unbilled(account_id: UUID, day: date) -> date:
    """``day``, or the one after the last that was billed by another plan, in a zone where it came sooner."""
    billed = Upgrade.filter(account_id=account_id, billed_through__gte=day)
    newest = await billed.order_by("-billed_through").first()
    return newest.billed_through + timedelta(days=1) if newest and newest.billed_through else day


async def lapse_if_due(account: Account, now: datetime) -> bool:
    """Take an account whose free period ended without an activation back to the community edition."""
    upgrade = await current_upgrade(account.id)
    end = upgrade.free_period_ends_at if upgrade else None
    if upgrade is None or end is None or not upgrade.has_lapsed(now):
        return False
    upgrade.state = UpgradeState.LAPSED
    upgrade.ended_at = end
    await upgrade.save(update_fields=["state", "ended_at"])
    await move_to_edition(
        account,
        EditionKey.COMMUNITY,
        end,
        "upgrade.lapsed",
        SYSTEM,
        reason="no license was activated within the free period",
    )
    return True
