"""The outbox: a charge and the order to collect it are written in one transaction: never one without the other."""

from __future__ import annotations

from app import clock
from app.billing.models import Charge
from app.settlement.models import BindingState, ChannelBinding, Settlement, SettlementState


async def enqueue(charge: Charge) -> Settlement:
    """Order the collecting of a charge through the channel that pays for its account now."""
    binding = await ChannelBinding.get(account_id=charge.account_id, state=BindingState.BOUND)
    return await Settlement.create(
        charge_id=charge.id,
        account_id=charge.account_id,
        binding_id=binding.id,
        channel=binding.channel,
        state=SettlementState.PENDING,
        next_attempt_at=clock.now(),
    )
