"""Looking up what accounts were charged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from app.billing.models import Charge
from app.db.sql import statement
from app.errors import NotFound

CREDITABLE = statement(__file__, "creditable")
FIRST_CHARGES = statement(__file__, "first_of_each")
NEWEST = statement(__file__, "newest")
SPENT = statement(__file__, "spent")
SPENT_BY_DAY = statement(__file__, "spent_by_day")


@dataclass(frozen=True)
class Spent:
    """Minor units charged in a month, those of the last days before the newest charge, and how many days those are.

    The last days are without instalments, which are no rate of spending.
    """

    month_minor: int
    recent_minor: int
    days: int


async def spent(
    account_id: UUID, currency: str, begin: date, end: date, last: date, days: int, plans: Sequence[UUID] | None = None
) -> Spent:
    """What an account was charged in a currency for days in ``[begin, end)``, and the ``days`` days up to ``last``; for
    what was used by these price plans alone, where they are named."""
    (row,) = await SPENT.rows(account_id, begin, end, last, days, currency, plans)
    return Spent(row["month"], row["recent"], row["days"])


async def spent_by_day(
    account_id: UUID, currency: str, since: date, plans: Sequence[UUID] | None = None
) -> dict[date, int]:
    """What an account was charged in a currency for each day, from one on, in minor units; for what was used by these
    price plans alone, where they are named."""
    return {row["day"]: row["minor"] for row in await SPENT_BY_DAY.rows(account_id, currency, since, plans)}


async def newest_charge(
    account_id: UUID, currency: str | None = None, plans: Sequence[UUID] | None = None
) -> Charge | None:
    """The newest charge of an account for a day, or else its newest instalment: in a currency, or in any; for what was
    used by these price plans alone, where they are named."""
    for of_days in (True, False) if plans is None else (True,):
        for charge in await NEWEST.objects(Charge, account_id, currency, plans, of_days):
            return charge
    return None


async def find_charge(charge_id: UUID) -> Charge:
    """A charge.

    Raises:
        NotFound: there is none with that key.
    """
    found = await Charge.get_or_none(id=charge_id)
    if found is None:
        raise NotFound(what="charge", path=("chargeId",))
    return found


async def creditable(charge_id: UUID) -> int:
    """How much of a charge can still be given back, in minor units: what is left of it, and of its day."""
    return int((await CREDITABLE.rows(charge_id))[0]["minor"])
