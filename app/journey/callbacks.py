"""What channels report on their own: links confirmed or ended, charges to hurry, money paid in."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from settlement_spec import BindingEnd, Money, PaymentIssue

from app.journey.channels import confirm, settle_soon
from app.settlement import links, online_top_ups, vouchers
from app.settlement.host import ChannelHost


class Callbacks:
    """What one channel is offered; implements ``settlement_spec.HostServices``."""

    def __init__(self, host: ChannelHost, channel: str) -> None:
        self._host = host
        self._channel = channel
        prefix = f"BILLING_CHANNEL_{channel.upper().replace('-', '_')}_"
        self._settings = {
            name[len(prefix) :].lower(): value for name, value in os.environ.items() if name.startswith(prefix)
        }

    @property
    def settings(self) -> Mapping[str, str]:
        """The channel's settings from the environment."""
        return self._settings

    async def binding_confirmed(self, account_id: UUID, external_reference: str | None) -> None:
        """The provider confirmed a pending link."""
        await confirm(self._host, account_id, self._channel, external_reference)

    async def binding_ended(
        self, account_id: UUID, external_reference: str | None, end: BindingEnd, reason: str
    ) -> None:
        """The provider ended a link."""
        await links.end(self._host, account_id, self._channel, external_reference, end, reason)

    async def settle_soon(self, account_id: UUID, external_reference: str | None, until: datetime) -> None:
        """Hand a link's open charges over at once, with what was used today."""
        await settle_soon(account_id, self._channel, external_reference, until)

    async def top_up_paid(self, top_up_id: UUID, payment_reference: str, received: Money) -> None:
        """An online payment arrived."""
        await online_top_ups.top_up_paid(self._host, self._channel, top_up_id, payment_reference, received)

    async def top_up_lapsed(self, top_up_id: UUID) -> None:
        """Nobody paid online in time."""
        await online_top_ups.top_up_lapsed(self._host, self._channel, top_up_id)

    async def card_expired(self, account_id: UUID, fund_id: UUID, left: Money, at: datetime) -> None:
        """What was left on a stored-value card is income."""
        await vouchers.card_expired(account_id, self._channel, fund_id, left, at)

    async def payment_issue(
        self, top_up_id: UUID, issue: PaymentIssue, reference: str, details: Mapping[str, Any]
    ) -> None:
        """Finance staff are to look into an online payment."""
        await online_top_ups.note_issue(self._host, self._channel, top_up_id, issue, reference, details)
