"""What a settlement channel is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from settlement_spec.host import HostServices
from settlement_spec.values import (
    BindRequest,
    BindResult,
    ChannelDescription,
    ChargeBatch,
    Health,
    HealthStatus,
    ProviderRecord,
    SettlementResult,
)


class SettlementChannel(ABC):
    """One way to pay. The host calls every method with a time limit."""

    @abstractmethod
    def describe(self) -> ChannelDescription:
        """What the channel is and can do; the answer never changes while the process lives."""

    async def start(self, host: HostServices) -> None:
        """Get ready; called once, before anything else, in every process: API servers and workers."""

    async def stop(self) -> None:
        """Let go of what ``start`` took."""

    @abstractmethod
    async def bind(self, request: BindRequest) -> BindResult:
        """Link an account; repeating it is harmless. Raises ``BindingRejected`` for a wrong configuration."""

    async def unbind(self, account_id: UUID) -> None:
        """Undo a link that the customer gave up; charges already raised for the channel still come."""

    @abstractmethod
    async def settle(self, batch: ChargeBatch) -> Sequence[SettlementResult]:
        """Collect charges, each once whatever happens: the same charge id again answers the same result.

        One result for each charge; a charge without one counts as ``UNKNOWN``, and so does the whole batch when this
        raises or takes too long. ``UNKNOWN`` and ``RETRY_LATER`` are handed over again.
        """

    async def tick(self, now: datetime) -> None:
        """Do what the channel does by itself; a worker calls it about once a minute, never twice at a time."""

    async def reconcile(self, since: datetime, until: datetime) -> Sequence[ProviderRecord]:
        """What the provider collected in ``[since, until)`` (capability ``RECONCILIATION``)."""
        return ()

    async def health(self) -> Health:
        """Whether the channel can work now."""
        return Health(HealthStatus.HEALTHY)

    def routes(self) -> Sequence[Any]:
        """Starlette routes that the provider calls, mounted under ``/channels/<key>``; asked once, after ``start``.

        The channel checks who calls: a forged or replayed call changes nothing.
        """
        return ()
