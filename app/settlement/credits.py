"""Ordering a credit: through the channel that pays, or, where that cannot give money back, the prepaid balance."""

from __future__ import annotations

from settlement_spec import Capability

from app import clock
from app.accounts.models import Account
from app.billing.models import Charge
from app.settlement.carrying import uncarried_charge
from app.settlement.host import ChannelHost
from app.settlement.links import prepaid_link
from app.settlement.models import Settlement, SettlementState
from app.settlement.queries import paying_link
from app.settlement.sharing import payer_of

CAN_CREDIT = frozenset({Capability.CREDIT, Capability.PREPAID_BALANCE})


async def enqueue_credit(host: ChannelHost, account: Account, charge: Charge) -> Settlement:
    """Order that a negative charge of a locked account is given back.

    Where neither the channel that pays nor the prepaid balance can, it is for staff, who give it back at the provider.

    Raises:
        ChannelUnavailable: no channel pays for the account, and none keeps balances.
    """
    paying = await paying_link(account.id)
    binding = paying
    if binding is None or not host.describe(binding.channel).capabilities & CAN_CREDIT:
        binding = await prepaid_link(host, account)
        await charge.fetch_related("plan")
        if paying is not None and uncarried_charge(host, binding.channel, charge):
            binding = paying
    return await Settlement.create(
        charge_id=charge.id,
        account_id=account.id,
        payer_id=await payer_of(charge.id, account.id, binding.channel),
        binding_id=binding.id,
        channel=binding.channel,
        state=SettlementState.PENDING,
        next_attempt_at=clock.now(),
        due_from=charge.raised_at,
        sandbox=account.sandbox,
    )
