"""Charges, and the collecting of them."""

from __future__ import annotations

from datetime import date, datetime
from operator import attrgetter
from typing import TYPE_CHECKING, Annotated, ForwardRef

import strawberry
from tortoise.expressions import Subquery
from tortoise.queryset import QuerySet

from app.accounts.models import StaffRole
from app.api.arguments import ChannelKey
from app.api.catalog import PricePlan
from app.api.context import Info
from app.api.discounts import Discount
from app.api.enums import ChargeKind, LineKind, SettlementState
from app.api.fields import View, argument, column
from app.api.money import Money, from_minor
from app.api.mutation import mutation
from app.api.node import Node, reference
from app.api.owned import OfAccount, Owned
from app.api.pagination import OfEach, connection, filtered
from app.api.related import Related
from app.api.scalars import BigInt
from app.api.wallets import BalancePart
from app.billing.models import Charge as ChargeRow
from app.billing.queries import FIRST_CHARGES
from app.closing.days import close_due
from app.settlement.models import Settlement as SettlementRow

if TYPE_CHECKING:
    LazySettlement = Node
else:
    LazySettlement = Annotated[ForwardRef("Settlement"), strawberry.lazy("app.api.charges")]


@strawberry.type(description="A part of what a charge comes to.")
class ChargeLine(View):
    """One of the lines of a charge."""

    kind: LineKind = column("What it is for.")
    quantity: BigInt = column("How many units of the plan's meter, or 1 of a fee; a correction's may be negative.")
    amount: Money = column("What it comes to.", from_minor("amount_minor"))
    discount = reference(Discount, "The discount that took it off.", "discount_id", nullable=True)


@strawberry.type(
    description="What an account owes for one billing day, a correction of that, or an instalment; it never changes."
)
class Charge(Owned, Node, table=ChargeRow):
    """A row of ``charge``."""

    kind: ChargeKind = column("Why it was raised.")
    day: date = column("The billing day, or the day an instalment is due, in the plan's time zone.")
    quantity: BigInt = column(
        "What the day came to of the plan's meter: of DataKits, the largest of its hourly counts."
    )
    billed_quantity: BigInt = column("What was priced of that: the plan's minimum at the least.")
    amount: Money = column("What is owed; an adjustment's may be negative.", from_minor("amount_minor"))

    @strawberry.field(description="What makes the amount: the lines add up to it.")
    def lines(self) -> list[ChargeLine]:
        return [ChargeLine.of(line) for line in self.row.itemized]

    raised_at: datetime = column("When it was raised.")
    price_plan = reference(PricePlan, "The version of the price plan that priced it.", "plan_id")

    settlement = Related(lambda loaders: loaders.settlements, attrgetter("id"), lambda row: Settlement.of(row)).field(
        LazySettlement, "How far its collecting has come."
    )


@strawberry.type(description="The collecting of a charge.")
class Settlement(Owned, Node, table=SettlementRow):
    """A row of ``settlement``."""

    channel: str = column("The channel that the charge was raised for.")
    state: SettlementState = column("How far it has come.")
    attempts: int = column("How often the charge was handed to the channel.")
    provider_reference: str | None = column("The provider's record of it.")
    reason: str | None = column("Why it is not settled, if the channel said so.")

    @strawberry.field(description="What paid it, where it was collected from a prepaid balance.")
    async def paid_from(self, info: Info) -> list[BalancePart]:
        return [BalancePart.of(part) for part in await info.context.loaders.paid_from.load(self.row.charge_id)]

    settled_at: datetime | None = column("When it was collected.")
    uncertain: bool = column("Whether it may be collected already: the channel's answer was lost.")
    charge = reference(Charge, "The charge.", "charge_id")


@strawberry.type
class ChargesOfAccount(OfAccount):
    """What an account was charged."""

    @connection(Charge, "The charges.", of_each=OfEach(FIRST_CHARGES, Charge, "account_id"))
    def charges(
        self,
        since: Annotated[date | None, argument("Only of this billing day and later ones.")] = None,
        until: Annotated[date | None, argument("Only of this billing day and earlier ones.")] = None,
        kind: Annotated[ChargeKind | None, argument("Only of this kind.")] = None,
        state: Annotated[SettlementState | None, argument("Only those whose collecting is in this state.")] = None,
        channel: ChannelKey = None,
    ) -> QuerySet[ChargeRow]:
        mine = filtered(Charge.rows().filter(account_id=self.row.id), day__gte=since, day__lte=until, kind=kind)
        if state is None and channel is None:
            return mine
        collected = filtered(SettlementRow.filter(account_id=self.row.id), state=state, channel=channel)
        return mine.filter(id__in=Subquery(collected.values("charge_id")))


@strawberry.type
class ChargeMutations:
    """For operators."""

    @mutation(
        description="Close the billing days that ended, of every account. For operators; the worker does it by itself.",
        done="What was due is done.",
        answers={"accounts": (int, "How many accounts were due."), "charges": (int, "How many charges were raised.")},
        staff=(StaffRole.OPERATOR,),
    )
    async def close_day(
        self, until: Annotated[date | None, argument("The last day to close; all that ended by default.")] = None
    ) -> tuple[int, int]:
        summary = await close_due(until)
        return summary.accounts, summary.charges
