"""What the kit needs to know of a channel's surroundings: its settings, its provider, and how to upset it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from settlement_spec import BindResult, Capability, Charge, Reconciliation, SettlementChannel


class Misbehaviour(StrEnum):
    """How a provider goes wrong, from ``Harness.misbehave`` until ``Harness.recover``."""

    ACCEPT_THEN_TIME_OUT = "ACCEPT_THEN_TIME_OUT"
    """It collects, and its answer never comes."""
    ERROR = "ERROR"
    """It answers every call with a failure of its own, and collects nothing."""
    DROP = "DROP"
    """It drops the connection before collecting."""
    THROTTLE = "THROTTLE"
    """It says that there are too many calls, and collects nothing."""
    PARTIAL_FAILURE = "PARTIAL_FAILURE"
    """Of several charges it collects some, and says that it did not collect the others."""


@dataclass(frozen=True)
class Account:
    """An account that the kit linked to the channel."""

    id: UUID
    configuration: Mapping[str, Any]
    external_reference: str | None


@dataclass(frozen=True)
class Collected:
    """One entry of the provider's own book: minor units, or units of a channel that pushes usage.

    ``external_reference`` says from whom, in the words of ``BindResult.external_reference``; ``None`` where the book
    does not say. A charge that was collected twice has two entries.
    """

    charge_id: UUID
    quantity: int
    external_reference: str | None = None


@dataclass(frozen=True)
class Callback:
    """A request that the provider sends to ``path`` below ``/channels/<key>``; the query is part of the path."""

    path: str
    method: str = "POST"
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes = b""


class Harness:
    """A channel and its surroundings, made anew for each check; override what is different for your channel.

    ``settings``: what ``HostServices.settings`` holds. ``public_settings``: the names of those that are no secret.
    ``needs_settings``: whether the channel is ``NOT_CONFIGURED`` without any. ``wrong_configurations``: bindings that
    the schema or ``bind`` refuses. ``misbehaviours``: those that ``misbehave`` can bring about. ``time_limit``: seconds
    that the host would give a call. ``production_settings``: where ``settings`` name a stand-in, which may take play
    money, what stands in their place with the real provider; the kit sees to it that the channel calls nobody.
    ``rounds``: how often a charge may be handed over until it is settled.
    """

    settings: Mapping[str, str] = {}
    public_settings: frozenset[str] = frozenset()
    wrong_configurations: Sequence[Mapping[str, Any]] = ()
    misbehaviours: frozenset[Misbehaviour] = frozenset()
    time_limit: float = 20.0
    production_settings: Mapping[str, str] | None = None
    rounds: int = 12

    @property
    def needs_settings(self) -> bool:
        """Whether the channel cannot work without settings."""
        return bool(self.settings)

    async def start(self) -> None:
        """Start what stands in for the provider; ``settings`` are read after this."""

    async def stop(self) -> None:
        """Stop it."""

    def now(self) -> datetime:
        """The time at which a check begins."""
        return datetime.now(UTC)

    async def travel(self, now: datetime) -> None:
        """Time has passed, for the provider and for a clock that the channel may have."""

    def configuration(self, number: int) -> Mapping[str, Any]:
        """A binding that the channel accepts, another for each account, counted from 0."""
        return {}

    async def confirm(self, account: Account, result: BindResult, client: Any) -> None:
        """Let the provider confirm a binding that is ``PENDING``; ``client`` (httpx) calls the channel's routes."""
        raise NotImplementedError("bind answered PENDING: override Harness.confirm so that the provider confirms it")

    async def complete(self, charges: Sequence[Charge], client: Any) -> None:
        """Let the provider finish charges that the channel answered ``ACCEPTED`` for."""

    async def collected(self, channel: SettlementChannel, charges: Sequence[Charge]) -> Iterable[Collected]:
        """The provider's book, of these charges and of any other that it has.

        By default what ``reconcile`` answers, which is right for a channel that is its own provider.
        """
        if not isinstance(channel, Reconciliation):
            raise NotImplementedError("override Harness.collected so that the kit can read what was collected")
        records = await channel.reconcile(self.now() - timedelta(days=366), self.now() + timedelta(days=366))
        in_units = Capability.METERED_PUSH in channel.describe().capabilities
        return [Collected(one.charge_id, one.units if in_units else one.amount.minor) for one in records]

    async def misbehave(self, how: Misbehaviour) -> None:
        """Let the provider go wrong until ``recover``."""
        raise NotImplementedError(f"{how} is among misbehaviours: override Harness.misbehave")

    async def recover(self) -> None:
        """Let the provider be well again."""

    async def violations(self) -> Sequence[str]:
        """The provider's limits that the channel broke so far, in words."""
        return ()

    async def genuine_callbacks(self, account: Account) -> Sequence[Callback]:
        """Requests that the provider could send for the account, each of which the channel accepts once."""
        return ()

    async def forged_callbacks(self, account: Account) -> Sequence[Callback]:
        """The like of them, from somebody else: a wrong signature, none, one of another body."""
        return ()
