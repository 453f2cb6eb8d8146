"""What was charged in a month."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from app.billing.models import Charge
from app.errors import InvalidInput
from app.settlement.models import Settlement, SettlementState

MONTH = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])", re.ASCII)


@dataclass(frozen=True)
class Statement:
    """A month's charges by day, and their sums in minor units by currency."""

    month: str
    charges: list[Charge]
    totals: dict[str, int]
    settled: dict[str, int]


async def statement(account_id: UUID, month: str) -> Statement:
    """The charges of the billing days of a month (``YYYY-MM``), adjustments with the day that they correct.

    Raises:
        InvalidInput: not a month.
    """
    named = MONTH.fullmatch(month)
    if named is None:
        raise InvalidInput(reason="month must be of the form 2026-01", path=("month",))
    begin = date(int(named[1]), int(named[2]), 1)
    end = (begin + timedelta(days=32)).replace(day=1)
    charges = await Charge.filter(account_id=account_id, day__gte=begin, day__lt=end).order_by("day", "sequence")
    collected = set(
        await Settlement.filter(
            account_id=account_id, state=SettlementState.SETTLED, charge_id__in=[charge.id for charge in charges]
        ).values_list("charge_id", flat=True)
    )
    totals: Counter[str] = Counter()
    settled: Counter[str] = Counter()
    for charge in charges:
        totals[charge.currency] += charge.amount_minor
        settled[charge.currency] += charge.amount_minor if charge.id in collected else 0
    return Statement(month, charges, dict(totals), dict(settled))
