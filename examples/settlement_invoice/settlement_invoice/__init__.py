"""Invoices by e-mail: one for each account and batch, settled when its payment is noted through a signed route.

An e-mail cannot be taken back, so which invoice a charge stands on is written down before it is sent. After a crash or
a time-out the same invoice is sent again under the same number, which is one debt however often it arrives.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from email.message import EmailMessage
from itertools import groupby
from typing import Any
from uuid import UUID, uuid4

import aiosmtplib
from settlement_spec import (
    BindRequest,
    BindResult,
    BindState,
    Capability,
    ChannelDescription,
    ChannelRefusal,
    Charge,
    ChargeBatch,
    Health,
    HealthStatus,
    HostServices,
    Limits,
    Outcome,
    SettlementChannel,
    SettlementResult,
    TortoiseApp,
    hookimpl,
)
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from settlement_invoice.models import InvoiceLine

NEEDED = ("smtp_host", "smtp_port", "sender", "signing_key")
EMAIL = {"type": "string", "maxLength": 254, "title": "E-mail", "x-zh": {"title": "接收发票的邮箱"}}


class Invoices(SettlementChannel):
    """Bills in CNY; a negative charge is a credit note."""

    settings: Mapping[str, str] = {}

    def describe(self) -> ChannelDescription:
        """Pays back; one address to configure; a table."""
        return ChannelDescription(
            key="invoice",
            display_name={"en": "Invoice by e-mail", "zh": "电子邮件账单"},
            currencies=frozenset({"CNY"}),
            capabilities=frozenset({Capability.CREDIT}),
            limits=Limits(batch_size=100),
            configuration_schema={
                "type": "object",
                "properties": {"email": EMAIL},
                "required": ["email"],
                "additionalProperties": False,
            },
            tortoise_app=TortoiseApp(
                "settlement_invoice", "settlement_invoice.models", "settlement_invoice.migrations"
            ),
        )

    async def start(self, host: HostServices) -> None:
        """Keeps the settings."""
        self.settings = host.settings

    async def health(self) -> Health:
        """Names the settings that are missing."""
        missing = [f"BILLING_CHANNEL_INVOICE_{name.upper()}" for name in NEEDED if name not in self.settings]
        return (
            Health(HealthStatus.NOT_CONFIGURED, "set " + ", ".join(missing))
            if missing
            else Health(HealthStatus.HEALTHY)
        )

    async def bind(self, request: BindRequest) -> BindResult:
        """Linked at once, by the address."""
        email = str(request.configuration["email"])
        name, at, domain = email.partition("@")
        if not (name and at and "." in domain and email.isprintable() and " " not in email):
            raise ChannelRefusal("email", "email must be an address like a@b.example.", "email 须为有效的邮箱地址。")
        return BindResult(BindState.BOUND, external_reference=email)

    async def settle(self, batch: ChargeBatch) -> Sequence[SettlementResult]:
        """Sends what is new or not known to be sent; the answer is that of each charge's invoice."""
        if (await self.health()).status != HealthStatus.HEALTHY:
            return [SettlementResult(one.id, Outcome.RETRY_LATER, reason="not configured") for one in batch.charges]
        billed = [one for one in batch.charges if one.amount.currency == "CNY" and one.amount.minor and not one.sandbox]
        for _, charges in groupby(sorted(billed, key=lambda one: one.account_id), key=lambda one: one.account_id):
            invoice = uuid4()
            await InvoiceLine.bulk_create([InvoiceLine.of(one, invoice) for one in charges], ignore_conflicts=True)
        lines = {line.charge_id: line for line in await InvoiceLine.filter(charge_id__in=[one.id for one in billed])}
        unsent = {line.invoice for line in lines.values() if line.sent_at is None}
        failures = {invoice: failure for invoice in unsent if (failure := await self._send(invoice))}
        return [_result(charge, lines.get(charge.id), failures) for charge in batch.charges]

    async def _send(self, invoice: UUID) -> str | None:
        lines = await InvoiceLine.filter(invoice=invoice).order_by("charge_id")
        message = EmailMessage()
        message["From"], message["To"] = self.settings["sender"], lines[0].email
        message["Message-ID"], message["Subject"] = f"<{invoice}@invoice>", f"Invoice {invoice}"
        message.set_content("".join(f"{line.text}\n" for line in lines))
        wait = float(self.settings.get("timeout", "10"))
        host, port = self.settings["smtp_host"], int(self.settings["smtp_port"])
        try:
            await aiosmtplib.send(message, hostname=host, port=port, timeout=wait)
        except (aiosmtplib.SMTPException, OSError) as error:
            return type(error).__name__
        await InvoiceLine.filter(invoice=invoice).update(sent_at=datetime.now(UTC))
        return None

    def routes(self) -> Sequence[Any]:
        """``POST paid/<invoice>``, with the HMAC-SHA256 of the invoice's number in ``X-Signature``."""
        return [Route("/paid/{invoice:uuid}", self._paid, methods=["POST"])]

    async def _paid(self, request: Request) -> Response:
        invoice: UUID = request.path_params["invoice"]
        key = self.settings.get("signing_key", "").encode()
        wanted = hmac.new(key, str(invoice).encode(), hashlib.sha256).hexdigest().encode()
        if not key or not hmac.compare_digest(wanted, request.headers.get("x-signature", "").encode()):
            return Response(status_code=403)
        noted = await InvoiceLine.filter(invoice=invoice, paid_at=None).update(paid_at=datetime.now(UTC))
        return Response(status_code=204 if noted or await InvoiceLine.exists(invoice=invoice) else 404)


def _result(charge: Charge, line: InvoiceLine | None, failures: Mapping[UUID, str]) -> SettlementResult:
    if charge.amount.currency != "CNY":
        return SettlementResult(charge.id, Outcome.REJECTED, reason="invoices are in CNY only")
    if line is None:
        return SettlementResult(charge.id, Outcome.SETTLED, reason="nothing to pay")
    if line.invoice in failures:
        return SettlementResult(charge.id, Outcome.UNKNOWN, reason=f"the mail server: {failures[line.invoice]}")
    return SettlementResult(charge.id, Outcome.SETTLED if line.paid_at else Outcome.ACCEPTED, str(line.invoice))


@hookimpl
def register_settlement_channels(spec_version: int) -> list[SettlementChannel]:
    """The channel."""
    return [Invoices()]
