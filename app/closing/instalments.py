"""Charging an instalment of a contract: the same ledger, the same outbox as a day's charge."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from app.accounts.models import Account
from app.billing.models import ChargeKind, LineKind
from app.billing.raising import raise_charge
from app.closing.batches import raised


async def raise_instalment(account: Account, plan_id: UUID, due_on: date, amount_minor: int) -> UUID:
    """Charge a locked account an amount in the currency of its negotiated plan; the charge's key."""
    charge = await raise_charge(account, plan_id, ChargeKind.INSTALMENT, LineKind.INSTALMENT, due_on, amount_minor)
    await raised([charge.id])
    return charge.id
