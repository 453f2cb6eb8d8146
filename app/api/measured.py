"""How much was used: of every meter, hour by hour and day by day, of an account or of one deployment."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import strawberry

from app.api.catalog import Meter
from app.api.fields import View, argument, column
from app.api.scalars import BigInt
from app.errors import InvalidInput
from app.upgrades.queries import billing_zone
from app.usage.queries import DayUsage, MeterDays, used_meters

MOST_DAYS = 366
EARLIEST, LATEST = date(2000, 1, 1), date(2199, 12, 31)
FirstDay = Annotated[date, strawberry.argument(name="from", description="The first day.")]
LastDay = Annotated[date, argument(f"The last day, at most {MOST_DAYS} days on.")]
Meters = Annotated[
    Sequence[str] | None, argument("Of these meters, by their keys; by default of each that was used in these days.")
]


@strawberry.type(description="What a meter came to in one hour.")
class UsageHour:
    """An hour of usage: shows a ``HourlyCount`` as it is."""

    hour: datetime = strawberry.field(description="The start of the hour.")
    quantity: BigInt = strawberry.field(
        description="How much it was; of DataKits, how many distinct ones reported in it."
    )


@strawberry.type(description="What a meter came to on one billing day.")
class UsageDay(View):
    """A day of usage."""

    row: strawberry.Private[DayUsage]

    day: date = column("The calendar day, in the plan's time zone.")
    quantity: BigInt = column("What the day came to, as its meter aggregates; of DataKits, its largest hour.", "count")
    hours: list[UsageHour] = column("The hours that had any.")


@strawberry.type(description="What was used of one meter.")
class MeterUsage(View):
    """The days of a meter."""

    row: strawberry.Private[MeterDays]

    meter: Meter = column("The meter.", lambda row: Meter.of(row.meter))
    days: list[UsageDay] = column("Every day that was asked for.", lambda row: [UsageDay.of(day) for day in row.days])


async def measured(
    account_id: UUID, first: date, last: date, meters: Sequence[str] | None, deployment_id: UUID | None = None
) -> list[MeterUsage]:
    """What an account, or one of its deployments, used from one day to another.

    Raises:
        InvalidInput: days that cannot be, or too many of them, or an unknown meter.
    """
    if not EARLIEST <= first <= LATEST:
        raise InvalidInput(
            reason_en=f"from must be between {EARLIEST} and {LATEST}",
            reason_zh=f"from 须在 {EARLIEST} 与 {LATEST} 之间",
            path=("from",),
        )
    if not 0 <= (last - first).days < MOST_DAYS:
        raise InvalidInput(
            reason_en=f"to must be 0 to {MOST_DAYS - 1} days after from",
            reason_zh=f"to 须在 from 之后 0 到 {MOST_DAYS - 1} 天内",
            path=("to",),
        )
    zone = await billing_zone(account_id)
    return [MeterUsage.of(one) for one in await used_meters(account_id, first, last, zone, meters, deployment_id)]
