"""What stands on an account's statement of a month, issued or provisional."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from tortoise.expressions import Q
from tortoise.functions import Sum
from tortoise.queryset import QuerySet

from app.accounts.models import Account
from app.billing.ledger import CASH_FLOWS
from app.billing.models import Charge, ChargeKind, JournalEntry
from app.credits.models import CreditNote
from app.credits.queries import notes_of
from app.db.sql import statement
from app.settlement.models import SettlementState
from app.statements.models import Statement
from app.statements.months import Month
from app.upgrades.queries import billing_zone

PROVISIONAL = statement(__file__, "provisional")
CHUNK = 500
COUNTED = (ChargeKind.DAILY, ChargeKind.ADJUSTMENT)
"""What says how much a day was; an instalment or a credit that falls on it does not."""
SETTLED_THEN = Q(stated__settled=True)
SETTLED_NOW = Q(settlements__state=SettlementState.SETTLED)


@dataclass(frozen=True)
class MonthlyStatement:
    """An account's month. Without ``issued`` it is provisional: it shows what would stand on it now."""

    account: Account
    month: Month
    time_zone: str
    issued: Statement | None
    charges: QuerySet[Charge]

    @property
    def account_name(self) -> str:
        """The account's name, when it was issued."""
        return self.issued.account_name if self.issued else self.account.name

    async def totals(self) -> dict[str, int]:
        """The sum of its charges in minor units, by currency."""
        return await _sums(self.charges)

    async def settled(self) -> dict[str, int]:
        """What of that was collected: up to the issuing, or up to now."""
        found = await _sums(self.charges.filter(self._settled))
        return {currency: found.get(currency, 0) for currency in await self.totals()}

    async def lines(self) -> AsyncIterator[Line]:
        """Its charges, in order of creation, a few hundred in memory at a time."""
        last = UUID(int=0)
        while True:
            window = self.charges.filter(id__gt=last).order_by("id").limit(CHUNK)
            charges = await window.select_related("plan")
            ids = [charge.id for charge in charges]
            collected = set(await self.charges.filter(self._settled, id__in=ids).values_list("id", flat=True))
            notes = await notes_of(ids)
            for charge in charges:
                yield Line(charge, charge.id in collected, notes.get(charge.id))
            if len(charges) < CHUNK:
                return
            last = charges[-1].id

    async def days(self) -> list[Day]:
        """Its consumption by day and currency; a month has few enough of them to hold."""
        found: dict[tuple[date, str], Day] = {}
        async for line in self.lines():
            charge, key = line.charge, (line.charge.day, line.charge.currency)
            day = found.get(key, Day(charge.day, 0, 0, 0, charge.currency))
            counted = (day.quantity, day.billed_quantity)
            if charge.kind in COUNTED or (charge.sequence >= 0 and counted == (0, 0)):
                counted = (charge.quantity, charge.billed_quantity)
            found[key] = Day(charge.day, *counted, day.amount_minor + charge.amount_minor, charge.currency)
        return [found[key] for key in sorted(found)]

    def cash_flow(self) -> QuerySet[JournalEntry]:
        """Income and expense of the calendar month."""
        begin, end = self.month.begins_at(self.time_zone), self.month.ends_at(self.time_zone)
        return cash_flow(self.account.id).filter(transaction__at__gte=begin, transaction__at__lt=end)

    @property
    def _settled(self) -> Q:
        return SETTLED_THEN if self.issued else SETTLED_NOW


@dataclass(frozen=True)
class Day:
    """A day's consumption: its newest count, and the sum of its charges in minor units."""

    day: date
    quantity: int
    billed_quantity: int
    amount_minor: int
    currency: str


@dataclass(frozen=True)
class Line:
    """A charge on a statement, whether it was collected, and the credit note if it is one."""

    charge: Charge
    settled: bool
    note: CreditNote | None


async def statement_of(account: Account, month: str) -> MonthlyStatement:
    """The account's statement of a month (``YYYY-MM``).

    A charge stands on the statement of its day's month, or, when that is issued already, on the next one to be issued.

    Raises:
        InvalidInput: not a month.
    """
    asked = Month.parse(month)
    issued = await Statement.get_or_none(account_id=account.id, month=asked.first)
    if issued is not None:
        return of_issued(account, issued)
    due = await PROVISIONAL.rows(account.id, asked.first)
    charges = Charge.filter(id__in=[row["id"] for row in due])
    return MonthlyStatement(account, asked, await billing_zone(account.id), None, charges)


def of_issued(account: Account, issued: Statement) -> MonthlyStatement:
    """A statement that was issued."""
    charges = Charge.filter(stated__statement_id=issued.id)
    return MonthlyStatement(account, Month(issued.month), issued.time_zone, issued, charges)


def cash_flow(account_id: UUID) -> QuerySet[JournalEntry]:
    """Every change of what an account paid in or was collected from it, as entries of its channels' ledger accounts.

    A debit (positive) was collected, or went back: expense; a credit was paid in: income.
    """
    entries = JournalEntry.filter(transaction__account_id=account_id, **CASH_FLOWS)
    return entries.select_related("transaction", "ledger_account")


async def _sums(charges: QuerySet[Charge]) -> dict[str, int]:
    sums = charges.annotate(minor=Sum("amount_minor")).group_by("currency").values_list("currency", "minor")
    totals: Counter[str] = Counter()
    for currency, minor in await sums:
        totals[str(currency)] += int(minor)
    return dict(totals)
