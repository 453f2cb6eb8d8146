"""Charging an instalment of a contract: the same ledger, the same outbox as a day's charge."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from app.accounts.models import Account
from app.billing.models import Charge, ChargeKind
from app.catalog.models import PricePlan
from app.closing.batches import raised


async def raise_instalment(account: Account, plan_id: UUID, due_on: date, amount_minor: int) -> UUID:
    """Charge a locked account an amount in the currency of its negotiated plan; the charge's key."""
    plan = await PricePlan.get(id=plan_id)
    others = await Charge.filter(account_id=account.id, day=due_on, kind=ChargeKind.INSTALMENT).count()
    charge = await Charge.create(
        account_id=account.id,
        plan_id=plan_id,
        kind=ChargeKind.INSTALMENT,
        day=due_on,
        sequence=-1 - others,
        quantity=0,
        billed_quantity=1,
        units=1,
        amount_minor=amount_minor,
        currency=plan.currency,
        raised_at=account.now(),
    )
    await raised([charge.id])
    return charge.id
