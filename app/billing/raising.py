"""Raising a charge by itself; days are closed for many accounts at once."""

from __future__ import annotations

import json
from datetime import date
from uuid import UUID

from app.accounts.models import Account
from app.billing.models import Charge, ChargeKind, LineKind
from app.db.sql import statement

RAISE = statement(__file__, "raise")


async def raise_charge(
    account: Account,
    plan_id: UUID,
    kind: ChargeKind,
    line: LineKind,
    day: date,
    amount_minor: int,
    *,
    quantity: int = 0,
    billed_quantity: int = 1,
    units: int = 1,
    corrects: Charge | None = None,
) -> Charge:
    """Write a charge of one line for a locked account, in the currency of its plan; it is still to be posted."""
    lines = json.dumps([{"kind": line, "quantity": units, "amount_minor": amount_minor}])
    corrects_id = corrects.id if corrects else None
    rows = await RAISE.rows(
        account.id, plan_id, kind, day, quantity, billed_quantity, units, lines, account.now(), corrects_id
    )
    return await Charge.get(id=rows[0]["id"])
