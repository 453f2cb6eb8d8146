"""A channel that does as it is told, and accounts that owe."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from importlib.metadata import EntryPoint, entry_points
from types import ModuleType
from typing import Any
from uuid import UUID

import httpx
import pytest
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
    Outcome,
    ProviderRecord,
    Reconciliation,
    SettlementChannel,
    SettlementResult,
    hookimpl,
)

from app.api.node import decode_id
from app.bootstrap import Runtime
from app.closing.days import close_due
from app.db.connection import tortoise_config
from app.journey.callbacks import Callbacks
from app.main import create_app
from app.settings import get_settings
from app.settlement.host import ENTRY_POINT_GROUP, ChannelHost
from tests.api.driver import PAY_AS_YOU_GO, Api, activate, agreed, license_and_key, registered
from tests.conftest import TravellingClock

Plug = Callable[..., EntryPoint]
Answer = Callable[[Charge], SettlementResult | None]
Owing = Callable[..., Awaitable[tuple[Api, str, UUID]]]


class Scripted(SettlementChannel, Reconciliation):
    """A provider's channel: it answers as the test says, and remembers what it was handed."""

    def __init__(self, push_within: timedelta | None) -> None:
        self.push_within = push_within
        self.handed: list[Charge] = []
        self.batches: list[int] = []
        self.answer: Answer = lambda charge: SettlementResult(charge.id, Outcome.SETTLED, f"r-{charge.id}")
        self.bind_state = BindState.BOUND
        self.reference: str | None = "subscription-1"
        self.unbound: list[UUID] = []
        self.records: list[ProviderRecord] = []
        self.ticks: list[datetime] = []
        self.host: HostServices | None = None

    def describe(self) -> ChannelDescription:
        return ChannelDescription(
            key="scripted",
            display_name={"zh": "剧本", "en": "Scripted"},
            currencies=frozenset({"CNY"}),
            capabilities=frozenset({Capability.METERED_PUSH}),
            limits=Limits(batch_size=3, push_within=self.push_within),
            configuration_schema={"type": "object"},
            meters=frozenset({"datakit"}),
        )

    async def start(self, host: HostServices) -> None:
        self.host = host

    async def bind(self, request: BindRequest) -> BindResult:
        return BindResult(self.bind_state, external_reference=self.reference, continue_url="https://provider.example")

    async def unbind(self, account_id: UUID) -> None:
        self.unbound.append(account_id)

    async def settle(self, batch: ChargeBatch) -> Sequence[SettlementResult]:
        self.handed += batch.charges
        self.batches.append(len(batch.charges))
        return [result for charge in batch.charges if (result := self.answer(charge))]

    async def tick(self, now: datetime) -> None:
        self.ticks.append(now)

    async def reconcile(self, since: datetime, until: datetime) -> Sequence[ProviderRecord]:
        return [record for record in self.records if since <= record.at < until]


@pytest.fixture
def plug(monkeypatch: pytest.MonkeyPatch) -> Plug:
    """Makes an importable plugin module of a hook, and the entry point that names it."""
    count = 0

    def make(name: str, hook: Callable[..., Any]) -> EntryPoint:
        nonlocal count
        count += 1
        module = ModuleType(f"plugged_{count}")
        module.register_settlement_channels = hookimpl(  # type: ignore[attr-defined]
            hook, specname="register_settlement_channels"
        )
        monkeypatch.setitem(sys.modules, module.__name__, module)
        return EntryPoint(name, module.__name__, ENTRY_POINT_GROUP)

    return make


@pytest.fixture
def scripted(request: pytest.FixtureRequest) -> Scripted:
    """The channel; its deadline is 6 hours, or the fixture's parameter."""
    return Scripted(getattr(request, "param", timedelta(hours=6)))


@pytest.fixture
async def runtime(database: str, plug: Plug, scripted: Scripted) -> AsyncIterator[Runtime]:
    """A process that has the scripted channel beside the installed ones."""
    host = ChannelHost([*entry_points(group=ENTRY_POINT_GROUP), plug("scripted", lambda: [scripted])])
    await host.start(lambda key: Callbacks(host, key))
    yield Runtime(get_settings(), database, tortoise_config(database, host.tortoise_apps()), host, database)
    await host.stop()


@pytest.fixture
async def api(runtime: Runtime) -> AsyncIterator[Api]:
    """A client of the application, not signed in."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=create_app(runtime))) as http:
        yield Api(http)


@pytest.fixture
def owing(api: Api, travelling_clock: TravellingClock) -> Owing:
    """Makes a production account paid by the scripted channel that owes for one day, which ended ten minutes ago."""

    async def make(channel: str = "scripted", days: int = 1) -> tuple[Api, str, UUID]:
        began = travelling_clock.at = datetime.fromisoformat("2026-03-10T12:00:00+08:00")
        mine, account = await registered(api, sandbox=False)
        await mine.call("upgradeEdition", "account { id }", accountId=account, edition=PAY_AS_YOU_GO)
        await agreed(mine, account)
        chosen = await mine.call("chooseSettlementChannel", "binding { state }", accountId=account, channel=channel)
        assert chosen["binding"]["state"] == "BOUND", chosen
        await activate(mine, *await license_and_key(mine, account))
        travelling_clock.at = began + timedelta(days=7 + days, hours=12, minutes=10)
        await close_due()
        return mine, account, decode_id(account, "Account", "id")

    return make
