"""What staff see of settlements that need them, and what they do about it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry
from strawberry.scalars import JSON
from tortoise.queryset import QuerySet

from app.accounts.models import Account as AccountRow
from app.accounts.models import StaffRole
from app.api.arguments import IdOf, Sandboxes
from app.api.audience import FINANCE, ForFinance
from app.api.channels import SettlementBinding
from app.api.charges import Settlement
from app.api.context import Info
from app.api.enums import CaseKind, SettlementState
from app.api.fields import argument, column
from app.api.mutation import mutation
from app.api.node import Node
from app.api.owned import LazyAccount, shown_account
from app.api.pagination import connection, filtered
from app.errors import ChannelUnavailable, SettlementConflict, StepOutOfOrder, UnknownChannel
from app.events.recording import Actor
from app.journey.channels import allow_channel_change
from app.settlement import attention
from app.settlement.models import ChannelBinding as BindingRow
from app.settlement.models import ReconciliationCase as CaseRow
from app.settlement.models import Settlement as SettlementRow
from app.settlement.reconciliation import reconcile, resolve_case

SettlementID = Annotated[UUID, IdOf("Settlement", "The settlement's global id.")]
Reason = Annotated[str, argument("Why, 1 to 500 characters; it is kept on record.")]
ChannelKey = Annotated[str | None, argument("Only those of this channel.")]


@strawberry.type(description="A difference between what a provider says it collected and what is known here.")
class ReconciliationCase(ForFinance, Node, table=CaseRow):
    """A row of ``reconciliation_case``."""

    channel: str = column("The channel.")
    charge_reference: str = column(
        "The id that the charge has at the provider; of an online payment, the top-up's.",
        lambda row: str(row.charge_id),
    )

    @strawberry.field(
        description="The account of the charge or top-up; null where it is not known, as of a charge that only the "
        "provider has."
    )
    async def account(self, info: Info) -> LazyAccount | None:
        key = await info.context.loaders.case_accounts.load(self.row)
        return shown_account(await info.context.loaders.of(AccountRow).load(key)) if key else None

    kind: CaseKind = column("How the records differ.")
    details: JSON = column(
        "Both records: amounts in minor units, units, references; of an online payment, what happened."
    )
    opened_at: datetime = column("When it was found.")
    resolved_at: datetime | None = column("When it was resolved; null while it is open.")
    resolved_by: str | None = column("Who resolved it.")
    note: str | None = column("What was found.")


@strawberry.type
class SettlementQueries:
    """For finance staff."""

    @connection(Settlement, "The collecting of every account's charges.", staff=FINANCE)
    def settlements(
        self,
        state: Annotated[SettlementState | None, argument("Only those in this state.")] = None,
        channel: ChannelKey = None,
        sandboxes: Sandboxes = False,
    ) -> QuerySet[SettlementRow]:
        return filtered(Settlement.rows(), state=state, channel=channel, sandbox=None if sandboxes else False)

    @connection(ReconciliationCase, "Differences between providers' records and ours.", staff=FINANCE)
    def reconciliation_cases(
        self,
        open: Annotated[bool, argument("Only those that nobody resolved yet.")] = True,
        channel: ChannelKey = None,
        sandboxes: Sandboxes = False,
    ) -> QuerySet[CaseRow]:
        asked = {"resolved_at__isnull": open or None, "channel": channel, "sandbox": None if sandboxes else False}
        return filtered(ReconciliationCase.rows(), **asked)


@strawberry.type
class SettlementMutations:
    """For finance staff."""

    @mutation(
        SettlementConflict,
        description="Hand a charge that needs attention to its channel again.",
        done="The settlement is changed.",
        answers={"settlement": (Settlement, "The settlement, to be handed over again.")},
        staff=FINANCE,
    )
    async def retry_settlement(self, actor: Actor, settlement_id: SettlementID) -> SettlementRow:
        return await attention.retry(settlement_id, actor)

    @mutation(
        SettlementConflict,
        UnknownChannel,
        ChannelUnavailable,
        description="Let the channel that pays for the account now collect a charge that another could not, or the "
        "prepaid balance, where that channel cannot collect it.",
        done="The settlement is changed.",
        answers={"settlement": (Settlement, "The settlement, with its new channel.")},
        staff=FINANCE,
        lane="outward",
    )
    async def move_settlement(
        self,
        info: Info,
        actor: Actor,
        settlement_id: SettlementID,
        reason: Reason,
        confirm_uncollected: Annotated[
            bool, argument("Somebody made sure at the provider that it was not collected there.")
        ] = False,
    ) -> SettlementRow:
        host = info.context.host
        return await attention.move_to_paying_channel(host, settlement_id, confirm_uncollected, reason, actor)

    @mutation(
        SettlementConflict,
        UnknownChannel,
        ChannelUnavailable,
        description="Note that a charge that needs attention was collected after all.",
        done="The settlement is changed.",
        answers={"settlement": (Settlement, "The settlement, settled.")},
        staff=FINANCE,
    )
    async def settle_by_hand(
        self,
        info: Info,
        actor: Actor,
        settlement_id: SettlementID,
        provider_reference: Annotated[str, argument("The record that proves it.")],
        reason: Reason,
    ) -> SettlementRow:
        host = info.context.host
        return await attention.settle_by_hand(host, settlement_id, provider_reference, reason, actor)

    @mutation(
        StepOutOfOrder,
        description="Let an account change its channel again in this calendar month.",
        done="The account may change its channel once more in this month.",
        answers={"binding": (SettlementBinding, "The link that pays now.")},
        staff=(StaffRole.ACCOUNT_MANAGER,),
    )
    async def allow_channel_change(self, account: AccountRow, actor: Actor) -> BindingRow:
        return await allow_channel_change(account, actor)

    @mutation(
        UnknownChannel,
        ChannelUnavailable,
        description="Compare what was handed to a channel with what its provider says it collected.",
        done="The records were compared.",
        answers={
            "compared": (int, "How many charges were compared."),
            "opened": (int, "How many cases were opened."),
            "closed": (int, "How many open cases agree by now."),
        },
        staff=FINANCE,
    )
    async def reconcile_channel(
        self,
        info: Info,
        channel: Annotated[str, argument("The channel's key.")],
        since: Annotated[datetime, argument("From when on.")],
        until: Annotated[datetime, argument("Until when, exclusive.")],
        sandboxes: Sandboxes = False,
    ) -> tuple[int, int, int]:
        found = await reconcile(info.context.host, channel, since, until, sandboxes)
        return found.compared, found.opened, found.closed

    @mutation(
        description="Close a case with a note of what was found.",
        done="The case is resolved.",
        answers={"case": (ReconciliationCase, "The case.")},
        staff=FINANCE,
    )
    async def resolve_reconciliation_case(
        self,
        actor: Actor,
        case_id: Annotated[UUID, IdOf("ReconciliationCase", "The case's global id.")],
        note: Annotated[str, argument("What was found, 1 to 500 characters.")],
    ) -> CaseRow:
        return await resolve_case(case_id, note, actor)
