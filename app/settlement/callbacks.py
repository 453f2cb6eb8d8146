"""What channels tell the billing center on their own: links confirmed, links ended, charges to hurry."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from settlement_spec import BindingEnd

from app.settlement import links
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

    async def binding_confirmed(self, account_id: UUID, external_reference: str | None = None) -> None:
        """The provider confirmed a pending link."""
        await links.confirm(self._host, account_id, self._channel, external_reference)

    async def binding_ended(self, account_id: UUID, end: BindingEnd, reason: str) -> None:
        """The provider ended a link."""
        await links.end(self._host, account_id, self._channel, end, reason)

    async def settle_soon(self, account_id: UUID, until: datetime) -> None:
        """Hand open charges over at once."""
        await links.settle_soon(account_id, self._channel, until)
