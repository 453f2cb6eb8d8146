"""The catalog, and the way from the community edition to a commercial one."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from tortoise.expressions import Q

from app import clock
from app.accounts.models import Account
from app.editions.keys import EditionKey, UpgradeState
from app.editions.models import Edition, PricePlan, Upgrade
from app.errors import EditionByApplication, InvalidInput, NotFound, UpgradeConflict
from app.events.recording import SYSTEM, Actor, record
from app.usage.counting import DATA_KITS

DEFAULT_ZONE = "Asia/Shanghai"
PENDING = (UpgradeState.AGREEMENT_PENDING, UpgradeState.CHANNEL_PENDING)
IN_FORCE = (UpgradeState.FREE_PERIOD, UpgradeState.ACTIVE)


async def catalog() -> list[Edition]:
    """Every edition, in the order of the catalog."""
    return await Edition.all().order_by("position")


async def plan_at(edition: EditionKey, at: datetime) -> PricePlan:
    """The catalog's price plan of an edition in force at an instant.

    Raises:
        NotFound: the edition has no plan yet at that instant.
    """
    plans = PricePlan.filter(edition=edition, account_id=None, valid_from__lte=at)
    plan = await plans.order_by("-valid_from", "-version").first()
    if plan is None:
        raise NotFound(what="price plan")
    return plan


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


async def choose_edition(account: Account, edition: EditionKey, actor: Actor) -> Upgrade:
    """Begin an upgrade to ``edition``; choosing the same edition again while it is pending changes nothing.

    Raises:
        InvalidInput: COMMUNITY was named: there is nothing to upgrade to.
        EditionByApplication: the edition is had by applying to an account manager.
        UpgradeConflict: the account has a commercial edition already, or had its free period.
    """
    if edition == EditionKey.COMMUNITY:
        raise InvalidInput(
            reason_en="COMMUNITY is where every account starts: choose a commercial edition",
            reason_zh="COMMUNITY 是每个账户的初始版本:请选择商业版",
            path=("edition",),
        )
    if (await Edition.get(key=edition)).by_application:
        raise EditionByApplication(edition=edition)
    upgrade = await current_upgrade(account.id)
    if upgrade is not None:
        if upgrade.state in PENDING and upgrade.edition == edition:
            return upgrade
        if upgrade.state not in PENDING and upgrade.state != UpgradeState.ENDED:
            raise UpgradeConflict(edition=upgrade.edition, state=upgrade.state)
        if upgrade.state in PENDING:
            upgrade.state = UpgradeState.REPLACED
            await upgrade.save(update_fields=["state"])
    plan = await plan_at(edition, account.now())
    chosen = await Upgrade.create(
        account_id=account.id,
        edition=edition,
        plan=plan,
        state=UpgradeState.AGREEMENT_PENDING,
        chosen_at=account.now(),
    )
    await record(
        account.id, account.now(), "upgrade.edition_chosen", actor, after={"edition": edition, "plan": plan.version}
    )
    return chosen


async def agreement_accepted(upgrade: Upgrade, acceptance_id: UUID) -> None:
    """The upgrade's agreement step is done."""
    upgrade.acceptance_id = acceptance_id
    if upgrade.state == UpgradeState.AGREEMENT_PENDING:
        upgrade.state = UpgradeState.CHANNEL_PENDING
    await upgrade.save(update_fields=["acceptance_id", "state"])


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
    await _move(account, upgrade.edition, now, "upgrade.took_effect", actor)


async def activated(account: Account, upgrade: Upgrade, actor: Actor) -> Upgrade:
    """A license was activated: within the free period the edition stays; after it, the account is upgraded again.

    Billing starts with the first billing day that begins at or after the end of the free period, or, without one,
    with the day of the activation, if it was not billed before.
    """
    now = account.now()
    if upgrade.state == UpgradeState.FREE_PERIOD and upgrade.free_period_ends_at is not None:
        upgrade.state = UpgradeState.ACTIVE
        upgrade.activated_at = now
        upgrade.first_billed_day = clock.first_day_from(upgrade.free_period_ends_at, upgrade.plan.time_zone)
        await upgrade.save(update_fields=["state", "activated_at", "first_billed_day"])
    elif upgrade.state == UpgradeState.LAPSED:
        plan = await plan_at(upgrade.edition, now)
        upgrade = await Upgrade.create(
            account_id=account.id,
            edition=upgrade.edition,
            plan=plan,
            state=UpgradeState.ACTIVE,
            acceptance_id=upgrade.acceptance_id,
            chosen_at=now,
            upgraded_at=now,
            activated_at=now,
            first_billed_day=await _first_unbilled(account.id, clock.local_day(now, plan.time_zone)),
            last_billed_day=upgrade.last_billed_day,
        )
        await _move(account, upgrade.edition, now, "upgrade.took_effect_again", actor)
    return upgrade


async def _first_unbilled(account_id: UUID, day: date) -> date:
    """``day``, or the one after the last that was billed by another plan, in a zone where it came sooner."""
    billed = Upgrade.filter(account_id=account_id, billed_through__gte=day)
    newest = await billed.order_by("-billed_through").first()
    return newest.billed_through + timedelta(days=1) if newest and newest.billed_through else day


async def lapse_if_due(account: Account, now: datetime) -> bool:
    """Take an account whose free period ended without an activation back to the community edition."""
    upgrade = await current_upgrade(account.id)
    if upgrade is None or upgrade.state != UpgradeState.FREE_PERIOD:
        return False
    end = upgrade.free_period_ends_at
    if end is None or now < end:
        return False
    upgrade.state = UpgradeState.LAPSED
    upgrade.ended_at = end
    await upgrade.save(update_fields=["state", "ended_at"])
    await _move(
        account,
        EditionKey.COMMUNITY,
        end,
        "upgrade.lapsed",
        SYSTEM,
        reason="no license was activated within the free period",
    )
    return True


async def end(account: Account, reason: str, actor: Actor) -> None:
    """Take the account back to the community edition for good: a license does not upgrade it again."""
    upgrade = await current_upgrade(account.id)
    if upgrade is not None:
        upgrade.state = UpgradeState.ENDED
        upgrade.ended_at = account.now()
        await upgrade.save(update_fields=["state", "ended_at"])
    await _move(account, EditionKey.COMMUNITY, account.now(), "account.service_ended", actor, reason=reason)


async def currencies(account_id: UUID) -> list[str]:
    """What an account may be charged in: the currencies of the catalog's price plans, and of its own."""
    plans = PricePlan.filter(Q(account_id=account_id) | Q(account_id__isnull=True))
    return sorted({str(currency) for currency in await plans.values_list("currency", flat=True)})


async def negotiated_plan(account: Account, edition: EditionKey, currency: str, zone: str) -> PricePlan:
    """A price plan of an account's own, with nothing for units: what it costs is agreed upon by instalments."""
    await Edition.select_for_update().get(key=edition)
    newest = await PricePlan.filter(edition=edition).order_by("-version").first()
    return await PricePlan.create(
        edition=edition,
        version=newest.version + 1 if newest else 1,
        account_id=account.id,
        meter=DATA_KITS,
        unit_price_minor=0,
        currency=currency,
        minimum_quantity=0,
        free_period_seconds=0,
        time_zone=zone,
        valid_from=account.now(),
    )


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
    await _move(account, edition, at, "contract.started", SYSTEM, about)


async def end_contract(
    account: Account, actor: Actor, at: datetime, about: dict[str, Any], reason: str | None = None
) -> None:
    """A contract that was in force ended: the account is back in the community edition."""
    await _move(account, EditionKey.COMMUNITY, at, "contract.ended", actor, about, reason)


async def _move(
    account: Account,
    to: EditionKey,
    at: datetime,
    type: str,
    actor: Actor,
    about: dict[str, Any] | None = None,
    reason: str | None = None,
) -> None:
    before, account.edition = account.edition, to
    await account.save(update_fields=["edition"])
    after = {"edition": to, **(about or {})}
    await record(account.id, at, type, actor, before={"edition": before}, after=after, reason=reason)
