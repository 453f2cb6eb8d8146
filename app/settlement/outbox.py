"""The outbox: a charge and the order to collect it are written in one transaction: never one without the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app import clock
from app.db.sql import statement

ENQUEUE = statement(__file__, "enqueue")


@dataclass(frozen=True)
class Order:
    """That a charge of an account is to be collected, from an instant on by which channels reckon their deadlines."""

    charge_id: UUID
    account_id: UUID
    due_from: datetime


async def enqueue(orders: Sequence[Order]) -> None:
    """Order the collecting of charges, each through the channel that pays for its account now.

    Where none does any more, the order names the last one that did and needs attention.

    Raises:
        LookupError: no channel ever paid for one of the accounts, so that there is nobody to collect from.
    """
    rows = await ENQUEUE.rows(
        [order.charge_id for order in orders],
        [order.account_id for order in orders],
        [order.due_from for order in orders],
        clock.now(),
    )
    if len(rows) != len(orders):
        raise LookupError(f"{len(orders) - len(rows)} charges are of accounts that no channel ever paid for")
