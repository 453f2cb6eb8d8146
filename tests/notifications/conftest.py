"""A customer's web server on this machine, and settings that let it be posted to."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from app.settings import Settings, get_settings
from tests.notifications.receiving import Receiver, serving


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    made = Receiver()
    async with serving(made):
        yield made


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings that let webhooks go to this machine."""
    found = get_settings()
    monkeypatch.setattr(found, "webhook_allow_private", True)
    return found
