"""Ordering a credit: through the channel that pays, or, where that cannot give money back, the prepaid balance."""

from __future__ import annotations

from settlement_spec import BindRequest, Capability

from app import clock
from app.accounts.models import Account
from app.billing.models import Charge
from app.errors import ChannelUnavailable
from app.settlement.host import ChannelHost
from app.settlement.links import fallback_channel
from app.settlement.models import BindingState, ChannelBinding, Settlement, SettlementState

CAN_CREDIT = frozenset({Capability.CREDIT, Capability.PREPAID_BALANCE})


async def enqueue_credit(host: ChannelHost, account: Account, charge: Charge) -> Settlement:
    """Order that a negative charge of a locked account is given back.

    Raises:
        ChannelUnavailable: no channel can.
    """
    binding = await ChannelBinding.get_or_none(account_id=account.id, state=BindingState.BOUND)
    if binding is None or not host.describe(binding.channel).capabilities & CAN_CREDIT:
        binding = await _prepaid(host, account)
    return await Settlement.create(
        charge_id=charge.id,
        account_id=account.id,
        binding_id=binding.id,
        channel=binding.channel,
        state=SettlementState.PENDING,
        next_attempt_at=clock.now(),
    )


async def _prepaid(host: ChannelHost, account: Account) -> ChannelBinding:
    """The account's link with the fallback channel, which does not pay for anything by that."""
    key = fallback_channel(host)
    if key is None:
        raise ChannelUnavailable(channel="", reason="no channel can give money back", path=("chargeId",))
    known = await ChannelBinding.filter(account_id=account.id, channel=key).order_by("-id").first()
    if known is not None:
        return known
    request = BindRequest(account.id, account.name, {}, account.now())
    result = await host.call(key, lambda channel: channel.bind(request), refusals=())
    return await ChannelBinding.create(
        account_id=account.id,
        channel=key,
        state=BindingState.UNBOUND,
        configuration={},
        external_reference=result.external_reference,
        created_at=account.now(),
    )
