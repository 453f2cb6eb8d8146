"""Monthly statements, daily consumption, income and expense."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

import strawberry
from tortoise.queryset import QuerySet

from app.accounts.models import Account as AccountRow
from app.api.charges import Charge
from app.api.context import Context, Info
from app.api.downloads import path_of
from app.api.enums import CashFlowKind
from app.api.fields import View, argument, column
from app.api.links import LASTING, link_to
from app.api.money import Money, amounts, money
from app.api.node import Node, encode_id
from app.api.owned import OfAccount
from app.api.pagination import connection, listed
from app.billing.ledger import CASH_FLOWS
from app.billing.models import Charge as ChargeRow
from app.billing.models import ChargeKind, JournalEntry
from app.statements.models import Statement as StatementRow
from app.statements.monthly import MonthlyStatement, cash_flow, of_issued, statement_of


@strawberry.type(description=f"Where a statement is had as a file: each {LASTING}.")
class StatementDownloads:
    """Links."""

    pdf: str = strawberry.field(description="For people, in the language of this request's Accept-Language.")
    csv: str = strawberry.field(description="Its charges.")
    daily_csv: str = strawberry.field(description="Its consumption by day.")
    income_expense_csv: str = strawberry.field(description="Income and expense of its month.")
    focus_csv: str = strawberry.field(description="For FinOps tools: FOCUS 1.0.")


@strawberry.type(
    description="What an account is charged for a calendar month. Issued from the 3rd of the next month on, numbered, "
    "and never changed after that: a correction that comes later stands on the next one. Provisional until then."
)
class Statement(View):
    """A month."""

    row: strawberry.Private[MonthlyStatement]

    month: str = column("The month, as YYYY-MM.", lambda row: str(row.month))
    number: str | None = column("Its number, once it is issued.", lambda row: row.issued.number if row.issued else None)
    issued_at: datetime | None = column("When it was issued.", lambda row: row.issued.issued_at if row.issued else None)
    provisional: bool = column(
        "Whether this is what would stand on it now: it is not issued yet.", lambda row: row.issued is None
    )

    @strawberry.field(description="The sum of its charges, for each currency.")
    async def total(self) -> list[Money]:
        return amounts(await self.row.totals())

    @strawberry.field(description="What of that was collected: up to the issuing, or, while provisional, up to now.")
    async def settled(self) -> list[Money]:
        return amounts(await self.row.settled())

    charges = listed(
        Charge,
        "Its charges; corrections of earlier months that were issued are among them.",
        lambda statement: statement.charges,
    )

    @strawberry.field(description="Where it is had as a file.")
    async def downloads(self, info: Info) -> StatementDownloads:
        account, month = encode_id("Account", self.row.account.id), str(self.row.month)

        async def link(form: str, **query: str) -> str:
            return await link_to(info.context, path_of(account, month, form), **query)

        return StatementDownloads(
            pdf=await link("pdf", lang=info.context.locale),
            csv=await link("csv"),
            daily_csv=await link("daily.csv"),
            income_expense_csv=await link("income-expense.csv"),
            focus_csv=await link("focus.csv"),
        )


@strawberry.type(description="A statement that was issued.")
class IssuedStatement(Node, table=StatementRow):
    """A row of ``statement``."""

    month: str = column("The month, as YYYY-MM.", lambda row: f"{row.month:%Y-%m}")
    number: str = column("Its number.")
    issued_at: datetime = column("When it was issued.")

    @strawberry.field(description="What stands on it.")
    async def statement(self) -> Statement:
        return Statement.of(of_issued(await AccountRow.get(id=self.row.account_id), self.row))


@strawberry.type(description="What was consumed and charged for one billing day.")
class DayConsumption(View):
    """The day's own charge, and what came to it."""

    row: strawberry.Private[ChargeRow]

    day: date = column("The billing day, in the plan's time zone.")

    @strawberry.field(description="The sum of the day's charges, corrections and credits included.")
    async def amount(self, info: Info) -> Money:
        key = (self.row.account_id, self.row.day, self.row.currency)
        return money(await info.context.loaders.day_totals.load(key), self.row.currency)

    charge: Charge = column("The day's own charge, as it was closed.", Charge.of)


@strawberry.type(description="Money that was paid in for an account, or collected from it.")
class CashFlow(
    Node,
    table=JournalEntry,
    related=("transaction", "ledger_account"),
    only=CASH_FLOWS,
):
    """A row of ``journal_entry``, on a channel's ledger account."""

    async def visible(self, context: Context) -> bool:
        return await context.may_see(self.row.transaction.account_id)

    kind: CashFlowKind = column("What it is.", lambda row: CashFlowKind(row.transaction.kind))
    channel: str = column("The settlement channel that it went through.", lambda row: row.ledger_account.channel)
    amount: Money = column("Income above zero, expense below.", lambda row: money(-row.amount_minor, row.currency))
    at: datetime = column("When.", "transaction.at")

    @strawberry.field(description="The charge that was collected.")
    async def charge(self, info: Info) -> Charge | None:
        if self.row.transaction.kind != CashFlowKind.CHARGE_SETTLED:
            return None
        return Charge.of(await info.context.loaders.of(ChargeRow).load(self.row.transaction.reference))


@strawberry.type
class StatementOfAccount(OfAccount):
    """One month of an account."""

    @strawberry.field(description="The statement of a month, issued or provisional.")
    async def statement(self, month: Annotated[str, argument("The month, as YYYY-MM.")]) -> Statement:
        return Statement.of(await statement_of(self.row, month))


@strawberry.type
class StatementsOfAccount(OfAccount):
    """All that an account consumed and paid."""

    statements = listed(IssuedStatement, "The statements that were issued.")

    @connection(DayConsumption, "What was consumed and charged, day by day.")
    def daily_consumption(self) -> QuerySet[ChargeRow]:
        return ChargeRow.filter(account_id=self.row.id, kind=ChargeKind.DAILY)

    income_and_expense = listed(
        CashFlow,
        "Income and expense: what was paid in, and what channels collected.",
        lambda account: cash_flow(account.id),
    )
