"""Editions, meters and prices: what is in force and to come, and publishing them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from operator import attrgetter
from typing import Annotated, Any
from uuid import UUID

import strawberry
from strawberry.utils.str_converters import to_camel_case
from tortoise.expressions import Subquery
from tortoise.queryset import QuerySet

from app import clock
from app.accounts.models import Account as AccountRow
from app.accounts.models import StaffRole
from app.api.arguments import IdOf
from app.api.audience import staff_column, staff_field
from app.api.context import Context, Info
from app.api.enums import Aggregation, EditionKey, TierMode
from app.api.fields import View, argument, column, localized
from app.api.money import Money, from_minor, money
from app.api.mutation import mutation
from app.api.node import Node
from app.api.owned import LazyAccount, OfAccount
from app.api.pagination import ListOrder, connection, filtered
from app.api.related import Related
from app.api.scalars import BigInt
from app.catalog.groups import put_group
from app.catalog.models import Edition as EditionRow
from app.catalog.models import Meter as MeterRow
from app.catalog.models import PriceGroup as GroupRow
from app.catalog.models import PriceMembership
from app.catalog.models import PricePlan as PlanRow
from app.catalog.models import Release as ReleaseRow
from app.catalog.publishing import (
    publish_edition,
    publish_meter,
    publish_release,
    withdraw_meter,
    withdraw_release,
)
from app.catalog.queries import catalog, day_price, find_group, price_group
from app.catalog.texts import included, price_texts
from app.db.published import to_come, withdraw
from app.errors import BillingError, InvalidInput, NotFound, PriceNotCollected
from app.events.recording import Actor
from app.inputs import minor_units
from app.journey.pricing import publish_price, set_price_group

RENAMED = {"unit_price_minor": "unitPrice", "base_minor": "baseFee", "flat_minor": "flat"}
OPERATORS = (StaffRole.OPERATOR,)
ValidFrom = Annotated[datetime | None, argument("From when on it is in force; by default from now on.")]
DespiteChannels = Annotated[
    bool, argument("Do it although channels that pay for such accounts cannot collect the price.")
]
GroupKey = Annotated[str | None, argument("The key of a group of accounts with negotiated prices.")]


@strawberry.type(description="A text in both languages.")
class Localized:
    """Chinese and English."""

    zh: str = strawberry.field(description="In Chinese.")
    en: str = strawberry.field(description="In English.")


def in_both(description: str, name: str) -> Any:
    """A field of the row's column, which has a text for each language: both of them."""
    return column(description, lambda row: Localized(**getattr(row, name)))


@strawberry.type(description="Something that is measured hourly and may be priced by the day.")
class Meter(View):
    """A row of ``meter``."""

    row: strawberry.Private[MeterRow]

    key: str = column("What usage names it by.")
    name: str = localized("Its name, in the language of Accept-Language.")
    names: Localized = in_both("Its name in both languages.", "name")
    unit: str = column("What one of it is called.")
    aggregation: Aggregation = column(
        "How a day's quantity comes of its hours.", lambda row: Aggregation(row.aggregation)
    )
    valid_from: datetime = column("From when on it is known.")
    changed_by: str | None = staff_column("Who gave it another name or unit last.", *OPERATORS)
    published_by: str | None = staff_column("Who published it.", *OPERATORS)
    withdrawn_at: datetime | None = column("When it was withdrawn, before it was in force.")
    withdrawn_by: str | None = staff_column("Who withdrew it.", *OPERATORS)


@strawberry.type(description="A version of the product.")
class Release(View):
    """A row of ``release``."""

    row: strawberry.Private[ReleaseRow]

    version: str = column("The version.")
    released_at: datetime = column("When it was, or will be, released.", "valid_from")
    published_by: str | None = staff_column("Who published it.", *OPERATORS)
    withdrawn_at: datetime | None = column("When it was withdrawn, before it was released.")
    withdrawn_by: str | None = staff_column("Who withdrew it.", *OPERATORS)


@strawberry.type(description="A range of quantities and its price.")
class PriceTier:
    """A member of a plan's ``tiers``."""

    up_to: BigInt | None = strawberry.field(
        description="The last unit of the tier; null in the last one, which is open."
    )
    unit_price: Money = strawberry.field(description="The price of unitsPerPrice units for one billing day.")
    flat: Money = strawberry.field(description="What is added for reaching the tier.")


@strawberry.type(description="What a billing day comes to.")
class DayPrice:
    """A ``DayPrice`` of the rules."""

    billed_quantity: BigInt = strawberry.field(description="How many units are billed.")
    amount: Money = strawberry.field(description="What they cost.")


@strawberry.type(description="Accounts for which prices were negotiated together.")
class PriceGroup(View):
    """A row of ``price_group``."""

    row: strawberry.Private[GroupRow]

    key: str = column("What it is named by.")
    name: str = localized("Its name, in the language of Accept-Language.")
    names: Localized = in_both("Its name in both languages.", "name")

    @connection(LazyAccount, "Its accounts.", staff=tuple(StaffRole))
    def accounts(self) -> QuerySet[AccountRow]:
        members = PriceMembership.filter(group_id=self.row.id).values("account_id")
        return AccountRow.filter(id__in=Subquery(members))


@strawberry.type(description="One version of an edition's price. A charge names the version that priced it.")
class PricePlan(Node, table=PlanRow):
    """A row of ``price_plan``."""

    async def visible(self, context: Context) -> bool:
        if self.row.account_id is not None:
            return await context.may_see(self.row.account_id)
        if self.row.group_id is None:
            return True
        viewer = await context.viewer()
        if viewer is None:
            return False
        of_group = PriceMembership.filter(group_id=self.row.group_id, account_id__in=list(viewer.memberships))
        return bool(viewer.staff_roles) or await of_group.exists()

    edition: EditionKey = column("The edition that it is of.", lambda row: EditionKey(row.edition))
    version: int = column("The version, counted from 1: of the catalog, of the group, or of the account.")

    @strawberry.field(description="The key of the group of accounts that it is for.")
    async def group(self, info: Info) -> str | None:
        key = self.row.group_id
        return None if key is None else str((await info.context.loaders.of(GroupRow).load(key)).key)

    meter: str = column("The key of the meter that is counted.")

    meter_details = Related(lambda loaders: loaders.meters, attrgetter("meter"), Meter.of).field(
        Meter, "The meter that is counted."
    )

    unit_price: Money = column(
        "The price of unitsPerPrice units for one billing day; zero where tiers price them.",
        from_minor("unit_price_minor"),
    )
    units_per_price: int = column("For how many units a price is.")
    tier_mode: TierMode = column("How tiers price a quantity.", lambda row: TierMode(row.tier_mode))
    tiers: list[PriceTier] = column(
        "The tiers, whose bounds ascend; none where each unit has the unit price.",
        lambda row: [
            PriceTier(
                up_to=tier.get("up_to"),
                unit_price=money(tier["unit_price_minor"], row.currency),
                flat=money(tier.get("flat_minor") or 0, row.currency),
            )
            for tier in row.tiers
        ],
    )
    base_fee: Money = column("What is added each billing day.", from_minor("base_minor"))
    free_quantity: BigInt = column("So many units of a day are free.")
    minimum_quantity: BigInt = column("Fewer units than this count as this many.")
    currency: str = column("The currency of the price, ISO 4217.")
    free_period_seconds: int = column("The length of the free period after the upgrade, in seconds.")
    time_zone: str = column("The time zone of billing days (IANA name).")
    valid_from: datetime = column("From when on this version prices new upgrades.")
    for_existing: bool = column("Whether it also prices accounts that are upgraded by then.")
    published_by: str | None = staff_column("Who published it.", *OPERATORS)
    withdrawn_at: datetime | None = column("When it was withdrawn, before it was in force.")
    withdrawn_by: str | None = staff_column("Who withdrew it.", *OPERATORS)

    @strawberry.field(description="What a day costs in words, a sentence a line, in the language of Accept-Language.")
    async def texts(self, info: Info) -> list[str]:
        return price_texts(self.row, await info.context.loaders.meters.load(self.row.meter))[info.context.locale]

    @strawberry.field(description="What a billing day of so many units costs.")
    async def day(self, quantity: Annotated[BigInt, argument("How many units.")]) -> DayPrice:
        found = await day_price(self.row, quantity)
        return DayPrice(
            billed_quantity=BigInt(found.billed_quantity), amount=money(found.amount_minor, self.row.currency)
        )


@strawberry.type(description="What is said of an edition, as publishEdition takes it. For operators.")
class EditionTerms(View):
    """The columns of an edition, but for its key."""

    row: strawberry.Private[EditionRow]

    name: Localized = in_both("Its name.", "name")
    description: Localized = in_both("What it is for.", "description")
    included_zh: list[str] = column("What is included, in Chinese.", lambda row: row.included["zh"])
    included_en: list[str] = column("What is included, in English.", lambda row: row.included["en"])
    features: list[str] = column("What its licenses unlock.")
    by_application: bool = column("Whether it is had by applying to an account manager.")
    position: int = column("Its place in the catalog.")
    license_days: int = column("How long its licenses last, where nothing else is agreed.")
    license_limit: int = column("How many live licenses of it an account may have.")
    spare_license_limit: int = column("How many of them may be not yet activated.")
    rotation_grace_days: int = column("How long a license that was replaced goes on.")
    offline_days: int = column("How long a deployment may be offline.")
    warning_days: int = column("For how long after that it warns.")
    least_term_months: int = column("How long a contract lasts at the least.")
    term_step_months: int = column("By how much longer it may last; 0 for any days.")
    perpetual: bool = column("Whether it is for the use of a version without end, with maintenance for the term.")
    version_days: int | None = column("For how long after its release a version is free.")


@strawberry.type(description="An edition of the product.")
class Edition(Node, table=EditionRow):
    """A row of ``edition``."""

    async def visible(self, context: Context) -> bool:
        return True

    key: EditionKey = column("Which edition it is.", lambda row: EditionKey(row.key))
    version: int = column("The version of what is said of it, counted from 1.")
    name: str = localized("Its name, in the language of Accept-Language.")
    description: str = localized("What it is for, in the language of Accept-Language.")

    @strawberry.field(description="What is included, in the language of Accept-Language.")
    async def included(self, info: Info) -> list[str]:
        loaders = info.context.loaders
        plan = await loaders.plans.load(self.key)
        meter = await loaders.meters.load(plan.meter) if plan else None
        return included(self.row, plan, meter, info.context.locale)

    by_application: bool = column("Whether it is had by applying to an account manager.")
    least_term_months: int = column("How long a contract lasts at the least; 0 for any time.")
    term_step_months: int = column("By how much longer it may last; 0 for any days.")
    perpetual: bool = column("Whether it is for the use of a version without end; the term is of the maintenance.")
    version_days: int | None = column("For how long after its release a version is free; null where that is not so.")
    valid_from: datetime = column("From when on this version is in force.")
    published_by: str | None = staff_column("Who published it.", *OPERATORS)
    withdrawn_at: datetime | None = column("When it was withdrawn, before it was in force.")
    withdrawn_by: str | None = staff_column("Who withdrew it.", *OPERATORS)

    @staff_field("All that is said of it, for the next version to be made of.", *OPERATORS)
    async def terms(self, info: Info) -> EditionTerms:
        return EditionTerms.of(self.row)

    @strawberry.field(description="The price plan in force now; null where the price is free or agreed upon.")
    async def price_plan(self, info: Info) -> PricePlan | None:
        return PricePlan.maybe(await info.context.loaders.plans.load(self.key))

    @strawberry.field(description="The catalog's prices that are published and not in force yet, the next first.")
    async def coming_price_plans(self) -> list[PricePlan]:
        plans = PricePlan.rows().filter(edition=self.key, group_id=None, account_id=None)
        return [PricePlan.of(plan) for plan in await to_come(plans, clock.now())]


@strawberry.type
class CatalogOfAccount(OfAccount):
    """Which prices an account has."""

    @staff_field("The group whose negotiated prices it has; null: the catalog's.", *StaffRole)
    async def price_group(self, info: Info) -> PriceGroup | None:
        key = await price_group(self.row.id)
        return PriceGroup.of(await info.context.loaders.of(GroupRow).load(key)) if key else None


@strawberry.type
class CatalogQueries:
    """For everyone, and of what is to come or negotiated, for operators."""

    @strawberry.field(description="Every edition, in the order of the catalog.")
    async def editions(self) -> list[Edition]:
        return [Edition.of(row) for row in await catalog(clock.now())]

    @strawberry.field(description="Every meter that is in force or to come, by key.")
    async def meters(self) -> list[Meter]:
        return [Meter.of(row) for row in await MeterRow.filter(withdrawn_at=None).order_by("key")]

    @connection(
        Release,
        "The versions of the product that are released or to come, in the order in which they were published.",
        order=ListOrder.NEWEST_FIRST,
    )
    def releases(self) -> QuerySet[ReleaseRow]:
        return ReleaseRow.filter(withdrawn_at=None)

    @connection(PricePlan, "Every price published, negotiated, withdrawn and to come included.", staff=OPERATORS)
    def price_plans(
        self,
        edition: Annotated[EditionKey | None, argument("Only those of this edition.")] = None,
        group: GroupKey = None,
    ) -> QuerySet[PlanRow]:
        return filtered(PricePlan.rows().filter(account_id=None), edition=edition, group__key=group)

    @connection(Edition, "Every version of every edition, withdrawn and to come included.", staff=OPERATORS)
    def edition_versions(self) -> QuerySet[EditionRow]:
        return Edition.rows()

    @connection(PriceGroup, "The groups of accounts with negotiated prices.", staff=OPERATORS)
    def price_groups(self) -> QuerySet[GroupRow]:
        return GroupRow.all()


@strawberry.input(description="A text in both languages.")
class LocalizedInput:
    """Chinese and English."""

    zh: str = strawberry.field(description="In Chinese.")
    en: str = strawberry.field(description="In English.")

    def texts(self) -> dict[str, str]:
        """By language."""
        return {"zh": self.zh, "en": self.en}


@strawberry.input(description="A range of quantities and its price.")
class PriceTierInput:
    """A member of a plan's ``tiers``."""

    unit_price: Decimal = strawberry.field(description="The price of unitsPerPrice units for a day, in major units.")
    up_to: BigInt | None = strawberry.field(
        default=None, description="The last unit of the tier; none in the last one."
    )
    flat: Decimal = strawberry.field(default=Decimal(0), description="What is added for reaching the tier.")


@strawberry.input(description="What a price plan says. It has a unit price or tiers, and not both.")
class PriceTermsInput:
    """The terms of a price plan, in major units."""

    meter: str = strawberry.field(description="The key of the meter that is counted.")
    currency: str = strawberry.field(description="ISO 4217, such as CNY.")
    minimum_quantity: int = strawberry.field(description="Fewer units than this count as this many; 0 for none.")
    free_period_seconds: int = strawberry.field(description="The length of the free period; 0 for none.")
    time_zone: str = strawberry.field(description="The time zone of billing days, an IANA name.")
    unit_price: Decimal | None = strawberry.field(
        default=None, description="The price of unitsPerPrice units for a day."
    )
    tiers: list[PriceTierInput] | None = strawberry.field(
        default=None, description="Tiers, whose bounds ascend; the last is open."
    )
    tier_mode: TierMode = strawberry.field(default=TierMode.GRADUATED, description="How tiers price a quantity.")
    units_per_price: int = strawberry.field(default=1, description="For how many units a price is.")
    base_fee: Decimal = strawberry.field(default=Decimal(0), description="What is added each billing day.")
    free_quantity: BigInt = strawberry.field(default=BigInt(0), description="So many units of a day are free.")

    def columns(self) -> dict[str, Any]:
        """As the rules take them, in minor units.

        Raises:
            InvalidInput: there is no such currency, or an amount has too many decimals.
        """
        given: dict[str, Any] = {
            name: getattr(self, name)
            for name in (
                *("meter", "currency", "minimum_quantity", "free_period_seconds", "time_zone"),
                *("tier_mode", "units_per_price", "free_quantity"),
            )
        }
        given["base_minor"] = minor_units(self.base_fee, self.currency, "baseFee")
        if self.unit_price is not None:
            given["unit_price_minor"] = minor_units(self.unit_price, self.currency, "unitPrice")
        if self.tiers is not None:
            given["tiers"] = [
                {
                    "up_to": tier.up_to,
                    "unit_price_minor": minor_units(tier.unit_price, self.currency, "tiers"),
                    "flat_minor": minor_units(tier.flat, self.currency, "tiers"),
                }
                for tier in self.tiers
            ]
        return given


@strawberry.input(description="What is said of an edition.")
class EditionTermsInput:
    """The columns of an edition, but for its key."""

    name: LocalizedInput = strawberry.field(description="Its name.")
    description: LocalizedInput = strawberry.field(description="What it is for.")
    included_zh: list[str] = strawberry.field(
        description="What is included, in Chinese; {price} and {free_period} are filled in by the price plan."
    )
    included_en: list[str] = strawberry.field(description="The same in English.")
    features: list[str] = strawberry.field(description="What its licenses unlock.")
    by_application: bool = strawberry.field(description="Whether it is had by applying to an account manager.")
    position: int = strawberry.field(description="Its place in the catalog.")
    license_days: int = strawberry.field(description="How long its licenses last, where nothing else is agreed.")
    license_limit: int = strawberry.field(description="How many live licenses of it an account may have.")
    spare_license_limit: int = strawberry.field(description="How many of them may be not yet activated.")
    rotation_grace_days: int = strawberry.field(description="How long a license that was replaced goes on.")
    offline_days: int = strawberry.field(description="How long a deployment may be offline.")
    warning_days: int = strawberry.field(description="For how long after that it warns.")
    least_term_months: int = strawberry.field(default=0, description="How long a contract lasts at the least.")
    term_step_months: int = strawberry.field(default=0, description="By how much longer it may last; 0 for any days.")
    perpetual: bool = strawberry.field(
        default=False, description="Whether it is for the use of a version without end, with maintenance for the term."
    )
    version_days: int | None = strawberry.field(
        default=None, description="For how long after its release a version is free."
    )

    def columns(self) -> dict[str, Any]:
        """As the rules take them."""
        given: dict[str, Any] = dict(vars(self))
        included = {"zh": given.pop("included_zh"), "en": given.pop("included_en")}
        return {**given, "name": self.name.texts(), "description": self.description.texts(), "included": included}


@strawberry.type
class CatalogMutations:
    """For operators."""

    @mutation(
        PriceNotCollected,
        description="Publish the next version of an edition's price. It is never changed; until it is in force it "
        "can be withdrawn.",
        done="The price is published.",
        answers={"price_plan": (PricePlan, "The price.")},
        staff=OPERATORS,
    )
    async def publish_price_plan(
        self,
        info: Info,
        actor: Actor,
        edition: Annotated[EditionKey, argument("The edition.")],
        terms: Annotated[PriceTermsInput, argument("The whole price.")],
        valid_from: ValidFrom = None,
        group: GroupKey = None,
        for_existing: Annotated[
            bool, argument("Whether accounts that are upgraded by then get it, too, after an announcement.")
        ] = False,
        despite_channels: DespiteChannels = False,
    ) -> PlanRow:
        found = await find_group(group) if group is not None else None
        with of_terms():
            plan, _ = await publish_price(
                info.context.host,
                edition,
                terms.columns(),
                valid_from,
                found,
                for_existing,
                despite_channels,
                by=actor.label,
            )
            return plan

    @mutation(
        description="Withdraw a price that is not in force yet; who was told of it is told that.",
        done="The price will not hold.",
        answers={"price_plan": (PricePlan, "The price.")},
        staff=OPERATORS,
    )
    async def withdraw_price_plan(
        self, actor: Actor, price_plan_id: Annotated[UUID, IdOf("PricePlan", "The PricePlan's global id.")]
    ) -> PlanRow:
        found = await PlanRow.get_or_none(id=price_plan_id, account_id=None)
        if found is None:
            raise NotFound(what="price plan", path=("pricePlanId",))
        return await withdraw(found, "pricePlanId", actor.label)

    @mutation(
        description="Publish a meter, or give one that there is another name or unit.",
        done="The meter is published.",
        answers={"meter": (Meter, "The meter.")},
        staff=OPERATORS,
    )
    async def publish_meter(
        self,
        actor: Actor,
        meter: Annotated[str, argument("Its key, which usage names it by: lower-case letters, digits, underscores.")],
        name: Annotated[LocalizedInput, argument("Its name.")],
        unit: Annotated[str, argument("What one of it is called, such as GB.")],
        aggregation: Annotated[Aggregation, argument("How a day's quantity comes of its hours; it never changes.")],
        valid_from: ValidFrom = None,
    ) -> MeterRow:
        given = {"key": meter, "name": name.texts(), "unit": unit, "aggregation": aggregation}
        with _named("meter"):
            return await publish_meter(given, valid_from, by=actor.label)

    @mutation(
        description="Withdraw a meter that is not in force yet, and that no price is of.",
        done="The meter is withdrawn.",
        answers={"meter": (Meter, "The meter.")},
        staff=OPERATORS,
    )
    async def withdraw_meter(self, actor: Actor, meter: Annotated[str, argument("The meter's key.")]) -> MeterRow:
        with _named("meter"):
            return await withdraw_meter(meter, actor.label)

    @mutation(
        description="Publish the next version of what is said of an edition.",
        done="The version is published.",
        answers={"edition": (Edition, "The edition.")},
        staff=OPERATORS,
    )
    async def publish_edition(
        self,
        actor: Actor,
        edition: Annotated[EditionKey, argument("Which edition.")],
        terms: Annotated[EditionTermsInput, argument("All that is said of it.")],
        valid_from: ValidFrom = None,
    ) -> EditionRow:
        with of_terms():
            return await publish_edition(edition, terms.columns(), valid_from, by=actor.label)

    @mutation(
        description="Withdraw a version of an edition that is not in force yet.",
        done="The version will not be in force.",
        answers={"edition": (Edition, "The edition.")},
        staff=OPERATORS,
    )
    async def withdraw_edition(
        self, actor: Actor, edition_id: Annotated[UUID, IdOf("Edition", "The global id of the version of the Edition.")]
    ) -> EditionRow:
        found = await EditionRow.get_or_none(id=edition_id)
        if found is None:
            raise NotFound(what="edition", path=("editionId",))
        return await withdraw(found, "editionId", actor.label)

    @mutation(
        description="Publish that a version of the product is released.",
        done="The version is known.",
        answers={"release": (Release, "The version.")},
        staff=OPERATORS,
    )
    async def publish_release(
        self,
        actor: Actor,
        version: Annotated[str, argument("The version, such as 1.92.3.")],
        released_at: Annotated[datetime | None, argument("When; by default now.")] = None,
    ) -> ReleaseRow:
        return await publish_release(version, released_at, by=actor.label)

    @mutation(
        description="Withdraw a version of the product that is not released yet.",
        done="The version is not to be released.",
        answers={"release": (Release, "The version.")},
        staff=OPERATORS,
    )
    async def withdraw_release(self, actor: Actor, version: Annotated[str, argument("The version.")]) -> ReleaseRow:
        return await withdraw_release(version, actor.label)

    @mutation(
        description="Make a group of accounts for which prices are negotiated together, or give one another name.",
        done="The group is there; setPriceGroup puts accounts into it.",
        answers={"price_group": (PriceGroup, "The group.")},
        staff=OPERATORS,
    )
    async def put_price_group(
        self,
        group: Annotated[str, argument("Its key: lower-case letters, digits, hyphens and underscores.")],
        name: Annotated[LocalizedInput, argument("Its name.")],
    ) -> GroupRow:
        with _named("group"):
            return await put_group(group, name.texts())

    @mutation(
        PriceNotCollected,
        description="Put an account into a group with negotiated prices, or take it out: new upgrades have its prices "
        "from now on, and the present one from the next billing day on, of which the account is told.",
        done="The account has these prices.",
        answers={
            "account": (LazyAccount, "The account."),
            "price_group": (PriceGroup | None, "The group; null if it has the catalog's prices."),
        },
        staff=OPERATORS,
    )
    async def set_price_group(
        self,
        info: Info,
        account: AccountRow,
        actor: Actor,
        group: GroupKey = None,
        despite_channels: DespiteChannels = False,
    ) -> tuple[AccountRow, GroupRow | None]:
        found = await find_group(group) if group is not None else None
        await set_price_group(info.context.host, account, found, actor, despite_channels)
        key = await price_group(account.id)
        return account, await GroupRow.get(id=key) if key else None


@contextmanager
def of_terms() -> Iterator[None]:
    """What is refused inside is a part of the argument ``terms``, and named as that has it."""
    try:
        yield
    except InvalidInput as error:
        if error.path != ("validFrom",):
            error.path = ("terms", *(RENAMED.get(part, to_camel_case(part)) for part in error.path))
        raise


@contextmanager
def _named(argument: str) -> Iterator[None]:
    """What is refused inside because of a ``key`` is so because of the argument that it is given as."""
    try:
        yield
    except BillingError as error:
        error.path = tuple(argument if part == "key" else part for part in error.path)
        raise
