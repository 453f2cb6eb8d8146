"""What became of the billing days of all accounts."""

from __future__ import annotations

from datetime import date, timedelta

import strawberry

from app.accounts.models import StaffRole
from app.api.arguments import MonthOf, Sandboxes
from app.api.audience import staff_field
from app.api.context import Info
from app.api.fields import View, column
from app.clock import next_month
from app.closing import day_status
from app.statements.reports import Asked


@strawberry.type(
    description="What became of a calendar day over all accounts; each account's days are those of its plan."
)
class DayStatus(View):
    """A row of the status."""

    row: strawberry.Private[day_status.DayStatus]

    day: date = column("The day.")
    open: int = column("How many accounts' day is not closed yet; of a day to come, how many are billed by then.")
    closed: int = column("How many accounts' day is closed.")
    late: int = column("How many of those had usage that came since, and is to be charged.")
    adjusted: int = column("How many accounts' day was closed and corrected.")
    unsettled: int = column("How many of its charges are not collected yet.")


@strawberry.type
class DayQueries:
    """For operators."""

    @staff_field("What became of the billing days of a month, the first day first.", StaffRole.OPERATOR)
    async def day_status(
        self,
        info: Info,
        month: MonthOf = None,
        sandboxes: Sandboxes = False,
    ) -> list[DayStatus]:
        first = Asked(month).first()
        last = next_month(first) - timedelta(days=1)
        found = await day_status.day_status(last.day, sandboxes=sandboxes, until=last)
        return [DayStatus.of(row) for row in reversed(found)]
