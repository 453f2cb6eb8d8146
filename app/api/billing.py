"""Usage, charges, settlements, statements, wallets."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import strawberry

from app.api.catalog import PricePlan
from app.api.context import Context
from app.api.enums import BindingEnd, BindingState, ChargeKind, SettlementState
from app.api.money import Money, money
from app.api.node import Info, Node
from app.api.owned import Owned
from app.api.wallets import BalancePart
from app.billing.models import Charge as ChargeRow
from app.settlement.models import ChannelBinding as BindingRow
from app.settlement.models import Settlement as SettlementRow
from app.usage.queries import DayUsage


@strawberry.type(description="That a settlement channel was chosen for an account.")
class SettlementBinding(Node):
    """A row of ``channel_binding``."""

    record: strawberry.Private[BindingRow]

    @classmethod
    async def load(cls, context: Context, key: UUID) -> SettlementBinding | None:
        row = await BindingRow.get_or_none(id=key)
        return cls.of(row) if row else None

    @strawberry.field(description="The channel's key.")
    def channel(self) -> str:
        return self.record.channel

    @strawberry.field(description="Whether the channel pays.")
    def state(self) -> BindingState:
        return self.record.state

    @strawberry.field(description="The channel's own name for the account.")
    def external_reference(self) -> str | None:
        return self.record.external_reference

    @strawberry.field(description="Where a pending binding goes on.")
    def continue_url(self) -> str | None:
        return self.record.continue_url

    @strawberry.field(description="When it was chosen.")
    def created_at(self) -> datetime:
        return self.record.created_at

    @strawberry.field(description="Why the provider ended the link, if it did.")
    def ended_by(self) -> BindingEnd | None:
        return self.record.ended_by

    @strawberry.field(description="Since when it pays.")
    def bound_at(self) -> datetime | None:
        return self.record.bound_at


@strawberry.type(description="The collecting of a charge.")
class Settlement(Owned, Node):
    """A row of ``settlement``."""

    record: strawberry.Private[SettlementRow]

    @classmethod
    async def load(cls, context: Context, key: UUID) -> Settlement | None:
        row = await SettlementRow.get_or_none(id=key)
        return cls.of(row) if row else None

    @strawberry.field(description="The channel that the charge was raised for.")
    def channel(self) -> str:
        return self.record.channel

    @strawberry.field(description="How far it has come.")
    def state(self) -> SettlementState:
        return self.record.state

    @strawberry.field(description="How often the charge was handed to the channel.")
    def attempts(self) -> int:
        return self.record.attempts

    @strawberry.field(description="The provider's record of it.")
    def provider_reference(self) -> str | None:
        return self.record.provider_reference

    @strawberry.field(description="Why it is not settled, if the channel said so.")
    def reason(self) -> str | None:
        return self.record.reason

    @strawberry.field(description="What paid it, where it was collected from a prepaid balance.")
    async def paid_from(self, info: Info) -> list[BalancePart]:
        return [BalancePart(value=part) for part in await info.context.loaders.paid_from.load(self.record.charge_id)]

    @strawberry.field(description="When it was collected.")
    def settled_at(self) -> datetime | None:
        return self.record.settled_at

    @strawberry.field(description="Whether it may be collected already: the channel's answer was lost.")
    def uncertain(self) -> bool:
        return self.record.uncertain

    @strawberry.field(description="The charge.")
    async def charge(self, info: Info) -> Charge:
        return Charge.of(await info.context.loaders.charges.load(self.record.charge_id))


@strawberry.type(
    description="What an account owes for one billing day, a correction of that, or an instalment; it never changes."
)
class Charge(Owned, Node):
    """A row of ``charge``."""

    record: strawberry.Private[ChargeRow]

    @classmethod
    async def load(cls, context: Context, key: UUID) -> Charge | None:
        row = await ChargeRow.get_or_none(id=key)
        return cls.of(row) if row else None

    @strawberry.field(description="Why it was raised.")
    def kind(self) -> ChargeKind:
        return self.record.kind

    @strawberry.field(description="The billing day, or the day an instalment is due, in the plan's time zone.")
    def day(self) -> date:
        return self.record.day

    @strawberry.field(description="The day's DataKits: the largest of its hourly counts.")
    def quantity(self) -> int:
        return self.record.quantity

    @strawberry.field(description="The DataKits that were priced: the plan's minimum at the least.")
    def billed_quantity(self) -> int:
        return self.record.billed_quantity

    @strawberry.field(description="What is owed; an adjustment's may be negative.")
    def amount(self) -> Money:
        return money(self.record.amount_minor, self.record.currency)

    @strawberry.field(description="When it was raised.")
    def raised_at(self) -> datetime:
        return self.record.raised_at

    @strawberry.field(description="The version of the price plan that priced it.")
    async def price_plan(self, info: Info) -> PricePlan:
        return PricePlan.of(await info.context.loaders.plans.load(self.record.plan_id))

    @strawberry.field(description="How far its collecting has come.")
    async def settlement(self, info: Info) -> Settlement:
        return Settlement.of(await info.context.loaders.settlements.load(self.record.id))


@strawberry.type(description="The DataKits of one billing day.")
class UsageDay:
    """A day of usage."""

    value: strawberry.Private[DayUsage]

    @strawberry.field(description="The calendar day, in the plan's time zone.")
    def day(self) -> date:
        return self.value.day

    @strawberry.field(description="The day's DataKits: the largest of its hourly counts.")
    def data_kits(self) -> int:
        return self.value.count

    @strawberry.field(description="The hours that had any.")
    def hours(self) -> list[UsageHour]:
        return [UsageHour(hour=hour.hour, data_kits=hour.count) for hour in self.value.hours]


@strawberry.type(description="The distinct DataKits of one hour.")
class UsageHour:
    """An hour of usage."""

    hour: datetime = strawberry.field(description="The start of the hour.")
    data_kits: int = strawberry.field(description="How many distinct DataKits reported in it.")
