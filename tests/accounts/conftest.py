"""A mail server for tests of what is mailed to users."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiosmtpd.smtp import SMTP

from app.settings import get_settings
from tests.notifications.mailbox import Mailbox


@pytest.fixture
async def mailbox(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Mailbox]:
    """A mail server that settings name."""
    made = Mailbox()
    async with await asyncio.get_running_loop().create_server(lambda: SMTP(made), "127.0.0.1", 0) as server:
        monkeypatch.setattr(get_settings(), "smtp_url", f"smtp://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        monkeypatch.setattr(get_settings(), "confirm_addresses", False)
        yield made
