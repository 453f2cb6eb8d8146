"""A settlement channel, as a third party would write it, whose provider has moods; and the provider's own book."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from settlement_spec import (
    BindRequest,
    BindResult,
    BindState,
    Capability,
    ChannelDescription,
    Charge,
    ChargeBatch,
    HostServices,
    Limits,
    Money,
    Outcome,
    ProviderRecord,
    Reconciliation,
    SettlementChannel,
    SettlementResult,
    Shape,
    hookimpl,
)


class Mood(StrEnum):
    """How the provider takes what it is handed."""

    SETTLES = "SETTLES"
    ACCEPTS_FIRST = "ACCEPTS_FIRST"
    THROTTLES = "THROTTLES"
    REFUSES = "REFUSES"
    LOSES_THE_REQUEST = "LOSES_THE_REQUEST"
    LOSES_THE_ANSWER = "LOSES_THE_ANSWER"
    ANSWERS_HALF = "ANSWERS_HALF"
    KILLS_THE_WORKER = "KILLS_THE_WORKER"


class Died(BaseException):
    """What ends a worker in the middle: nobody catches it."""


class Moody(SettlementChannel, Reconciliation):
    """Keeps no state: what it knows is the provider's answer. The provider takes each charge id once."""

    def __init__(self) -> None:
        self.mood = Mood.SETTLES
        self.binds = BindState.BOUND
        self.book: dict[UUID, ProviderRecord] = {}
        self.accepted: set[UUID] = set()
        self.left: set[UUID] = set()
        self.host: HostServices | None = None

    def describe(self) -> ChannelDescription:
        return ChannelDescription(
            key="moody",
            display_name={"zh": "喜怒无常", "en": "Moody"},
            currencies=frozenset({"CNY", "JPY", "KWD"}),
            capabilities=frozenset({Capability.METERED_PUSH}),
            limits=Limits(batch_size=4, push_within=timedelta(days=10)),
            configuration_schema={"type": "object", "additionalProperties": False},
            meters=frozenset({"datakit"}),
            shapes=frozenset({Shape.TIERS, Shape.DISCOUNTS}),
        )

    async def start(self, host: HostServices) -> None:
        self.host = host

    async def bind(self, request: BindRequest) -> BindResult:
        self.left.discard(request.account_id)
        return BindResult(self.binds, external_reference=str(request.account_id))

    async def settle(self, batch: ChargeBatch) -> Sequence[SettlementResult]:
        match self.mood:
            case Mood.THROTTLES:
                return [SettlementResult(charge.id, Outcome.RETRY_LATER) for charge in batch.charges]
            case Mood.LOSES_THE_REQUEST:
                raise ConnectionError("nothing arrived")
        results = [self._take(charge, batch) for charge in batch.charges]
        match self.mood:
            case Mood.LOSES_THE_ANSWER:
                raise TimeoutError("everything was done, and nobody said so")
            case Mood.KILLS_THE_WORKER:
                raise Died
            case Mood.ANSWERS_HALF:
                return results[::2]
        return results

    def _take(self, charge: Charge, batch: ChargeBatch) -> SettlementResult:
        if charge.id in self.book:
            return SettlementResult(charge.id, Outcome.SETTLED, f"m-{charge.id}")
        if charge.amount.minor < 0 or charge.account_id in self.left or self.mood == Mood.REFUSES:
            return SettlementResult(charge.id, Outcome.REJECTED, reason="not this one")
        if self.mood == Mood.ACCEPTS_FIRST and charge.id not in self.accepted:
            self.accepted.add(charge.id)
            return SettlementResult(charge.id, Outcome.ACCEPTED)
        record = ProviderRecord(charge.id, f"m-{charge.id}", charge.units, charge.amount, batch.now)
        self.book[charge.id] = record
        return SettlementResult(charge.id, Outcome.SETTLED, record.provider_reference)

    def gives_back(self, charge_id: UUID, units: int, amount: Money) -> None:
        """Staff give something back at the provider, by its own means."""
        self.book[charge_id] = ProviderRecord(charge_id, "r", units, amount, datetime.now(UTC))

    async def reconcile(self, since: object, until: object) -> Sequence[ProviderRecord]:
        return list(self.book.values())


@hookimpl
def register_settlement_channels(spec_version: int) -> list[SettlementChannel]:
    """The one channel."""
    return [Moody()]
