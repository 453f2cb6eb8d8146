"""An account's way to a commercial edition, and what to do next on it."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import strawberry

from app.api.catalog import PricePlan
from app.api.context import Context
from app.api.enums import EditionKey, NextAction, UpgradeState
from app.api.node import Info, Node
from app.journey.steps import NextStep as NextStepValue
from app.upgrades.models import Upgrade as UpgradeRow


@strawberry.type(description="An account's way to a commercial edition.")
class Upgrade(Node):
    """A row of ``upgrade``."""

    record: strawberry.Private[UpgradeRow]

    @classmethod
    async def load(cls, context: Context, key: UUID) -> Upgrade | None:
        row = await UpgradeRow.get_or_none(id=key).select_related("plan")
        return cls.of(row) if row else None

    @strawberry.field(description="The edition chosen.")
    def edition(self) -> EditionKey:
        return self.record.edition

    @strawberry.field(description="How far it has come.")
    def state(self) -> UpgradeState:
        return self.record.state

    @strawberry.field(description="When the edition was chosen.")
    def chosen_at(self) -> datetime:
        return self.record.chosen_at

    @strawberry.field(description="When the account got the edition: the channel was bound, and the free period began.")
    def upgraded_at(self) -> datetime | None:
        return self.record.upgraded_at

    @strawberry.field(description="When the free period ends; null after a late activation, which has none.")
    def free_period_ends_at(self) -> datetime | None:
        return self.record.free_period_ends_at

    @strawberry.field(description="When a license was first activated.")
    def activated_at(self) -> datetime | None:
        return self.record.activated_at

    @strawberry.field(description="The first billing day that is charged.")
    def first_billed_day(self) -> date | None:
        return self.record.first_billed_day

    @strawberry.field(description="When it lapsed.")
    def ended_at(self) -> datetime | None:
        return self.record.ended_at

    @strawberry.field(
        description="The price plan that was in force when the edition was chosen; it prices the charges."
    )
    def price_plan(self) -> PricePlan:
        return PricePlan.of(self.record.plan)


@strawberry.type(description="One thing to do next.")
class NextStep:
    """A step of the journey."""

    value: strawberry.Private[NextStepValue]

    @strawberry.field(description="The step.")
    def action(self) -> NextAction:
        return self.value.action

    @strawberry.field(description="The mutation that does it.")
    def mutation(self) -> str:
        return self.value.mutation

    @strawberry.field(description="Why, in the language of Accept-Language.")
    def reason(self, info: Info) -> str:
        return self.value.reason[info.context.locale]

    @strawberry.field(description="Until when, if there is an end.")
    def deadline(self) -> datetime | None:
        return self.value.deadline
