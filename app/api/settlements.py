"""What staff see of settlements that need them, and what they do about it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry
from strawberry.scalars import JSON
from tortoise.queryset import QuerySet
from tortoise.transactions import in_transaction

from app.accounts.models import Account as AccountRow
from app.accounts.models import StaffRole
from app.api.arguments import ChannelKey, IdOf, Sandboxes
from app.api.audience import FINANCE, ForFinance
from app.api.channels import SettlementBinding
from app.api.charges import Settlement
from app.api.context import Info
from app.api.enums import CaseKind, CaseState, SettlementState
from app.api.errors import ERROR_TYPES, Error, ErrorCode
from app.api.fields import argument, column
from app.api.mutation import mutation
from app.api.node import Node, decode_id
from app.api.owned import LazyAccount, shown_account
from app.api.pagination import connection, filtered
from app.api.watching import changed
from app.errors import (
    BillingError,
    ChannelUnavailable,
    LimitExceeded,
    SettlementConflict,
    StepOutOfOrder,
    UnknownChannel,
)
from app.events.recording import Actor
from app.journey.channels import allow_channel_change
from app.settlement import attention
from app.settlement.models import ChannelBinding as BindingRow
from app.settlement.models import ReconciliationCase as CaseRow
from app.settlement.models import Settlement as SettlementRow
from app.settlement.reconciliation import reconcile, resolve_case

SettlementID = Annotated[UUID, IdOf("Settlement", "The settlement's global id.")]
Reason = Annotated[str, argument("Why, 1 to 500 characters; it is kept on record.")]
MOST_AT_ONCE = 500
SettlementIDs = Annotated[
    list[strawberry.ID], argument(f"The settlements' global ids, {MOST_AT_ONCE} at most; each is changed by itself.")
]


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
    state: CaseState = column(
        "Whether somebody has still to look into it.",
        lambda row: CaseState.OPEN if row.resolved_at is None else CaseState.RESOLVED,
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
        state: Annotated[
            CaseState | None, argument("Only those in this state; by default those that are open, null: all.")
        ] = CaseState.OPEN,
        kind: Annotated[CaseKind | None, argument("Only of this kind.")] = None,
        channel: ChannelKey = None,
        sandboxes: Sandboxes = False,
    ) -> QuerySet[CaseRow]:
        unresolved = None if state is None else state is CaseState.OPEN
        asked = {"resolved_at__isnull": unresolved, "kind": kind, "channel": channel}
        return filtered(ReconciliationCase.rows(), **asked, sandbox=None if sandboxes else False)


@strawberry.type
class SettlementSubscriptions:
    """For finance staff."""

    @strawberry.subscription(
        description="A reconciliation case when it is opened, and when it is resolved, over graphql-transport-ws; none "
        "of sandbox accounts. For finance staff."
    )
    async def reconciliation_case_changed(self, info: Info) -> AsyncGenerator[ReconciliationCase, None]:
        async for found in changed(info, ReconciliationCase, "reconciliation.", "case", FINANCE):
            yield found


@strawberry.type(description="What became of one settlement of many.")
class SettlementOutcome:
    """A settlement that was changed, or the refusal."""

    settlement_id: strawberry.ID = strawberry.field(description="The id as it was given.")
    code: strawberry.Private[str | None] = None
    message: strawberry.Private[str] = ""
    path: strawberry.Private[Sequence[str]] = ()
    operations: strawberry.Private[Sequence[str]] = ()

    @strawberry.field(description="Why it was left as it is; null if it was changed.")
    def error(self) -> Error | None:
        if self.code is None:
            return None
        kind = next(kind for error, kind in ERROR_TYPES.items() if error.code == self.code)
        return kind(
            code=ErrorCode(self.code), message=self.message, path=list(self.path), operations=list(self.operations)
        )

    @strawberry.field(description="The settlement as it is now; null if it was left as it was.")
    async def settlement(self, info: Info) -> Settlement | None:
        if self.code is not None:
            return None
        return await Settlement.load(info.context, decode_id(self.settlement_id, "Settlement", "settlementIds"))


OUTCOMES = {"outcomes": (list[SettlementOutcome], "One for each, in the order of the ids.")}


async def _each(
    info: Info, settlement_ids: list[strawberry.ID], change: Callable[[UUID], Awaitable[SettlementRow]]
) -> list[SettlementOutcome]:
    """Change many settlements, each in a transaction of its own, so that what is refused holds up no other. With an
    idempotency key they are parts of one, which holds all their accounts.

    Raises:
        LimitExceeded: they are too many.
    """
    if len(settlement_ids) > MOST_AT_ONCE:
        raise LimitExceeded(limit=MOST_AT_ONCE, actual=len(settlement_ids), path=("settlementIds",))
    outcomes, keys = [], set()
    for one in settlement_ids:
        with suppress(BillingError):
            keys.add(decode_id(one, "Settlement", "settlementIds"))
    await attention.lock_accounts_of(keys)
    for one in dict.fromkeys(settlement_ids):
        try:
            async with in_transaction():
                await change(decode_id(one, "Settlement", "settlementIds"))
        except BillingError as refused:
            outcomes.append(
                SettlementOutcome(
                    settlement_id=one,
                    code=refused.code,
                    message=refused.message(info.context.locale),
                    path=refused.path,
                    operations=refused.operations,
                )
            )
        else:
            outcomes.append(SettlementOutcome(settlement_id=one))
    return outcomes


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
        LimitExceeded,
        description="Hand many charges that need attention to their channels again.",
        done="Each settlement is changed, or says why not.",
        answers=OUTCOMES,
        staff=FINANCE,
        transaction=False,
    )
    async def retry_settlements(
        self, info: Info, actor: Actor, settlement_ids: SettlementIDs
    ) -> list[SettlementOutcome]:
        return await _each(info, settlement_ids, lambda key: attention.retry(key, actor))

    @mutation(
        LimitExceeded,
        description="Let the channels that pay for the accounts now collect many charges that others could not, as "
        "moveSettlement does.",
        done="Each settlement is changed, or says why not.",
        answers=OUTCOMES,
        staff=FINANCE,
        transaction=False,
        lane="outward",
    )
    async def move_settlements(
        self,
        info: Info,
        actor: Actor,
        settlement_ids: SettlementIDs,
        reason: Reason,
        confirm_uncollected: Annotated[
            bool, argument("Somebody made sure at the providers that none was collected there.")
        ] = False,
    ) -> list[SettlementOutcome]:
        host = info.context.host
        return await _each(
            info,
            settlement_ids,
            lambda key: attention.move_to_paying_channel(host, key, confirm_uncollected, reason, actor),
        )

    @mutation(
        LimitExceeded,
        description="Note that many charges that need attention were collected after all, by one record.",
        done="Each settlement is changed, or says why not.",
        answers=OUTCOMES,
        staff=FINANCE,
        transaction=False,
    )
    async def settle_many_by_hand(
        self,
        info: Info,
        actor: Actor,
        settlement_ids: SettlementIDs,
        provider_reference: Annotated[str, argument("The record that proves it.")],
        reason: Reason,
    ) -> list[SettlementOutcome]:
        host = info.context.host
        return await _each(
            info,
            settlement_ids,
            lambda key: attention.settle_by_hand(host, key, provider_reference, reason, actor),
        )

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
