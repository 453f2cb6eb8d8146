"""Many accounts that owe, written straight into the tables."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import uuid4

from app import clock
from app.accounts.models import Account
from app.billing import ledger
from app.billing.models import Charge, ChargeKind, LineKind
from app.catalog.models import PricePlan
from app.settlement.models import BindingState, ChannelBinding, Settlement, SettlementState


async def raise_charges(
    channel: str, references: Sequence[str], kind: ChargeKind = ChargeKind.ADJUSTMENT
) -> list[Charge]:
    """One production account for each reference, paid by ``channel``, with one charge of 20 to 119 units, due now.

    The charges are of yesterday, and come back in the order of the references. Adjustments correct themselves here, for
    want of a day's own charge.
    """
    now = clock.now()
    plan = await PricePlan.get(edition="PAY_AS_YOU_GO")
    accounts = [Account(name=f"Account {n}", created_at=now) for n, _ in enumerate(references)]
    bindings = [
        ChannelBinding(
            account_id=account.id,
            channel=channel,
            state=BindingState.BOUND,
            configuration={},
            external_reference=reference,
            created_at=now,
            bound_at=now,
        )
        for account, reference in zip(accounts, references, strict=True)
    ]
    charges = [
        Charge(
            account_id=account.id,
            plan_id=plan.id,
            kind=kind,
            day=clock.local_day(now, plan.time_zone) - timedelta(days=1),
            sequence=0 if kind == ChargeKind.DAILY else 1,
            quantity=units,
            billed_quantity=units,
            units=units,
            lines=[{"kind": LineKind.USAGE, "quantity": units, "amount_minor": units * plan.unit_price_minor}],
            amount_minor=units * plan.unit_price_minor,
            currency=plan.currency,
            raised_at=now,
        )
        for units, account in ((20 + n % 100, account) for n, account in enumerate(accounts))
    ]
    for charge in charges:
        charge.corrects_id = charge.id if kind == ChargeKind.ADJUSTMENT else None
    await Account.bulk_create(accounts)
    await ChannelBinding.bulk_create(bindings)
    await Charge.bulk_create(charges)
    await ledger.charges_raised([charge.id for charge in charges])
    await Settlement.bulk_create(
        Settlement(
            id=uuid4(),
            charge_id=charge.id,
            account_id=charge.account_id,
            payer_id=charge.account_id,
            binding_id=binding.id,
            channel=channel,
            sandbox=False,
            state=SettlementState.PENDING,
            next_attempt_at=now,
            due_from=clock.day_end(charge.day, plan.time_zone) if charge.kind == ChargeKind.DAILY else charge.raised_at,
        )
        for charge, binding in zip(charges, bindings, strict=True)
    )
    return charges
