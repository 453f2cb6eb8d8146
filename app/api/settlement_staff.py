"""What staff see of settlements that need them, and what they do about it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry
from strawberry.scalars import JSON

from app.accounts.models import StaffRole
from app.accounts.queries import lock_account
from app.api.billing import Settlement, SettlementBinding
from app.api.context import Context
from app.api.enums import CaseKind, SettlementState
from app.api.mutation import mutation
from app.api.node import AccountID, Info, Node, decode_id
from app.api.owned import LazyAccount, shown_account
from app.api.pagination import After, Before, Connection, First, Last, page
from app.errors import ChannelUnavailable, SettlementConflict, StepOutOfOrder, UnknownChannel
from app.journey.channels import allow_channel_change
from app.settlement import attention
from app.settlement.models import ReconciliationCase as CaseRow
from app.settlement.models import Settlement as SettlementRow
from app.settlement.reconciliation import reconcile, resolve_case

SettlementID = Annotated[strawberry.ID, strawberry.argument(description="The settlement's global id.")]
Reason = Annotated[str, strawberry.argument(description="Why, 1 to 500 characters; it is kept on record.")]
ChannelKey = Annotated[str | None, strawberry.argument(description="Only those of this channel.")]


@strawberry.type(description="A difference between what a provider says it collected and what is known here.")
class ReconciliationCase(Node):
    """A row of ``reconciliation_case``."""

    record: strawberry.Private[CaseRow]

    @classmethod
    async def load(cls, context: Context, key: UUID) -> ReconciliationCase | None:
        row = await CaseRow.get_or_none(id=key)
        return cls.of(row) if row else None

    async def visible(self, context: Context) -> bool:
        viewer = await context.viewer()
        return viewer is not None and StaffRole.FINANCE in viewer.staff_roles

    @strawberry.field(description="The channel.")
    def channel(self) -> str:
        return self.record.channel

    @strawberry.field(description="The id that the charge has at the provider; of an online payment, the top-up's.")
    def charge_reference(self) -> str:
        return str(self.record.charge_id)

    @strawberry.field(
        description="The account of the charge or top-up; null where it is not known, as of a charge that only the "
        "provider has."
    )
    async def account(self, info: Info) -> LazyAccount | None:
        key = await info.context.loaders.case_accounts.load(self.record)
        return shown_account(await info.context.loaders.accounts.load(key)) if key else None

    @strawberry.field(description="How the records differ.")
    def kind(self) -> CaseKind:
        return self.record.kind

    @strawberry.field(
        description="Both records: amounts in minor units, units, references; of an online payment, what happened."
    )
    def details(self) -> JSON:
        return self.record.details  # type: ignore[return-value]

    @strawberry.field(description="When it was found.")
    def opened_at(self) -> datetime:
        return self.record.opened_at

    @strawberry.field(description="When it was resolved; null while it is open.")
    def resolved_at(self) -> datetime | None:
        return self.record.resolved_at

    @strawberry.field(description="Who resolved it.")
    def resolved_by(self) -> str | None:
        return self.record.resolved_by

    @strawberry.field(description="What was found.")
    def note(self) -> str | None:
        return self.record.note


@strawberry.type(description="The settlement is changed.")
class RetrySettlementSuccess:
    """Success."""

    settlement: Settlement = strawberry.field(description="The settlement, to be handed over again.")


@strawberry.type(description="The settlement is changed.")
class MoveSettlementSuccess:
    """Success."""

    settlement: Settlement = strawberry.field(description="The settlement, with its new channel.")


@strawberry.type(description="The settlement is changed.")
class SettleByHandSuccess:
    """Success."""

    settlement: Settlement = strawberry.field(description="The settlement, settled.")


@strawberry.type(description="The account may change its channel once more in this month.")
class AllowChannelChangeSuccess:
    """Success."""

    binding: SettlementBinding = strawberry.field(description="The link that pays now.")


@strawberry.type(description="The records were compared.")
class ReconcileChannelSuccess:
    """Success."""

    compared: int = strawberry.field(description="How many charges were compared.")
    opened: int = strawberry.field(description="How many cases were opened.")
    closed: int = strawberry.field(description="How many open cases agree by now.")


@strawberry.type(description="The case is resolved.")
class ResolveReconciliationCaseSuccess:
    """Success."""

    case: ReconciliationCase = strawberry.field(description="The case.")


@strawberry.type
class SettlementQueries:
    """For finance staff."""

    @strawberry.field(description="The collecting of every account's charges. For finance staff.")
    async def settlements(
        self,
        info: Info,
        state: Annotated[SettlementState | None, strawberry.argument(description="Only those in this state.")] = None,
        channel: ChannelKey = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Settlement]:
        await info.context.staff(StaffRole.FINANCE)
        asked = {"state": state, "channel": channel}
        rows = SettlementRow.filter(**{name: value for name, value in asked.items() if value is not None})
        return await page(rows, Settlement.of, first, after, last, before)

    @strawberry.field(description="Differences between providers' records and ours. For finance staff.")
    async def reconciliation_cases(
        self,
        info: Info,
        open: Annotated[bool, strawberry.argument(description="Only those that nobody resolved yet.")] = True,
        channel: ChannelKey = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[ReconciliationCase]:
        await info.context.staff(StaffRole.FINANCE)
        rows = CaseRow.filter(channel=channel) if channel else CaseRow.all()
        asked = rows.filter(resolved_at__isnull=True) if open else rows
        return await page(asked, ReconciliationCase.of, first, after, last, before)


@strawberry.type
class SettlementMutations:
    """For finance staff."""

    @mutation(
        SettlementConflict, description="Hand a charge that needs attention to its channel again. For finance staff."
    )
    async def retry_settlement(self, info: Info, settlement_id: SettlementID) -> RetrySettlementSuccess:
        actor = await info.context.staff(StaffRole.FINANCE)
        key = decode_id(settlement_id, "Settlement", "settlementId")
        return RetrySettlementSuccess(settlement=Settlement.of(await attention.retry(key, actor)))

    @mutation(
        SettlementConflict,
        UnknownChannel,
        ChannelUnavailable,
        description="Let the channel that pays for the account now collect a charge that another could not, or the "
        "prepaid balance, where that channel cannot collect it. For finance staff.",
        lane="outward",
    )
    async def move_settlement(
        self,
        info: Info,
        settlement_id: SettlementID,
        reason: Reason,
        confirm_uncollected: Annotated[
            bool,
            strawberry.argument(description="Somebody made sure at the provider that it was not collected there."),
        ] = False,
    ) -> MoveSettlementSuccess:
        actor = await info.context.staff(StaffRole.FINANCE)
        key = decode_id(settlement_id, "Settlement", "settlementId")
        moved = await attention.move_to_paying_channel(info.context.host, key, confirm_uncollected, reason, actor)
        return MoveSettlementSuccess(settlement=Settlement.of(moved))

    @mutation(
        SettlementConflict,
        description="Note that a charge that needs attention was collected after all. For finance staff.",
    )
    async def settle_by_hand(
        self,
        info: Info,
        settlement_id: SettlementID,
        provider_reference: Annotated[str, strawberry.argument(description="The record that proves it.")],
        reason: Reason,
    ) -> SettleByHandSuccess:
        actor = await info.context.staff(StaffRole.FINANCE)
        key = decode_id(settlement_id, "Settlement", "settlementId")
        settled = await attention.settle_by_hand(key, provider_reference, reason, actor)
        return SettleByHandSuccess(settlement=Settlement.of(settled))

    @mutation(
        StepOutOfOrder,
        description="Let an account change its channel again in this calendar month. For account managers.",
    )
    async def allow_channel_change(self, info: Info, account_id: AccountID) -> AllowChannelChangeSuccess:
        actor = await info.context.staff(StaffRole.ACCOUNT_MANAGER)
        account = await lock_account(decode_id(account_id, "Account", "accountId"))
        bound = await allow_channel_change(account, actor)
        return AllowChannelChangeSuccess(binding=SettlementBinding.of(bound))

    @mutation(
        UnknownChannel,
        ChannelUnavailable,
        description="Compare what was handed to a channel with what its provider says it collected. For finance staff.",
    )
    async def reconcile_channel(
        self,
        info: Info,
        channel: Annotated[str, strawberry.argument(description="The channel's key.")],
        since: Annotated[datetime, strawberry.argument(description="From when on.")],
        until: Annotated[datetime, strawberry.argument(description="Until when, exclusive.")],
    ) -> ReconcileChannelSuccess:
        await info.context.staff(StaffRole.FINANCE)
        found = await reconcile(info.context.host, channel, since, until)
        return ReconcileChannelSuccess(compared=found.compared, opened=found.opened, closed=found.closed)

    @mutation(description="Close a case with a note of what was found. For finance staff.")
    async def resolve_reconciliation_case(
        self,
        info: Info,
        case_id: Annotated[strawberry.ID, strawberry.argument(description="The case's global id.")],
        note: Annotated[str, strawberry.argument(description="What was found, 1 to 500 characters.")],
    ) -> ResolveReconciliationCaseSuccess:
        actor = await info.context.staff(StaffRole.FINANCE)
        case = await resolve_case(decode_id(case_id, "ReconciliationCase", "caseId"), note, actor)
        return ResolveReconciliationCaseSuccess(case=ReconciliationCase.of(case))
