"""The channel, connected to a stand-in of the marketplace over the network, and the marketplace's way to call it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from settlement_aliyun.channel import AlibabaCloudMarketplace
from settlement_spec import (
    BindingEnd,
    BindRequest,
    Charge,
    ChargeBatch,
    ChargeKind,
    Money,
    SettlementResult,
)
from settlement_spec.conformance.recorder import Recorder
from starlette.applications import Starlette
from starlette.routing import Mount

from tests.standins.aliyun import PRODUCT, Standin, call_seller

UID = "1234567890123456"
DAY_END = datetime(2026, 3, 1, 16, tzinfo=UTC)
URL = "http://billing.test/channels/aliyun/"


@dataclass
class Host(Recorder):
    """What the billing center offers; notes what it hears."""

    settings: dict[str, str]
    failing: bool = False

    async def binding_confirmed(self, account_id: UUID, external_reference: str | None) -> None:
        self.calls.append(("confirmed", account_id, external_reference))

    async def binding_ended(
        self, account_id: UUID, external_reference: str | None, end: BindingEnd, reason: str
    ) -> None:
        if self.failing:
            raise RuntimeError("the host is down")
        self.calls.append((end, account_id, external_reference))

    async def settle_soon(self, account_id: UUID, external_reference: str | None, until: datetime) -> None:
        self.calls.append(("soon", account_id, external_reference))


class World:
    """A marketplace, and a seller whose process can be restarted; both on one clock that the test moves."""

    def __init__(self, standin: Standin) -> None:
        self.standin = standin
        self.now = DAY_END + timedelta(minutes=30)
        standin.now = lambda: self.now.timestamp()
        self.host = Host(
            {
                **standin.settings(),
                "product_codes": f"{PRODUCT}, other",
                "front_end_url": "https://billing.example.com",
                "call_seconds": "2",
            }
        )

    async def restart(self, **settings: str) -> None:
        """A new process of the seller's, with these settings besides."""
        self.host.settings |= settings
        self.channel = AlibabaCloudMarketplace(lambda: self.now)
        await self.channel.start(self.host)
        app = Starlette(routes=[Mount("/channels/aliyun", routes=list(self.channel.routes()))])
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        self.http = httpx.AsyncClient(transport=transport)

    async def call(self, action: str, **parameters: str) -> httpx.Response:
        """The marketplace calls the seller."""
        return await call_seller(self.http, URL, action, **parameters)

    async def sell(self, id: str = "i-1", product: str = PRODUCT, **more: str) -> httpx.Response:
        """A customer subscribes."""
        self.standin.add(id, product)
        wanted = {"aliUid": UID, "orderBizId": id, "orderId": "o-1", "productCode": product, "skuId": "s"}
        return await self.call("createInstance", **{"trial": "false", **wanted, **more})

    async def bind(self, account: UUID, id: str = "i-1", uid: str = UID, **more: str) -> Any:
        """An account is linked."""
        configuration = {"aliyunUid": uid, "instanceId": id, **more}
        return await self.channel.bind(BindRequest(account, "Acme", configuration, self.now))

    async def settle(self, *charges: Charge) -> list[SettlementResult]:
        """Hand charges over."""
        return list(await self.channel.settle(ChargeBatch(charges, self.now)))

    def later(self, seconds: float = 75) -> None:
        """Time passes."""
        self.now += timedelta(seconds=seconds)


def charge(
    id: str = "i-1", units: int = 20, minor: int | None = None, *, ends: datetime = DAY_END, **more: Any
) -> Charge:
    """A charge of a day for an instance, 5 CNY a unit."""
    given: dict[str, Any] = {
        "id": uuid4(),
        "account_id": uuid4(),
        "external_reference": id,
        "configuration": {},
        "kind": ChargeKind.DAILY,
        "day": date(2026, 3, 1),
        "day_ends_at": ends,
        "due_from": ends,
        "units": units,
        "amount": Money(units * 500 if minor is None else minor, "CNY"),
        **more,
    }
    return Charge(**given)


@pytest.fixture
async def world(database: str) -> AsyncIterator[World]:
    """A marketplace that has sold one instance, ``i-1``."""
    async with Standin().serving() as standin:
        made = World(standin)
        await made.restart()
        await made.sell()
        yield made
