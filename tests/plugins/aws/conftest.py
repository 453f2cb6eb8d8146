"""The channel on a fresh database, and AWS's stand-in on a real port."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import httpx
import pytest
from settlement_aws.channel import AwsMarketplace
from settlement_spec import BindingEnd
from settlement_spec.conformance.recorder import Recorder
from starlette.applications import Starlette
from starlette.routing import Mount

from tests.standins.aws import Aws

ARN = "arn:aws:license-manager::294406891311:license:l-0123456789abcdef"
ACCOUNT = "123456789012"


class World:
    """The clock of the stand-in and of the channel: midnight in Shanghai is 16:00 UTC."""

    def __init__(self) -> None:
        self.at = datetime(2026, 3, 2, 16, 10, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def forward(self, **delta: float) -> None:
        self.at += timedelta(**delta)


class Host(Recorder):
    """What a billing center offers, writing down what it hears."""

    settings: dict[str, str]

    def __init__(self, settings: dict[str, str]) -> None:
        super().__init__(settings)
        self.calls: list[tuple[object, ...]] = []

    async def binding_confirmed(self, account_id: UUID, external_reference: str | None) -> None:
        self.calls.append(("confirmed", account_id, external_reference))

    async def binding_ended(
        self, account_id: UUID, external_reference: str | None, end: BindingEnd, reason: str
    ) -> None:
        self.calls.append(("ended", account_id, external_reference, end))

    async def settle_soon(self, account_id: UUID, external_reference: str | None, until: datetime) -> None:
        self.calls.append(("soon", account_id, external_reference, until))


class Seller:
    """A seller's process: its channel, its endpoints over HTTP, and the marketplace that it talks to."""

    def __init__(self, aws: Aws, world: World, host: Host) -> None:
        self.aws, self.world, self.host = aws, world, host
        self.channel = AwsMarketplace(world)
        self.http = httpx.AsyncClient()

    async def restart(self, **settings: str) -> None:
        """A new process on the same database."""
        self.host.settings |= settings
        self.channel = AwsMarketplace(self.world)
        await self.channel.start(self.host)
        app = Starlette(routes=[Mount("/channels/aws", routes=list(self.channel.routes()))])
        self.http = httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://seller/channels/aws")

    async def register(self, token: str) -> httpx.Response:
        """What the buyer's browser sends when it comes from AWS."""
        return await self.http.post("/register", data={"x-amzn-marketplace-token": token})


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
async def aws(world: World) -> AsyncIterator[Aws]:
    """The stand-in, served on a port of its own."""
    async with Aws(world, rate=1_000).serving() as aws:
        yield aws


@pytest.fixture
async def seller(database: str, aws: Aws, world: World) -> Seller:
    seller = Seller(
        aws,
        world,
        Host(
            {
                **aws.settings(),
                "timeout_seconds": "5",
                "eventbridge_api_key": "event-key",
                "console_url": "https://console.example.com/billing",
            }
        ),
    )
    await seller.restart()
    return seller
