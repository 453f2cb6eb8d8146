"""The channel under test, for each check."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from settlement_spec.conformance.bench import Bench
from settlement_spec.conformance.harness import Harness


@pytest_asyncio.fixture(loop_scope="session")
async def harness(
    settlement_channel_name: str, settlement_database: None, pytestconfig: pytest.Config
) -> AsyncIterator[Harness]:
    """The author's harness, or one for a channel that needs none."""
    found = pytestconfig.hook.pytest_settlement_channel_harness(name=settlement_channel_name)
    harness: Harness = found or Harness()
    await harness.start()
    yield harness
    await harness.stop()


@pytest.fixture
def idle(settlement_channel_name: str, harness: Harness) -> Bench:
    """The channel, not started."""
    return Bench(settlement_channel_name, harness)


@pytest_asyncio.fixture(loop_scope="session")
async def bench(idle: Bench) -> AsyncIterator[Bench]:
    """The channel, started with the harness's settings."""
    await idle.start()
    yield idle
    await idle.channel.stop()
