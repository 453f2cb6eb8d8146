"""What may be invoiced."""

from __future__ import annotations

from collections import Counter
from uuid import UUID

from tortoise.functions import Sum

from app.billing import ledger
from app.invoices.models import Invoice, InvoiceState

TAKEN = (InvoiceState.REQUESTED, InvoiceState.ISSUED)


async def invoiceable(account_id: UUID) -> dict[str, int]:
    """What was paid in cash and is neither invoiced nor requested to be, in minor units by currency."""
    left = Counter(await ledger.paid_in(account_id))
    taken = Invoice.filter(account_id=account_id, state__in=TAKEN).annotate(minor=Sum("amount_minor"))
    for currency, minor in await taken.group_by("currency").values_list("currency", "minor"):
        left[str(currency)] -= int(minor)
    return dict(left)
