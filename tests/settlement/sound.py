"""A channel that does nothing wrong, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence

from settlement_spec import (
    BindRequest,
    BindResult,
    BindState,
    ChannelDescription,
    ChargeBatch,
    HostServices,
    Limits,
    SettlementChannel,
    SettlementResult,
    TortoiseApp,
)


class Sound(SettlementChannel):
    """Takes every account, and answers for no charge."""

    def __init__(self, key: str = "sound", tables: TortoiseApp | None = None) -> None:
        self.key, self.tables = key, tables
        self.services: HostServices | None = None
        self.stopped = False

    def describe(self) -> ChannelDescription:
        return ChannelDescription(
            key=self.key,
            display_name={"zh": "好", "en": "Sound"},
            currencies=frozenset({"CNY"}),
            capabilities=frozenset(),
            limits=Limits(),
            configuration_schema={"type": "object"},
            tortoise_app=self.tables,
        )

    async def start(self, host: HostServices) -> None:
        self.services = host

    async def stop(self) -> None:
        self.stopped = True

    async def bind(self, request: BindRequest) -> BindResult:
        return BindResult(BindState.BOUND)

    async def settle(self, batch: ChargeBatch) -> Sequence[SettlementResult]:
        return []
