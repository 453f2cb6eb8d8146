"""Top-ups that prepaid channels confirmed, against what the journal says was paid in."""

from __future__ import annotations

from settlement_spec import Money, TopUpState

from app.billing.ledger import posted_top_ups
from app.settlement.host import ChannelHost
from app.settlement.top_ups import list_top_ups


async def top_up_differences(host: ChannelHost) -> list[str]:
    """What differs, in words: of the newest confirmed top-ups, as many as the channels list.

    Raises:
        ChannelUnavailable: a channel failed.
    """
    confirmed = await list_top_ups(host, state=TopUpState.CONFIRMED)
    found = await posted_top_ups([top_up.id for top_up in confirmed])
    posted = {top_up_id: Money(minor, currency) for top_up_id, (minor, currency) in found.items()}
    return [
        f"top-up {top_up.id}: the channel received {top_up.received}, and the journal says {posted.get(top_up.id)}"
        for top_up in confirmed
        if posted.get(top_up.id) != top_up.received
    ]
