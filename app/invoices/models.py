"""Requests for a tax invoice (发票), and what became of them."""

from __future__ import annotations

from uuid import UUID

from tortoise import fields

from app.accounts.models import Account
from app.db.models import Row
from app.described import DescribedEnum


class InvoiceState(DescribedEnum):
    """How far a request for an invoice has come."""

    REQUESTED = "REQUESTED", "Finance staff are to issue it."
    ISSUED = "ISSUED", "Issued; it has a number."
    REJECTED = "REJECTED", "Refused; the reason says why."
    CANCELLED = "CANCELLED", "Withdrawn."


class Invoice(Row):
    """A request for an invoice over cash that was paid; amounts are minor units of ``currency``.

    ``country`` (ISO 3166-1 alpha-2) says whose rules the tax number follows; ``number`` is that of the issued invoice.
    """

    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField("app.Account", on_delete=fields.RESTRICT)
    account_id: UUID
    state = fields.CharEnumField(InvoiceState, max_length=10)
    title = fields.CharField(max_length=200)
    country = fields.CharField(max_length=2)
    tax_number = fields.CharField(max_length=40)
    email = fields.CharField(max_length=254)
    address = fields.CharField(max_length=500, null=True)
    amount_minor = fields.BigIntField()
    currency = fields.CharField(max_length=3)
    requested_by = fields.CharField(max_length=254)
    requested_at = fields.DatetimeField()
    number = fields.CharField(max_length=40, null=True, unique=True)
    reason = fields.CharField(max_length=500, null=True)
    decided_by = fields.CharField(max_length=254, null=True)
    decided_at = fields.DatetimeField(null=True)

    class Meta:
        table = "invoice"
        indexes = (("account_id", "state"),)
