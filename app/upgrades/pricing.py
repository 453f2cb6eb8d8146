"""Prices of accounts that are upgraded already: announced before they hold, withdrawn, and negotiated by group."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from app import clock
from app.accounts.models import Account
from app.accounts.queries import lock_account
from app.catalog.models import Meter, PriceGroup, PriceMembership, PricePlan
from app.catalog.publishing import SAME
from app.catalog.queries import plan_at
from app.catalog.texts import price_texts
from app.db.locking import own_transaction
from app.db.sql import statement
from app.errors import InvalidInput
from app.events.recording import SYSTEM, Actor, record
from app.upgrades.models import IN_FORCE, PENDING, PriceChange, Upgrade
from app.upgrades.queries import current_upgrade

TO_ANNOUNCE = statement(__file__, "to_announce")
ANNOUNCED = statement(__file__, "announced")
TAKEN_BACK = statement(__file__, "taken_back")
PLAN_OF_DAY = statement(__file__, "plan_of_day")
BATCH = 500


async def plan_of_day(upgrade: Upgrade, day: date) -> PricePlan:
    """The price plan that an upgrade's day is priced by, as far as is known today."""
    (row,) = await PLAN_OF_DAY.rows(upgrade.id, day)
    return await PricePlan.get(id=row["plan_id"])


async def plans_from(upgrade: Upgrade, day: date) -> list[PricePlan]:
    """The price plan that an upgrade's day is priced by, and those announced for later days."""
    ahead = PriceChange.filter(upgrade_id=upgrade.id, from_day__gt=day, withdrawn_at=None, plan__withdrawn_at=None)
    later = await ahead.select_related("plan").order_by("from_day", "id")
    return [await plan_of_day(upgrade, day), *(change.plan for change in later)]


async def announce_prices() -> int:
    """Tell one batch of accounts of prices that will hold for them, and of those withdrawn; how many were told.

    Each account has a transaction of its own. What an account was not told of never prices its days.
    """
    told = 0
    for row in await TO_ANNOUNCE.rows(clock.now(), BATCH):
        async with own_transaction(row["account_id"]):
            await announce_to(await lock_account(row["account_id"]))
            told += 1
    return told


async def announce_to(account: Account) -> None:
    """Tell a locked account of the prices that will hold for it, and of those that were withdrawn."""
    for row in await TAKEN_BACK.rows(account.id):
        await _take_back(account, await PriceChange.get(id=row["id"]).select_related("plan"), SYSTEM)
    for row in await ANNOUNCED.rows(clock.now(), account.id):
        upgrade = await Upgrade.get(id=row["upgrade_id"])
        plan = await PricePlan.get(id=row["plan_id"])
        await _change(account, upgrade, plan, row["from_day"], SYSTEM)


async def move_to_group(account: Account, group: PriceGroup | None, actor: Actor) -> bool:
    """A locked account has the prices of ``group``, or else the catalog's: a new upgrade from now on, the one that it
    has from the next billing day on. Doing it again changes nothing; whether it changed anything.

    Raises:
        InvalidInput: it is upgraded with a price that counts or bills otherwise, which stays so.
    """
    membership = await PriceMembership.get_or_none(account_id=account.id).select_related("group")
    before = membership.group if membership else None
    if (before.id if before else None) == (group.id if group else None):
        return False
    if membership is None:
        membership = PriceMembership(account_id=account.id)
    membership.group_id, membership.since = group.id if group else None, account.now()
    await membership.save()
    await record(
        account.id,
        account.now(),
        "price.group_changed",
        actor,
        before={"group": before.key} if before else None,
        after={"group": group.key} if group else None,
    )
    upgrade = await current_upgrade(account.id)
    if upgrade is not None and upgrade.state in (*PENDING, *IN_FORCE):
        await _price_as(account, upgrade, group, actor)
        await announce_to(account)
    return True


async def _price_as(account: Account, upgrade: Upgrade, group: PriceGroup | None, actor: Actor) -> None:
    today = clock.local_day(account.now(), upgrade.plan.time_zone)
    ahead = PriceChange.filter(upgrade_id=upgrade.id, from_day__gt=today, withdrawn_at=None)
    for change in await ahead.select_related("plan").order_by("id"):
        await _take_back(account, change, actor)
    plan = await plan_at(upgrade.edition, account.now(), group.id if group else None)
    for name in SAME:
        if getattr(plan, name) != getattr(upgrade.plan, name):
            raise InvalidInput(
                reason_en=f"the account is upgraded with the {name} {getattr(upgrade.plan, name)}, and these prices "
                f"have {getattr(plan, name)}",
                reason_zh=f"账户升级时的 {name} 为 {getattr(upgrade.plan, name)}，而该价格为 {getattr(plan, name)}",
                path=("accountId",),
            )
    tomorrow = today + timedelta(days=1)
    if plan.id != (await plan_of_day(upgrade, tomorrow)).id:
        await _change(account, upgrade, plan, tomorrow, actor)


async def _change(account: Account, upgrade: Upgrade, plan: PricePlan, from_day: date, actor: Actor) -> None:
    before = await plan_of_day(upgrade, from_day)
    made = await PriceChange.create(
        account_id=account.id, upgrade=upgrade, plan=plan, from_day=from_day, announced_at=account.now()
    )
    said = price_texts(plan, await Meter.get(key=plan.meter))
    prices = {"priceZh": "；".join(said["zh"]), "priceEn": "; ".join(said["en"])}
    await record(
        account.id,
        account.now(),
        "price.announced",
        actor,
        before={"plan": before.version},
        after={**_about(made, plan), **prices},
    )


async def _take_back(account: Account, change: PriceChange, actor: Actor) -> None:
    change.withdrawn_at = account.now()
    await change.save(update_fields=["withdrawn_at"])
    await record(account.id, account.now(), "price.withdrawn", actor, after=_about(change, change.plan))


def _about(change: PriceChange, plan: PricePlan) -> dict[str, Any]:
    return {"plan": plan.version, "edition": plan.edition, "billedFrom": change.from_day.isoformat()}
