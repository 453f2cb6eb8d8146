"""What is owed and not collected, by its age."""

from __future__ import annotations

from dataclasses import dataclass

from app import clock
from app.db.sql import statement

AGING = statement(__file__, "aging")
AGES = (7, 30, 60, 90)


@dataclass(frozen=True)
class Accrual:
    """Charges raised and not collected, ``from_days`` to ``to_days`` after (``None``: any longer), of one channel."""

    from_days: int
    to_days: int | None
    channel: str
    currency: str
    charges: int
    amount_minor: int


async def accruals(sandboxes: bool = False) -> list[Accrual]:
    """What is owed and not collected, by its age on the account's clock, channel and currency.

    The play money of sandbox accounts is left out unless ``sandboxes``.
    """
    rows = await AGING.rows(clock.now(), [days + 1 for days in AGES], sandboxes)
    begins = (0, *(days + 1 for days in AGES))
    ends = (*AGES, None)
    return [Accrual(begins[age := row.pop("age")], ends[age], **row) for row in rows]
