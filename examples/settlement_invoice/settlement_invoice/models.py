"""The channel's table."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from settlement_spec import Charge
from tortoise import fields
from tortoise.models import Model


class InvoiceLine(Model):
    """A charge and the invoice that it stands on, for ever; an invoice is the lines of one ``invoice`` number."""

    charge_id: UUID = fields.UUIDField(primary_key=True)
    invoice: UUID = fields.UUIDField(db_index=True)
    email = fields.CharField(max_length=254)
    text = fields.CharField(max_length=200)
    amount_minor = fields.BigIntField()
    sent_at: datetime | None = fields.DatetimeField(null=True)
    paid_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "invoice_line"
        app = "settlement_invoice"

    @classmethod
    def of(cls, charge: Charge, invoice: UUID) -> InvoiceLine:
        """The charge on an invoice, not saved yet."""
        text = f"{charge.id} {charge.day} {charge.kind} {charge.amount.minor} {charge.amount.currency} fen"
        email = str(charge.configuration["email"])
        return cls(charge_id=charge.id, invoice=invoice, email=email, text=text, amount_minor=charge.amount.minor)
