"""Which channel pays for an account."""

from __future__ import annotations

from uuid import UUID

from app.settlement.models import BindingState, ChannelBinding


async def paying_link(account_id: UUID) -> ChannelBinding | None:
    """The link with the channel that pays for the account now."""
    return await ChannelBinding.get_or_none(account_id=account_id, state=BindingState.BOUND)


async def bound_channel(account_id: UUID) -> ChannelBinding | None:
    """The binding that pays for the account, or else the newest one that waits for the provider."""
    live = ChannelBinding.filter(account_id=account_id, state__in=(BindingState.BOUND, BindingState.PENDING))
    return await live.order_by("state", "-id").first()
