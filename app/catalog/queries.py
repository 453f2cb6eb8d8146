"""Looking up editions, price plans and meters."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID
from weakref import WeakKeyDictionary

from tortoise.context import TortoiseContext, require_context
from tortoise.expressions import Q
from tortoise.queryset import QuerySet

from app import clock
from app.catalog.keys import EditionKey
from app.catalog.models import Aggregation, Edition, Meter, PriceGroup, PriceMembership, PricePlan, Release
from app.constants import DEFAULT_ZONE
from app.db.published import P, in_force
from app.db.remembered import remembered
from app.db.sql import statement
from app.db.together import together
from app.errors import NotFound

DAY_PRICE = statement(__file__, "day_price")
METERS = statement(__file__, "meters")
PLANS = statement(__file__, "plans")
_meters: WeakKeyDictionary[TortoiseContext, dict[str, Aggregation]] = WeakKeyDictionary()


async def catalog(at: datetime) -> list[Edition]:
    """The version of every edition that is in force at an instant, in the order of the catalog."""
    published = await remembered("catalog", Edition, lambda: _standing(Edition.all()))
    found = {edition.key: edition for edition in published if edition.valid_from <= at}
    return sorted(found.values(), key=lambda edition: edition.position)


async def edition_at(key: EditionKey, at: datetime) -> Edition:
    """The version of an edition that is in force at an instant.

    Raises:
        NotFound: none is published yet.
    """
    found = await in_force(Edition.filter(key=key), at).last()
    if found is None:
        raise NotFound(what="edition")
    return found


async def release_at(version: str | None, at: datetime, path: tuple[str, ...] = ("productVersion",)) -> Release | None:
    """A version of the product that is released by an instant; without one, the newest, if any is known.

    Raises:
        NotFound: there is no such version, or it is not released yet.
    """
    released = in_force(Release.all(), at)
    found = await (released.filter(version=version) if version else released).last()
    if found is None and version is not None:
        raise NotFound(what="release", path=path)
    return found


async def longest_lease() -> timedelta:
    """For how long a deployment may be offline and warn at the most, by any version of any edition."""
    editions = await Edition.all()
    return timedelta(days=max((edition.offline_days + edition.warning_days for edition in editions), default=0))


async def editions_by_application(at: datetime) -> list[EditionKey]:
    """The editions that an account manager grants by application, in the order of the catalog."""
    return [EditionKey(edition.key) for edition in await catalog(at) if edition.by_application]


async def plan_at(edition: EditionKey, at: datetime, group_id: UUID | None = None) -> PricePlan:
    """The price plan of an edition in force at an instant: a group's, where it has one, or else the catalog's.

    Raises:
        NotFound: the edition has no plan yet at that instant.
    """
    plans = (
        PricePlan.filter(Q(group_id__isnull=True) | Q(group_id=group_id))
        if group_id
        else PricePlan.filter(group_id=None)
    )
    found = await in_force(plans.filter(edition=edition, account_id=None), at)
    if not found:
        raise NotFound(what="price plan")
    return next((plan for plan in reversed(found) if plan.group_id), found[-1])


async def zone_of(edition: EditionKey) -> str:
    """The time zone (IANA name) of an edition's price now, which days are of where nothing else is said."""
    plan = (await plans_at([edition], clock.now())).get(edition)
    return plan.time_zone if plan else DEFAULT_ZONE


async def plans_at(editions: Iterable[EditionKey], at: datetime) -> dict[EditionKey, PricePlan]:
    """The catalog's price plans in force at an instant, by edition, of those editions that have one."""
    plans = PricePlan.filter(account_id=None, group_id=None)
    published = await remembered("catalog", PricePlan, lambda: _standing(plans))
    found = {EditionKey(plan.edition): plan for plan in published if plan.valid_from <= at}
    return {edition: found[edition] for edition in editions if edition in found}


async def _standing(query: QuerySet[P]) -> list[P]:
    """What is published, now or from some time on, the one to hold last; not what was withdrawn."""
    return await query.filter(withdrawn_at=None).order_by("valid_from", "id")


@together
async def plan_with_key(keys: Sequence[UUID]) -> dict[UUID, PricePlan]:
    """The price plan with a key."""
    return {plan.id: plan for plan in await PLANS.objects(PricePlan, keys)}


async def with_plans(rows: Sequence[Priced]) -> None:
    """Let these rows hold the price plans that they name."""
    plans = await plan_with_key.many([row.plan_id for row in rows])
    for row in rows:
        row.plan = plans[row.plan_id]


async def all_meters() -> list[Meter]:
    """Every meter, by its key."""
    return await remembered("catalog", Meter, lambda: METERS.objects(Meter))


async def find_group(key: str) -> PriceGroup:
    """A group of accounts with negotiated prices.

    Raises:
        NotFound: there is no such group.
    """
    found = await PriceGroup.get_or_none(key=key)
    if found is None:
        raise NotFound(what="price group", path=("group",))
    return found


async def price_group(account_id: UUID) -> UUID | None:
    """The key of the row of the group whose prices an account has, if it is in one."""
    membership = await PriceMembership.get_or_none(account_id=account_id)
    return membership.group_id if membership else None


async def plans_of_meter(meter: str, account_id: UUID) -> list[UUID]:
    """The keys of the price plans of a meter that an account may have been charged by."""
    plans = PricePlan.filter(Q(account_id=account_id) | Q(account_id__isnull=True), meter=meter)
    return list(await plans.values_list("id", flat=True))  # type: ignore[arg-type]


class Priced(Protocol):
    """A row that names its price plan."""

    plan_id: UUID
    plan: Any


@dataclass(frozen=True)
class DayPrice:
    """What a day of some quantity comes to: the quantity that is billed, and the amount in minor units."""

    billed_quantity: int
    amount_minor: int


async def day_price(plan: PricePlan, quantity: int) -> DayPrice:
    """What a billing day of so many units costs by a plan."""
    (row,) = await DAY_PRICE.rows(plan.id, quantity)
    return DayPrice(row["billed"], row["amount"])


async def currencies(account_id: UUID) -> list[str]:
    """What an account may be charged in: the currencies of the catalog's price plans, of its group's, and its own."""
    of_groups = Q(group_id__isnull=True) | Q(group_id=await price_group(account_id))
    plans = PricePlan.filter(Q(account_id=account_id) | Q(account_id__isnull=True) & of_groups)
    return sorted({str(currency) for currency in await plans.values_list("currency", flat=True)})


async def aggregations(keys: Iterable[str]) -> dict[str, Aggregation]:
    """How each of these meters, as far as they are in force, makes a day of its hours.

    A meter in force is looked up once a process: what it means never changes, which the database holds.
    """
    wanted = set(keys)
    known = _meters.setdefault(require_context(), {})
    if not wanted <= known.keys():
        known |= {meter.key: Aggregation(meter.aggregation) for meter in await in_force(Meter.all(), clock.now())}
    return {key: known[key] for key in wanted & known.keys()}
