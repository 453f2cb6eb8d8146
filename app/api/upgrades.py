"""An account's way to a commercial edition, and what to do next on it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

import strawberry

from app.accounts.models import ADMINISTRATORS
from app.accounts.models import Account as AccountRow
from app.api.catalog import PricePlan
from app.api.context import Info
from app.api.enums import EditionKey, NextAction, UpgradeState
from app.api.fields import View, argument, column, localized
from app.api.mutation import mutation
from app.api.node import Node
from app.api.owned import LazyAccount, OfAccount
from app.api.pagination import listed
from app.errors import EditionByApplication, StepOutOfOrder, UpgradeConflict
from app.events.recording import Actor
from app.journey.steps import NextStep as NextStepValue
from app.journey.steps import next_steps
from app.journey.upgrading import begin_upgrade
from app.upgrades.models import PriceChange as PriceChangeRow
from app.upgrades.models import Upgrade as UpgradeRow
from app.upgrades.queries import current_upgrade


@strawberry.type(description="An account's way to a commercial edition.")
class Upgrade(Node, table=UpgradeRow, related=("plan",)):
    """A row of ``upgrade``."""

    edition: EditionKey = column("The edition chosen.")
    state: UpgradeState = column("How far it has come.")
    chosen_at: datetime = column("When the edition was chosen.")
    upgraded_at: datetime | None = column(
        "When the account got the edition: the channel was bound, and the free period began."
    )
    free_period_ends_at: datetime | None = column(
        "When the free period ends; null after a late activation, which has none."
    )
    activated_at: datetime | None = column("When a license was first activated.")
    first_billed_day: date | None = column("The first billing day that is charged.")
    ended_at: datetime | None = column("When it lapsed.")
    price_plan: PricePlan = column(
        "The price plan that was in force when the edition was chosen; it prices the charges until another one does.",
        lambda row: PricePlan.of(row.plan),
    )

    @strawberry.field(description="The prices announced since, in the order of the announcements.")
    async def price_changes(self) -> list[PriceChange]:
        changes = PriceChangeRow.filter(upgrade_id=self.row.id).select_related("plan")
        return [PriceChange.of(change) for change in await changes.order_by("id")]


@strawberry.type(description="Another price of an upgrade, announced before it holds.")
class PriceChange(View):
    """A row of ``price_change``, with its plan."""

    row: strawberry.Private[PriceChangeRow]

    price_plan: PricePlan = column("The price.", lambda row: PricePlan.of(row.plan))
    from_day: date = column("The first billing day that it is for.")
    announced_at: datetime = column("When the account was told.")
    withdrawn_at: datetime | None = column("When the account was told that it will not hold.")


@strawberry.type(description="One thing to do next.")
class NextStep(View):
    """A step of the journey."""

    row: strawberry.Private[NextStepValue]

    action: NextAction = column("The step.")
    mutation: str = column("The mutation that does it; while the account waits, the one that changes its mind.")
    reason: str = localized("Why, in the language of Accept-Language.")
    deadline: datetime | None = column("Until when, if there is an end.")
    edition: EditionKey | None = column("ACCEPT_AGREEMENT: the edition whose agreement is to be accepted.")
    continue_url: str | None = column("CONFIRM_SETTLEMENT_CHANNEL: where to go on, if the channel said so.")


@strawberry.type
class UpgradeOfAccount(OfAccount):
    """How far an account has come."""

    @strawberry.field(description="The newest upgrade, if one was begun.")
    async def upgrade(self) -> Upgrade | None:
        return Upgrade.maybe(await current_upgrade(self.row.id))

    upgrades = listed(Upgrade, "Every upgrade that was begun, those that lapsed or ended included.")

    @strawberry.field(description="What to do next and why, the next step first.")
    async def next_steps(self, info: Info) -> list[NextStep]:
        return [NextStep.of(step) for step in await next_steps(info.context.host, self.row)]


@strawberry.type
class UpgradeMutations:
    """For administrators."""

    @mutation(
        EditionByApplication,
        UpgradeConflict,
        StepOutOfOrder,
        description="Choose a commercial edition. Changes nothing else yet: the account's nextSteps show how to go on.",
        done="The edition is chosen; the account's nextSteps say how to go on.",
        answers={"account": (LazyAccount, "The account.")},
        member=ADMINISTRATORS,
    )
    async def upgrade_edition(
        self, account: AccountRow, actor: Actor, edition: Annotated[EditionKey, argument("The edition to upgrade to.")]
    ) -> AccountRow:
        await begin_upgrade(account, edition, actor)
        return account
