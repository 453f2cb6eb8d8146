"""Editions, price plans, agreements and settlement channels: what there is to choose from."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry
from strawberry.scalars import JSON

from app import clock
from app.agreements.models import AgreementVersion as AgreementRow
from app.agreements.queries import current_version
from app.api.context import Context
from app.api.enums import EditionKey
from app.api.money import Money, money
from app.api.node import Info, Node
from app.catalog.models import Edition as EditionRow
from app.catalog.models import PricePlan as PlanRow
from app.catalog.queries import catalog, plan_at
from app.errors import NotFound
from app.settlement.channels import ChannelListing, list_channels


@strawberry.type(description="One version of an edition's price. A charge names the version that priced it.")
class PricePlan(Node):
    """A row of ``price_plan``."""

    record: strawberry.Private[PlanRow]

    @classmethod
    async def load(cls, context: Context, key: UUID) -> PricePlan | None:
        row = await PlanRow.get_or_none(id=key)
        return cls.of(row) if row else None

    async def visible(self, context: Context) -> bool:
        return self.record.account_id is None or await context.may_see(self.record.account_id)

    @strawberry.field(description="The version, counted from 1.")
    def version(self) -> int:
        return self.record.version

    @strawberry.field(description="What is counted.")
    def meter(self) -> str:
        return self.record.meter

    @strawberry.field(description="The price of one unit for one billing day.")
    def unit_price(self) -> Money:
        return money(self.record.unit_price_minor, self.record.currency)

    @strawberry.field(description="Fewer units than this count as this many.")
    def minimum_quantity(self) -> int:
        return self.record.minimum_quantity

    @strawberry.field(description="The currency of the price, ISO 4217.")
    def currency(self) -> str:
        return self.record.currency

    @strawberry.field(description="The length of the free period after the upgrade, in seconds.")
    def free_period_seconds(self) -> int:
        return self.record.free_period_seconds

    @strawberry.field(description="The time zone of billing days (IANA name).")
    def time_zone(self) -> str:
        return self.record.time_zone

    @strawberry.field(description="From when on this version prices new upgrades.")
    def valid_from(self) -> datetime:
        return self.record.valid_from


@strawberry.type(description="An edition of the product.")
class Edition(Node):
    """A row of ``edition``."""

    record: strawberry.Private[EditionRow]

    @classmethod
    async def load(cls, context: Context, key: UUID) -> Edition | None:
        row = await EditionRow.get_or_none(id=key)
        return cls.of(row) if row else None

    async def visible(self, context: Context) -> bool:
        return True

    @strawberry.field(description="Which edition it is.")
    def key(self) -> EditionKey:
        return EditionKey(self.record.key)

    @strawberry.field(description="Its name, in the language of Accept-Language.")
    def name(self, info: Info) -> str:
        return self.record.name[info.context.locale]

    @strawberry.field(description="What it is for, in the language of Accept-Language.")
    def description(self, info: Info) -> str:
        return self.record.description[info.context.locale]

    @strawberry.field(description="What is included, in the language of Accept-Language.")
    def included(self, info: Info) -> list[str]:
        return self.record.included[info.context.locale]

    @strawberry.field(description="Whether it is had by applying to an account manager.")
    def by_application(self) -> bool:
        return self.record.by_application

    @strawberry.field(description="The price plan in force now; null where the price is free or agreed upon.")
    async def price_plan(self) -> PricePlan | None:
        try:
            return PricePlan.of(await plan_at(self.record.key, clock.now()))
        except NotFound:
            return None


@strawberry.type(description="A published version of the service agreement.")
class AgreementVersion(Node):
    """A row of ``agreement_version``."""

    record: strawberry.Private[AgreementRow]

    @classmethod
    async def load(cls, context: Context, key: UUID) -> AgreementVersion | None:
        row = await AgreementRow.get_or_none(id=key)
        return cls.of(row) if row else None

    async def visible(self, context: Context) -> bool:
        return True

    @strawberry.field(description="The version, counted from 1.")
    def version(self) -> int:
        return self.record.version

    @strawberry.field(description="Its title, in the language of Accept-Language.")
    def title(self, info: Info) -> str:
        return self.record.title[info.context.locale]

    @strawberry.field(description="Its text, in the language of Accept-Language.")
    def text(self, info: Info) -> str:
        return self.record.text[info.context.locale]

    @strawberry.field(description="SHA-256 (hex) of its titles and texts in all languages; acceptAgreement takes it.")
    def content_hash(self) -> str:
        return self.record.content_hash

    @strawberry.field(description="From when on it is in force.")
    def published_at(self) -> datetime:
        return self.record.published_at


@strawberry.type(description="A way to pay, brought by a plugin.")
class SettlementChannel:
    """A channel as it is installed."""

    listing: strawberry.Private[ChannelListing]

    @strawberry.field(description="Its key, for chooseSettlementChannel.")
    def key(self) -> str:
        return self.listing.key

    @strawberry.field(description="Its name, in the language of Accept-Language; null if its plugin failed to load.")
    def name(self, info: Info) -> str | None:
        return self.listing.display_name.get(info.context.locale)

    @strawberry.field(description="The version of its plugin.")
    def version(self) -> str:
        return self.listing.version

    @strawberry.field(
        description="What it can do: PREPAID_BALANCE, EXTERNAL_SUBSCRIPTION, METERED_PUSH, CREDIT, RECONCILIATION."
    )
    def capabilities(self) -> list[str]:
        return self.listing.capabilities

    @strawberry.field(description="The currencies that it pays in, ISO 4217.")
    def currencies(self) -> list[str]:
        return self.listing.currencies

    @strawberry.field(
        description="JSON Schema (2020-12) of the configuration that chooseSettlementChannel takes for it."
    )
    def configuration_schema(self) -> JSON | None:
        return self.listing.configuration_schema  # type: ignore[return-value]

    @strawberry.field(description="HEALTHY, NOT_CONFIGURED, UNHEALTHY, or FAILED when its plugin did not load.")
    def health(self) -> str:
        return self.listing.health

    @strawberry.field(description="What is wrong with it, for who is signed in: it may name settings of the server.")
    async def reason(self, info: Info) -> str | None:
        return self.listing.reason if await info.context.viewer() else None


@strawberry.type
class CatalogQueries:
    """What there is to choose from."""

    @strawberry.field(description="Every edition, in the order of the catalog.")
    async def editions(self) -> list[Edition]:
        return [Edition.of(row) for row in await catalog()]

    @strawberry.field(description="The service agreement in force for an edition.")
    async def agreement(
        self, edition: Annotated[EditionKey, strawberry.argument(description="The edition to be upgraded to.")]
    ) -> AgreementVersion | None:
        return None if edition.value == "COMMUNITY" else AgreementVersion.of(await current_version(clock.now()))

    @strawberry.field(description="Every installed settlement channel, the failed ones with their reason.")
    async def settlement_channels(self, info: Info) -> list[SettlementChannel]:
        return [SettlementChannel(listing=listing) for listing in await list_channels(info.context.host)]
