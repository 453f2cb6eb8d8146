"""The books, for finance staff: trial balance, accruals, credit notes."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

import strawberry

from app.accounts.models import StaffRole
from app.api.arguments import IdOf, Sandboxes
from app.api.audience import staff_field
from app.api.charges import Charge
from app.api.context import Info
from app.api.enums import LedgerAccountKind
from app.api.fields import View, argument, column
from app.api.money import Money, from_minor
from app.api.mutation import mutation
from app.api.node import Node, reference
from app.api.owned import Owned
from app.billing import books
from app.billing.queries import find_charge
from app.credits.crediting import credit
from app.credits.models import CreditNote as CreditNoteRow
from app.errors import ChannelUnavailable, CreditLimit
from app.events.recording import Actor
from app.inputs import minor_units
from app.settlement.audit import check
from app.statements import aging


@strawberry.type(description="A ledger account's turnover in one currency.")
class LedgerBalance(View):
    """A line of the trial balance."""

    row: strawberry.Private[books.LedgerBalance]

    kind: LedgerAccountKind = column("What the ledger account holds.")
    channel: str | None = column("The settlement channel that it is of; null where there is one for all.")
    debit: Money = column("The sum of its debits.", from_minor("debit_minor"))
    credit: Money = column("The sum of its credits.", from_minor("credit_minor"))
    balance: Money = column(
        "Debits less credits; over all ledger accounts these sum to zero.", from_minor("balance_minor")
    )


@strawberry.type(description="Charges of one age and channel that are raised and not collected.")
class Accrual(View):
    """A line of what is owed by age."""

    row: strawberry.Private[aging.Accrual]

    from_days: int = column("The least age in days, since the charge was raised.")
    to_days: int | None = column("The largest age in days; null for any larger one.")
    channel: str = column("The channel that is to collect them.")
    charges: int = column("How many charges.")
    amount: Money = column("What they sum to.", from_minor("amount_minor"))


@strawberry.type(description="That finance staff gave a charge back, in whole or in part.")
class CreditNote(Owned, Node, table=CreditNoteRow, related=("charge",)):
    """A row of ``credit_note``."""

    charge = reference(Charge, "The charge that gives it back; its amount is below zero.", "charge_id")
    credits = reference(Charge, "The charge that it is about.", "credited_id")
    reason: str = column("Why.")
    issued_at: datetime = column("When it was given.")


@strawberry.type
class LedgerQueries:
    """For finance staff."""

    @staff_field("Every ledger account's turnover and balance.", StaffRole.FINANCE)
    async def trial_balance(
        self,
        info: Info,
        until: Annotated[datetime | None, argument("Only what was posted before; everything by default.")] = None,
        sandboxes: Sandboxes = False,
    ) -> list[LedgerBalance]:
        return [LedgerBalance.of(line) for line in await books.trial_balance(until, sandboxes)]

    @staff_field("What is charged and not collected, by age and channel.", StaffRole.FINANCE)
    async def accruals(self, info: Info, sandboxes: Sandboxes = False) -> list[Accrual]:
        return [Accrual.of(line) for line in await aging.accruals(sandboxes)]

    @staff_field(
        "What is wrong with the books: each figure recomputed from what it is made of. Empty when they are right.",
        StaffRole.FINANCE,
    )
    async def ledger_differences(self, info: Info) -> list[str]:
        return await check(info.context.host)


@strawberry.type
class LedgerMutations:
    """For finance staff."""

    @mutation(
        CreditLimit,
        ChannelUnavailable,
        description="Give a charge back, in whole or in part, through the channel that pays if it can credit, else to "
        "the prepaid balance.",
        done="The charge is given back.",
        answers={"credit_note": (CreditNote, "The credit note.")},
        staff=(StaffRole.FINANCE,),
    )
    async def issue_credit_note(
        self,
        info: Info,
        actor: Actor,
        charge_id: Annotated[UUID, IdOf("Charge", "The charge's global id.")],
        amount: Annotated[Decimal, argument("How much, such as 10.00; at most what is left of the charge.")],
        reason: Annotated[str, argument("Why, 1 to 500 characters; the customer reads it.")],
    ) -> CreditNoteRow:
        minor = minor_units(amount, (await find_charge(charge_id)).currency, "amount")
        return await credit(info.context.host, charge_id, minor, reason, actor)
