"""A mail server that keeps what it gets."""

from __future__ import annotations

from typing import Any


class Mailbox:
    """A mail server's handler: keeps what it is sent."""

    def __init__(self) -> None:
        self.messages: list[tuple[list[str], bytes]] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.messages.append((envelope.rcpt_tos, envelope.content))
        return "250 OK"
