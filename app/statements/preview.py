"""What a month would have cost by a price that is not published yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import orjson

from app.catalog.keys import EditionKey
from app.catalog.models import Meter, PriceGroup, PricePlan
from app.catalog.terms import check_plan
from app.db.sql import statement
from app.errors import InvalidInput

PREVIEW = statement(__file__, "price_preview")


@dataclass(frozen=True)
class AccountPreview:
    """How many days of an account there are, what they come to by the prices that they had, and by the other one."""

    account_id: UUID
    account: str
    days: int
    priced_minor: int
    would_cost_minor: int
    currency: str


@dataclass(frozen=True)
class Preview:
    """The same over all accounts, and those for which it differs most."""

    plan: PricePlan
    accounts: int
    days: int
    priced_minor: int
    would_cost_minor: int
    currency: str
    largest: list[AccountPreview]


async def preview(
    edition: EditionKey, given: Mapping[str, Any], month: date, group: PriceGroup | None, sandboxes: bool
) -> Preview:
    """What the days that were closed in a month, by its first day, would have come to, before discounts.

    ``given`` are columns of a price plan, as ``check_plan`` takes them.

    Raises:
        InvalidInput: see ``check_plan``; or there is no such meter.
    """
    terms = {"tiers": [], **check_plan(given)}
    if not await Meter.exists(key=terms["meter"], withdrawn_at=None):
        raise InvalidInput(
            reason_en=f"there is no meter {terms['meter']!r}",
            reason_zh=f"没有计量项 {terms['meter']!r}",
            path=("meter",),
        )
    plan, currency = PricePlan(edition=edition, **terms), str(terms["currency"])
    columns = orjson.dumps({**terms, "edition": edition}).decode()
    rows = await PREVIEW.rows(edition, columns, month, group.id if group else None, sandboxes)
    sums = rows[0] if rows else dict.fromkeys(("accounts", "all_days", "all_priced_minor", "all_would_cost_minor"), 0)
    shown = ("account_id", "account", "days", "priced_minor", "would_cost_minor")
    return Preview(
        plan=plan,
        accounts=sums["accounts"],
        days=sums["all_days"],
        priced_minor=sums["all_priced_minor"],
        would_cost_minor=sums["all_would_cost_minor"],
        currency=currency,
        largest=[AccountPreview(**{name: row[name] for name in shown}, currency=currency) for row in rows],
    )
