"""Monthly statements, daily consumption, income and expense."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import strawberry

from app.accounts.models import Account as AccountRow
from app.api.billing import Charge
from app.api.context import Context
from app.api.downloads import path_of
from app.api.enums import CashFlowKind
from app.api.money import Money, money
from app.api.node import Info, Node, encode_id
from app.api.pagination import After, Before, Connection, First, Last, page
from app.billing.models import Charge as ChargeRow
from app.billing.models import JournalEntry, LedgerAccountKind
from app.statements.models import Statement as StatementRow
from app.statements.monthly import MonthlyStatement, of_issued


@strawberry.type(description="Where a statement is had as a file, with the same bearer token. Paths on this host.")
class StatementDownloads:
    """Links."""

    pdf: str = strawberry.field(description="For people; in the language of Accept-Language, or `?lang=zh` or `en`.")
    csv: str = strawberry.field(description="Its charges.")
    daily_csv: str = strawberry.field(description="Its consumption by day.")
    income_expense_csv: str = strawberry.field(description="Income and expense of its month.")
    focus_csv: str = strawberry.field(description="For FinOps tools: FOCUS 1.0.")


@strawberry.type(
    description="What an account is charged for a calendar month. Issued from the 3rd of the next month on, numbered, "
    "and never changed after that: a correction that comes later stands on the next one. Provisional until then."
)
class Statement:
    """A month."""

    value: strawberry.Private[MonthlyStatement]

    @strawberry.field(description="The month, as YYYY-MM.")
    def month(self) -> str:
        return str(self.value.month)

    @strawberry.field(description="Its number, once it is issued.")
    def number(self) -> str | None:
        return self.value.issued.number if self.value.issued else None

    @strawberry.field(description="When it was issued.")
    def issued_at(self) -> datetime | None:
        return self.value.issued.issued_at if self.value.issued else None

    @strawberry.field(description="Whether this is what would stand on it now: it is not issued yet.")
    def provisional(self) -> bool:
        return self.value.issued is None

    @strawberry.field(description="The sum of its charges, for each currency.")
    async def total(self) -> list[Money]:
        return _amounts(await self.value.totals())

    @strawberry.field(description="What of that was collected: up to the issuing, or, while provisional, up to now.")
    async def settled(self) -> list[Money]:
        return _amounts(await self.value.settled())

    @strawberry.field(description="Its charges; corrections of earlier months that were issued are among them.")
    async def charges(
        self, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[Charge]:
        return await page(self.value.charges, Charge.of, first, after, last, before)

    @strawberry.field(description="Where it is had as a file.")
    def downloads(self) -> StatementDownloads:
        account, month = encode_id("Account", self.value.account.id), str(self.value.month)
        return StatementDownloads(
            pdf=path_of(account, month, "pdf"),
            csv=path_of(account, month, "csv"),
            daily_csv=path_of(account, month, "daily.csv"),
            income_expense_csv=path_of(account, month, "income-expense.csv"),
            focus_csv=path_of(account, month, "focus.csv"),
        )


@strawberry.type(description="A statement that was issued.")
class IssuedStatement(Node):
    """A row of ``statement``."""

    record: strawberry.Private[StatementRow]

    @classmethod
    async def load(cls, context: Context, key: UUID) -> IssuedStatement | None:
        row = await StatementRow.get_or_none(id=key)
        return cls.of(row) if row else None

    @strawberry.field(description="The month, as YYYY-MM.")
    def month(self) -> str:
        return f"{self.record.month:%Y-%m}"

    @strawberry.field(description="Its number.")
    def number(self) -> str:
        return self.record.number

    @strawberry.field(description="When it was issued.")
    def issued_at(self) -> datetime:
        return self.record.issued_at

    @strawberry.field(description="What stands on it.")
    async def statement(self) -> Statement:
        return Statement(value=of_issued(await AccountRow.get(id=self.record.account_id), self.record))


@strawberry.type(description="What was consumed and charged for one billing day.")
class DayConsumption:
    """The day's own charge, and what came to it."""

    record: strawberry.Private[ChargeRow]

    @strawberry.field(description="The billing day, in the plan's time zone.")
    def day(self) -> date:
        return self.record.day

    @strawberry.field(description="The sum of the day's charges, corrections and credits included.")
    async def amount(self, info: Info) -> Money:
        key = (self.record.account_id, self.record.day, self.record.currency)
        return money(await info.context.loaders.day_totals.load(key), self.record.currency)

    @strawberry.field(description="The day's own charge, as it was closed.")
    def charge(self) -> Charge:
        return Charge.of(self.record)


@strawberry.type(description="Money that was paid in for an account, or collected from it.")
class CashFlow(Node):
    """A row of ``journal_entry``, on a channel's ledger account."""

    record: strawberry.Private[JournalEntry]

    @classmethod
    async def load(cls, context: Context, key: UUID) -> CashFlow | None:
        row = (
            await JournalEntry.filter(id=key, ledger_account__kind=LedgerAccountKind.CHANNEL)
            .select_related("transaction", "ledger_account")
            .first()
        )
        return cls.of(row) if row else None

    async def visible(self, context: Context) -> bool:
        return await context.may_see(self.record.transaction.account_id)

    @strawberry.field(description="What it is.")
    def kind(self) -> CashFlowKind:
        return CashFlowKind(self.record.transaction.kind)

    @strawberry.field(description="The settlement channel that it went through.")
    def channel(self) -> str:
        return self.record.ledger_account.channel or ""

    @strawberry.field(description="Income above zero, expense below.")
    def amount(self) -> Money:
        return money(-self.record.amount_minor, self.record.currency)

    @strawberry.field(description="When.")
    def at(self) -> datetime:
        return self.record.transaction.at

    @strawberry.field(description="The charge that was collected.")
    async def charge(self, info: Info) -> Charge | None:
        if self.record.transaction.kind != CashFlowKind.CHARGE_SETTLED:
            return None
        return Charge.of(await info.context.loaders.charges.load(self.record.transaction.reference))


def _amounts(minor: dict[str, int]) -> list[Money]:
    return [money(amount, currency) for currency, amount in sorted(minor.items())]
