"""What may be invoiced."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from tortoise.functions import Sum

from app.billing import ledger
from app.db.sql import statement
from app.invoices.models import Invoice, InvoiceEntry, InvoiceState

INVOICEABLE = statement(__file__, "invoiceable")
TAKEN = (InvoiceState.REQUESTED, InvoiceState.ISSUED)


@dataclass(frozen=True)
class Spent:
    """Cash that was spent, in one entry of the journal: for a charge of the statement of ``month``, or for a card."""

    entry_id: UUID
    month: date | None
    card_id: UUID | None
    amount_minor: int
    currency: str


@dataclass(frozen=True)
class Item:
    """What an invoice is over, or may be: what a month's statement came to in cash, or the price of a card."""

    month: date | None
    card_id: UUID | None
    amount_minor: int
    currency: str


async def paid_and_not_invoiced(account_id: UUID) -> dict[str, int]:
    """What was paid in cash and is neither invoiced nor requested to be, in minor units by currency."""
    left = Counter(await ledger.paid_in(account_id))
    taken = Invoice.filter(account_id=account_id, state__in=TAKEN).annotate(minor=Sum("amount_minor"))
    for currency, minor in await taken.group_by("currency").values_list("currency", "minor"):
        left[str(currency)] -= int(minor)
    return dict(left)


async def spent_and_not_invoiced(account_id: UUID) -> list[Spent]:
    """The cash that the account spent on charges that stand on issued statements, and on stored-value cards, and that
    no invoice covers: whatever was given back of it is below zero."""
    return [Spent(**row) for row in await INVOICEABLE.rows(account_id)]


async def items_of(invoice: Invoice) -> list[Item]:
    """What an invoice is over."""
    covered = await InvoiceEntry.filter(invoice_id=invoice.id)
    return summed(Spent(one.entry_id, one.month, one.card_id, one.amount_minor, invoice.currency) for one in covered)


def summed(spent: Iterable[Spent]) -> list[Item]:
    """Statements by month, and then cards by age."""
    found: Counter[tuple[date | None, UUID | None, str]] = Counter()
    for one in spent:
        found[one.month, one.card_id, one.currency] += one.amount_minor
    ordered = sorted(found.items(), key=lambda item: (item[0][1] is not None, str(item[0])))
    return [Item(month, card, minor, currency) for (month, card, currency), minor in ordered if minor]
