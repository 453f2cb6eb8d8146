"""The channel on a fresh database, with its books checked after each test."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from settlement_guance.channel import EnterpriseAccount

from tests.plugins.guance.books import differences


@pytest.fixture
async def channel(database: str) -> AsyncIterator[EnterpriseAccount]:
    """The channel; after each test, every movement sums to zero and every balance is the sum of its entries."""
    yield EnterpriseAccount()
    assert await differences() == []
