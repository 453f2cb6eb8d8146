"""Looking up editions, price plans and meters."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID
from weakref import WeakKeyDictionary

from tortoise.context import TortoiseContext, require_context
from tortoise.expressions import Q

from app.catalog.keys import EditionKey
from app.catalog.models import FREE_DAYS, Aggregation, Edition, Meter, PricePlan
from app.errors import NotFound

DEFAULT_ZONE = "Asia/Shanghai"
_meters: WeakKeyDictionary[TortoiseContext, dict[str, Aggregation]] = WeakKeyDictionary()


async def catalog() -> list[Edition]:
    """Every edition, in the order of the catalog."""
    return await Edition.all().order_by("position")


async def editions_by_application() -> list[EditionKey]:
    """The editions that an account manager grants by application, in the order of the catalog."""
    found = Edition.filter(by_application=True).order_by("position")
    return [EditionKey(str(key)) for key in await found.values_list("key", flat=True)]


async def plan_at(edition: EditionKey, at: datetime) -> PricePlan:
    """The catalog's price plan of an edition in force at an instant.

    Raises:
        NotFound: the edition has no plan yet at that instant.
    """
    plan = (await plans_at([edition], at)).get(edition)
    if plan is None:
        raise NotFound(what="price plan")
    return plan


async def plans_at(editions: Iterable[EditionKey], at: datetime) -> dict[EditionKey, PricePlan]:
    """The catalog's price plans in force at an instant, by edition, of those editions that have one."""
    plans = PricePlan.filter(edition__in=list(editions), account_id=None, valid_from__lte=at)
    return {EditionKey(plan.edition): plan for plan in await plans.order_by("valid_from", "version")}


def included(edition: Edition, plan: PricePlan | None, language: str) -> list[str]:
    """What an edition includes at the terms of ``plan``; without a free period, nothing is said of one."""
    days = timedelta(seconds=plan.free_period_seconds).days if plan else 0
    texts = edition.included[language]
    return [text.replace(FREE_DAYS, str(days)) for text in texts if days or FREE_DAYS not in text]


async def currencies(account_id: UUID) -> list[str]:
    """What an account may be charged in: the currencies of the catalog's price plans, and of its own."""
    plans = PricePlan.filter(Q(account_id=account_id) | Q(account_id__isnull=True))
    return sorted({str(currency) for currency in await plans.values_list("currency", flat=True)})


async def aggregations(keys: Iterable[str]) -> dict[str, Aggregation]:
    """How each of these meters, as far as they exist, makes a day of its hours.

    A meter is looked up once a process: what it means never changes, which the database holds.
    """
    wanted = set(keys)
    known = _meters.setdefault(require_context(), {})
    if not wanted <= known.keys():
        known |= {meter.key: Aggregation(meter.aggregation) for meter in await Meter.all()}
    return {key: known[key] for key in wanted & known.keys()}
