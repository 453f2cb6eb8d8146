"""Contracts: accepted offers, and what is charged for them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import strawberry
from tortoise.queryset import QuerySet

from app.accounts.models import ADMINISTRATORS
from app.api.applications import Offer
from app.api.arguments import IdOf
from app.api.charges import Charge
from app.api.context import Info
from app.api.enums import ContractState, EditionKey
from app.api.fields import argument, column
from app.api.money import Money, money
from app.api.mutation import mutation
from app.api.node import Node, reference
from app.api.owned import OfAccount
from app.api.pagination import connection, filtered
from app.contracts.models import Contract as ContractRow
from app.contracts.models import Instalment as InstalmentRow
from app.errors import ApplicationConflict, StepOutOfOrder
from app.events.recording import Actor
from app.journey.offers import accept_offer


@strawberry.type(description="A part of a contract's price.")
class Instalment(Node, table=InstalmentRow, related=("contract__plan",)):
    """A row of ``instalment``, with its contract's plan."""

    due_on: date = column("The day, in its plan's time zone, with whose start it is charged.")
    amount: Money = column("How much it is.", lambda row: money(row.amount_minor, row.contract.plan.currency))
    charge = reference(Charge, "The charge; null before it is due.", "charge_id", nullable=True)


@strawberry.type(description="An accepted offer: an edition for a term.")
class Contract(Node, table=ContractRow):
    """A row of ``contract``."""

    edition: EditionKey = column("The edition.")
    state: ContractState = column("Whether it is in force.")
    dk_limit: int = column("How many DataKits it allows; -1 is no limit.")
    starts_on: date = column("The first day, in its plan's time zone: not before the day on which it was accepted.")
    ends_on: date = column("The last day, in its plan's time zone.")
    perpetual: bool = column("Whether it is for use without end: what ends is the maintenance.")
    product_version: str | None = column("The version of the product that it is for, if it is perpetual.")
    accepted_at: datetime = column("When the offer was accepted.")
    ended_at: datetime | None = column("When it ended.")
    offer = reference(Offer, "The offer that was accepted.", "offer_id")

    @strawberry.field(description="What is charged when, 120 at most.")
    async def instalments(self) -> list[Instalment]:
        rows = Instalment.rows().filter(contract_id=self.row.id).order_by("position")
        return [Instalment.of(row) for row in await rows]


@strawberry.type
class ContractsOfAccount(OfAccount):
    """What an account agreed upon with an account manager."""

    @connection(Contract, "The contracts.")
    def contracts(
        self, state: Annotated[ContractState | None, argument("Only those in this state.")] = None
    ) -> QuerySet[ContractRow]:
        return filtered(Contract.rows().filter(account_id=self.row.id), state=state)


@strawberry.type
class ContractMutations:
    """For administrators."""

    @mutation(
        ApplicationConflict,
        StepOutOfOrder,
        description="Accept an offer, and have a contract. The current agreement is to be accepted before, and, if it "
        "costs something, a settlement channel bound.",
        done="There is a contract; when its first day has come, it is in force.",
        answers={"contract": (Contract, "The contract.")},
        member=ADMINISTRATORS,
        of="offer_id",
    )
    async def accept_offer(
        self, info: Info, actor: Actor, offer_id: Annotated[UUID, IdOf("Offer", "The offer's global id.")]
    ) -> ContractRow:
        return await accept_offer(info.context.host, offer_id, actor)
