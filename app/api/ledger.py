"""The books, for finance staff: trial balance, accruals, credit notes."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

import strawberry

from app.accounts.models import StaffRole
from app.api.billing import Charge
from app.api.context import Context
from app.api.money import Money, minor_units, money
from app.api.mutation import mutation
from app.api.node import Info, Node, decode_id
from app.api.owned import Owned
from app.billing import books
from app.billing.ledger import check
from app.credits.crediting import credit
from app.credits.models import CreditNote as CreditNoteRow
from app.errors import ChannelUnavailable, CreditLimit
from app.statements import aging


@strawberry.type(description="A ledger account's turnover in one currency.")
class LedgerBalance:
    """A line of the trial balance."""

    value: strawberry.Private[books.LedgerBalance]

    @strawberry.field(description="receivable, revenue, bank, or channel:<key>.")
    def ledger_account(self) -> str:
        return self.value.ledger_account

    @strawberry.field(description="The sum of its debits.")
    def debit(self) -> Money:
        return money(self.value.debit_minor, self.value.currency)

    @strawberry.field(description="The sum of its credits.")
    def credit(self) -> Money:
        return money(self.value.credit_minor, self.value.currency)

    @strawberry.field(description="Debits less credits; over all ledger accounts these sum to zero.")
    def balance(self) -> Money:
        return money(self.value.balance_minor, self.value.currency)


@strawberry.type(description="Charges of one age and channel that are raised and not collected.")
class Accrual:
    """A line of what is owed by age."""

    value: strawberry.Private[aging.Accrual]

    @strawberry.field(description="The least age in days, since the charge was raised.")
    def from_days(self) -> int:
        return self.value.from_days

    @strawberry.field(description="The largest age in days; null for any larger one.")
    def to_days(self) -> int | None:
        return self.value.to_days

    @strawberry.field(description="The channel that is to collect them.")
    def channel(self) -> str:
        return self.value.channel

    @strawberry.field(description="How many charges.")
    def charges(self) -> int:
        return self.value.charges

    @strawberry.field(description="What they sum to.")
    def amount(self) -> Money:
        return money(self.value.amount_minor, self.value.currency)


@strawberry.type(description="That finance staff gave a charge back, in whole or in part.")
class CreditNote(Owned, Node):
    """A row of ``credit_note``."""

    record: strawberry.Private[CreditNoteRow]

    @classmethod
    async def load(cls, context: Context, key: UUID) -> CreditNote | None:
        row = await CreditNoteRow.get_or_none(id=key)
        return cls.of(row) if row else None

    @strawberry.field(description="The charge that gives it back; its amount is below zero.")
    async def charge(self, info: Info) -> Charge:
        return Charge.of(await info.context.loaders.charges.load(self.record.charge_id))

    @strawberry.field(description="The charge that it is about.")
    async def credits(self, info: Info) -> Charge:
        return Charge.of(await info.context.loaders.charges.load(self.record.credited_id))

    @strawberry.field(description="Why.")
    def reason(self) -> str:
        return self.record.reason

    @strawberry.field(description="When it was given.")
    def issued_at(self) -> datetime:
        return self.record.issued_at


@strawberry.type(description="The charge is given back.")
class IssueCreditNoteSuccess:
    """Success."""

    credit_note: CreditNote = strawberry.field(description="The credit note.")


@strawberry.type
class LedgerQueries:
    """For finance staff."""

    @strawberry.field(description="Every ledger account's turnover and balance. For finance staff.")
    async def trial_balance(
        self,
        info: Info,
        until: Annotated[
            datetime | None, strawberry.argument(description="Only what was posted before; everything by default.")
        ] = None,
    ) -> list[LedgerBalance]:
        await info.context.staff(StaffRole.FINANCE)
        return [LedgerBalance(value=line) for line in await books.trial_balance(until)]

    @strawberry.field(description="What is charged and not collected, by age and channel. For finance staff.")
    async def accruals(self, info: Info) -> list[Accrual]:
        await info.context.staff(StaffRole.FINANCE)
        return [Accrual(value=line) for line in await aging.accruals()]

    @strawberry.field(
        description="What is wrong with the books: each figure recomputed from what it is made of. Empty when they are "
        "right. For finance staff."
    )
    async def ledger_differences(self, info: Info) -> list[str]:
        await info.context.staff(StaffRole.FINANCE)
        return await check()


@strawberry.type
class LedgerMutations:
    """For finance staff."""

    @mutation(
        CreditLimit,
        ChannelUnavailable,
        description="Give a charge back, in whole or in part, through the channel that pays if it can credit, else to "
        "the prepaid balance. For finance staff.",
    )
    async def issue_credit_note(
        self,
        info: Info,
        charge_id: Annotated[strawberry.ID, strawberry.argument(description="The charge's global id.")],
        amount: Annotated[
            Decimal, strawberry.argument(description="How much, such as 10.00; at most what is left of the charge.")
        ],
        reason: Annotated[str, strawberry.argument(description="Why, 1 to 500 characters; the customer reads it.")],
    ) -> IssueCreditNoteSuccess:
        actor = await info.context.staff(StaffRole.FINANCE)
        key, minor = decode_id(charge_id, "Charge", "chargeId"), minor_units(amount, "amount")
        return IssueCreditNoteSuccess(
            credit_note=CreditNote.of(await credit(info.context.host, key, minor, reason, actor))
        )
