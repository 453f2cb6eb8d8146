"""Editions and their prices."""

from __future__ import annotations

from datetime import datetime

import strawberry

from app.api.context import Context, Info
from app.api.enums import EditionKey
from app.api.fields import column, localized
from app.api.money import Money, from_minor
from app.api.node import Node
from app.api.scalars import BigInt
from app.catalog.models import Edition as EditionRow
from app.catalog.models import PricePlan as PlanRow
from app.catalog.queries import catalog, included


@strawberry.type(description="One version of an edition's price. A charge names the version that priced it.")
class PricePlan(Node, table=PlanRow):
    """A row of ``price_plan``."""

    async def visible(self, context: Context) -> bool:
        return self.row.account_id is None or await context.may_see(self.row.account_id)

    version: int = column("The version, counted from 1.")
    meter: str = column("What is counted.")
    unit_price: Money = column("The price of one unit for one billing day.", from_minor("unit_price_minor"))
    minimum_quantity: BigInt = column("Fewer units than this count as this many.")
    currency: str = column("The currency of the price, ISO 4217.")
    free_period_seconds: int = column("The length of the free period after the upgrade, in seconds.")
    time_zone: str = column("The time zone of billing days (IANA name).")
    valid_from: datetime = column("From when on this version prices new upgrades.")


@strawberry.type(description="An edition of the product.")
class Edition(Node, table=EditionRow):
    """A row of ``edition``."""

    async def visible(self, context: Context) -> bool:
        return True

    key: EditionKey = column("Which edition it is.", lambda row: EditionKey(row.key))
    name: str = localized("Its name, in the language of Accept-Language.")
    description: str = localized("What it is for, in the language of Accept-Language.")

    @strawberry.field(description="What is included, in the language of Accept-Language.")
    async def included(self, info: Info) -> list[str]:
        return included(self.row, await info.context.loaders.plans.load(self.key), info.context.locale)

    by_application: bool = column("Whether it is had by applying to an account manager.")

    @strawberry.field(description="The price plan in force now; null where the price is free or agreed upon.")
    async def price_plan(self, info: Info) -> PricePlan | None:
        return PricePlan.maybe(await info.context.loaders.plans.load(self.key))


@strawberry.type
class CatalogQueries:
    """For everyone."""

    @strawberry.field(description="Every edition, in the order of the catalog.")
    async def editions(self) -> list[Edition]:
        return [Edition.of(row) for row in await catalog()]
