"""The channel's surroundings, for the conformance kit: a mail server that misbehaves on request."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping, Sequence
from email import message_from_bytes
from typing import Any
from uuid import UUID

from aiosmtpd.smtp import SMTP
from settlement_spec import Charge, SettlementChannel
from settlement_spec.conformance import Account, Callback, Collected, Harness, Misbehaviour

KEY = "the-signing-key-of-the-tests"
LINE = re.compile(r"^([0-9a-f-]{36}) \S+ \S+ (-?\d+) CNY fen\r?$", re.MULTILINE)


class Mailbox:
    """What aiosmtpd calls; ``invoices`` are the e-mails by Message-ID, as an accountant files them."""

    def __init__(self) -> None:
        self.trouble: Misbehaviour | None = None
        self.invoices: dict[str, tuple[str, str]] = {}
        self.count = 0

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.count += 1
        match self.trouble:
            case Misbehaviour.ERROR:
                return "451 try again"
            case Misbehaviour.THROTTLE:
                return "450 too many messages"
            case Misbehaviour.DROP:
                server.transport.abort()
                return "421 gone"
            case Misbehaviour.PARTIAL_FAILURE if self.count % 2:
                return "452 this one not"
        message = message_from_bytes(envelope.content)
        self.invoices[message["Message-ID"]] = (message["To"], str(message.get_payload()))
        if self.trouble == Misbehaviour.ACCEPT_THEN_TIME_OUT:
            await asyncio.sleep(1)
        return "250 OK"


class InvoiceHarness(Harness):
    """A mail server on a free port."""

    wrong_configurations = ({"email": "nobody"}, {"email": "a b@c.example"})
    misbehaviours = frozenset(Misbehaviour)
    public_settings = frozenset({"smtp_host", "smtp_port", "sender", "timeout"})

    async def start(self) -> None:
        self.box = Mailbox()
        loop = asyncio.get_running_loop()
        self.server = await loop.create_server(lambda: SMTP(self.box, hostname="mail.invalid"), "127.0.0.1", 0)
        port = str(self.server.sockets[0].getsockname()[1])
        sender = {"sender": "billing@vendor.example", "signing_key": KEY, "timeout": "0.3"}
        self.settings = {"smtp_host": "127.0.0.1", "smtp_port": port, **sender}

    async def stop(self) -> None:
        self.server.close()

    def configuration(self, number: int) -> Mapping[str, Any]:
        return {"email": f"payer{number}@customer.example"}

    async def collected(self, channel: SettlementChannel, charges: Sequence[Charge]) -> Iterable[Collected]:
        return [
            Collected(UUID(charge), int(minor), to)
            for to, text in self.box.invoices.values()
            for charge, minor in LINE.findall(text)
        ]

    async def complete(self, charges: Sequence[Charge], client: Any) -> None:
        for callback in self._paid(KEY):
            await client.post(callback.path, headers=callback.headers)

    async def misbehave(self, how: Misbehaviour) -> None:
        self.box.trouble = how

    async def recover(self) -> None:
        self.box.trouble = None

    async def genuine_callbacks(self, account: Account) -> Sequence[Callback]:
        return self._paid(KEY)

    async def forged_callbacks(self, account: Account) -> Sequence[Callback]:
        return [Callback(f"paid/{UUID(int=7)}"), *self._paid("another key"), *self._paid("")]

    def _paid(self, key: str) -> list[Callback]:
        numbers = [message_id.partition("@")[0].lstrip("<") for message_id in self.box.invoices]
        signed = [(number, hmac.new(key.encode(), number.encode(), hashlib.sha256).hexdigest()) for number in numbers]
        return [Callback(f"paid/{number}", headers={"x-signature": signature}) for number, signature in signed]


def pytest_settlement_channel_harness(name: str) -> Harness | None:
    return InvoiceHarness() if name == "invoice" else None
