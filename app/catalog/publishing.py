"""Publishing prices, meters and editions: a new price or edition is a new version, and none is ever changed.

``by`` is who publishes or withdraws: the e-mail address of staff, or what else does it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from app import clock
from app.catalog.keys import EditionKey
from app.catalog.models import DATA_KITS, Edition, Meter, PriceGroup, PricePlan, Release
from app.catalog.queries import plan_at
from app.catalog.terms import check_edition, check_meter, check_plan, check_version
from app.db.locking import lock_name
from app.db.published import begin, withdraw
from app.errors import InvalidInput, NotFound
from app.settings import get_settings

SAME = ("meter", "currency", "time_zone")
"""What a plan for accounts that are upgraded already has as the one that it follows: their days go on."""


async def publish_plan(
    edition: EditionKey,
    given: Mapping[str, Any],
    since: datetime | None = None,
    group: PriceGroup | None = None,
    for_existing: bool = False,
    *,
    by: str,
) -> PricePlan:
    """The next version of an edition's price, in force from ``since`` (by default now) on; in a transaction.

    ``given`` are columns of ``PricePlan``, as ``check_plan`` takes them. ``for_existing``: also of the accounts that
    are upgraded by then, which are told (``app.upgrades.pricing``), BILLING_PRICE_NOTICE_DAYS before; else of upgrades
    that are chosen from then on. ``group``: of its accounts alone, and of all of them.

    Raises:
        InvalidInput: see ``check_plan``; there is no such meter then; ``since`` is past; or it is for existing accounts
            and too near, or counts or bills otherwise than the plan that they have.
    """
    terms = check_plan(given)
    valid_from = begin(since)
    await lock_name(f"meter {terms['meter']}")
    if not await Meter.exists(key=terms["meter"], valid_from__lte=valid_from, withdrawn_at=None):
        raise InvalidInput(
            reason_en=f"there is no meter {terms['meter']!r} at that time: publish it first",
            reason_zh=f"届时没有计量项 {terms['meter']!r}：请先发布",
            path=("meter",),
        )
    if for_existing and group is None:
        _check_notice(valid_from)
    if for_existing or group:
        await _check_follows(edition, terms, valid_from, group)
    return await _next_version(
        edition, valid_from, terms, by, group.id if group else None, for_existing=for_existing or bool(group)
    )


async def negotiated_plan(
    account_id: UUID, edition: EditionKey, currency: str, zone: str, valid_from: datetime, by: str
) -> PricePlan:
    """A price plan of an account's own, with nothing for units: what it costs is agreed upon by instalments."""
    terms = {
        "meter": DATA_KITS,
        "unit_price_minor": 0,
        "currency": currency,
        "minimum_quantity": 0,
        "free_period_seconds": 0,
        "time_zone": zone,
    }
    return await _next_version(edition, valid_from, terms, by, account_id=account_id)


async def publish_meter(given: Mapping[str, Any], since: datetime | None = None, *, by: str) -> Meter:
    """A new meter, known from ``since`` (by default now) on; or, of one that there is, another name or unit.

    Raises:
        InvalidInput: see ``check_meter``; ``since`` is past; or the meter is there and counts otherwise.
    """
    terms = check_meter(given)
    await lock_name(f"meter {terms['key']}")
    found = await Meter.get_or_none(key=terms["key"])
    if found is None:
        return await Meter.create(**terms, valid_from=begin(since), published_by=by)
    if found.aggregation != terms["aggregation"] or found.withdrawn_at is not None or since is not None:
        raise InvalidInput(
            reason_en=f"there is a meter {found.key} since {found.valid_from:%Y-%m-%d}, which adds up in its own way"
            f"{' and was withdrawn' if found.withdrawn_at else ''}: publish one with another key",
            reason_zh=f"已有计量项 {found.key}，其日用量算法不可更改：请以其他 key 发布",
            path=("key",),
        )
    if (found.name, found.unit) != (terms["name"], terms["unit"]):
        found.name, found.unit, found.changed_by = terms["name"], terms["unit"], by
        await found.save(update_fields=["name", "unit", "changed_by"])
    return found


async def withdraw_meter(key: str, by: str) -> Meter:
    """Withdraw a meter that is not in force yet, and that no price is of.

    Raises:
        NotFound: there is no such meter.
        InvalidInput: it is in force, or a price plan that is not withdrawn is of it.
    """
    await lock_name(f"meter {key}")
    found = await Meter.get_or_none(key=key)
    if found is None:
        raise NotFound(what="meter", path=("key",))
    if await PricePlan.exists(meter=key, withdrawn_at=None):
        raise InvalidInput(
            reason_en="a price plan is of it: withdraw that first",
            reason_zh="有价格方案使用该计量项：请先撤回该方案",
            path=("key",),
        )
    return await withdraw(found, "key", by)


async def publish_edition(
    key: EditionKey, given: Mapping[str, Any], since: datetime | None = None, *, by: str
) -> Edition:
    """The next version of an edition, in force from ``since`` (by default now) on; in a transaction.

    Raises:
        InvalidInput: see ``check_edition``; or ``since`` is past.
    """
    terms = check_edition(given)
    await lock_name(f"edition {key}")
    newest = await Edition.filter(key=key).order_by("-version").first()
    return await Edition.create(
        key=key,
        version=newest.version + 1 if newest else 1,
        valid_from=begin(since),
        published_by=by,
        **terms,
    )


async def publish_release(version: str, since: datetime | None = None, *, by: str) -> Release:
    """That a version of the product is released, at ``since`` (by default now), which may be past.

    Raises:
        InvalidInput: it cannot be a version, or is published already.
    """
    check_version(version, ("version",))
    await lock_name(f"release {version}")
    if await Release.exists(version=version):
        raise InvalidInput(
            reason_en=f"version {version} is published already",
            reason_zh=f"版本 {version} 已发布",
            path=("version",),
        )
    return await Release.create(version=version, valid_from=since or clock.now(), published_by=by)


async def withdraw_release(version: str, by: str) -> Release:
    """Withdraw a version that is not released yet.

    Raises:
        NotFound: there is no such version.
        InvalidInput: it is released.
    """
    found = await Release.get_or_none(version=version)
    if found is None:
        raise NotFound(what="release", path=("version",))
    return await withdraw(found, "version", by)


async def _next_version(
    edition: EditionKey,
    valid_from: datetime,
    terms: Mapping[str, Any],
    by: str,
    group_id: UUID | None = None,
    account_id: UUID | None = None,
    for_existing: bool = False,
) -> PricePlan:
    """Versions count for whom the price is of: the catalog, a group, or an account with a contract."""
    await lock_name(f"price of {edition} {group_id or account_id}")
    newest = (
        await PricePlan.filter(edition=edition, group_id=group_id, account_id=account_id).order_by("-version").first()
    )
    return await PricePlan.create(
        edition=edition,
        version=newest.version + 1 if newest else 1,
        valid_from=valid_from,
        published_by=by,
        group_id=group_id,
        account_id=account_id,
        for_existing=for_existing,
        **terms,
    )


def _check_notice(valid_from: datetime) -> None:
    days = get_settings().price_notice_days
    earliest = clock.now() + timedelta(days=days)
    if valid_from < earliest:
        raise InvalidInput(
            reason_en=f"a price for accounts that are upgraded is announced {days} days ahead: from "
            f"{earliest:%Y-%m-%d %H:%M} UTC on at the earliest",
            reason_zh=f"面向已升级账户的价格须提前 {days} 天公告：最早自 {earliest:%Y-%m-%d %H:%M} UTC 起",
            path=("validFrom",),
        )


async def _check_follows(
    edition: EditionKey, terms: Mapping[str, Any], valid_from: datetime, group: PriceGroup | None
) -> None:
    try:
        before = await plan_at(edition, max(valid_from, clock.now()), group.id if group else None)
    except NotFound:
        return
    for name in SAME:
        if terms[name] != getattr(before, name):
            raise InvalidInput(
                reason_en=f"{name} is {getattr(before, name)} for the accounts that are upgraded, and stays so: "
                "publish such a price for new upgrades",
                reason_zh=f"已升级账户的 {name} 为 {getattr(before, name)}，不会改变：此类价格只能面向新升级发布",
                path=(name,),
            )
