"""Charges, and the double-entry journal of everything owed and paid."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from tortoise import fields
from tortoise.models import Model

from app.accounts.models import Account
from app.catalog.models import PricePlan
from app.db.models import Row
from app.described import DescribedEnum


class ChargeKind(DescribedEnum):
    """Why a charge was raised."""

    DAILY = "DAILY", "A billing day was closed."
    ADJUSTMENT = "ADJUSTMENT", "Usage came or was corrected after its day was closed; the amount is the difference."
    CREDIT_NOTE = "CREDIT_NOTE", "Finance staff gave a charge back, in whole or in part."
    INSTALMENT = "INSTALMENT", "An instalment of a contract was due."


class LineKind(DescribedEnum):
    """What a line of a charge is for."""

    USAGE = "USAGE", "What was billed of the plan's meter."
    BASE_FEE = "BASE_FEE", "The plan's fee for the day, whatever was used."
    DISCOUNT = "DISCOUNT", "What a discount took off."
    INSTALMENT = "INSTALMENT", "An instalment of a contract."
    CREDIT = "CREDIT", "What was given back."


@dataclass(frozen=True)
class ChargeLine:
    """A part of what a charge comes to: so many units, or one of a fee, in minor units of ``currency``; of a discount,
    its key and name."""

    kind: LineKind
    quantity: int
    amount_minor: int
    currency: str
    discount_id: UUID | None = None
    name: str = ""

    @classmethod
    def of(cls, line: Mapping[str, Any], currency: str) -> ChargeLine:
        """A line as a charge keeps it."""
        discount_id = UUID(line["discount_id"]) if "discount_id" in line else None
        name = line.get("name", "")
        return cls(LineKind(line["kind"]), line["quantity"], line["amount_minor"], currency, discount_id, name)


class Charge(Row):
    """What an account owes for one billing day, a correction of that, or an instalment; rows are never changed.

    ``sequence`` is 0 for a day's own charge, and counts up with its corrections; instalments due on the day, and what
    is given back of them, count down from -1, and are not the day's. An instalment is one unit of its contract's plan.

    ``quantity`` is the day's count of the plan's meter, ``billed_quantity`` what was priced (less the plan's free
    allowance, and its minimum at the least), ``units`` what this row adds to what was priced: an adjustment's may be
    negative. ``corrects`` is for an adjustment the day's own charge, and for a credit note the one that is given back.
    Amounts are in minor units of ``currency``; an adjustment's is the difference and may be negative. ``lines``
    make the amount, as objects with the fields of ``ChargeLine``. ``raise_charges`` in the database writes the rows.
    """

    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField("app.Account", on_delete=fields.RESTRICT)
    account_id: UUID
    plan: fields.ForeignKeyRelation[PricePlan] = fields.ForeignKeyField("app.PricePlan", on_delete=fields.RESTRICT)
    plan_id: UUID
    kind = fields.CharEnumField(ChargeKind, max_length=12)
    day = fields.DateField()
    sequence = fields.IntField()
    quantity: int = fields.BigIntField()
    billed_quantity: int = fields.BigIntField()
    units: int = fields.BigIntField()
    lines: list[dict[str, Any]] = fields.JSONField()
    amount_minor = fields.BigIntField()
    currency = fields.CharField(max_length=3)
    raised_at = fields.DatetimeField()
    corrects: fields.ForeignKeyNullableRelation[Charge] = fields.ForeignKeyField(
        "app.Charge", related_name="corrections", on_delete=fields.RESTRICT, null=True
    )
    corrects_id: UUID | None

    @property
    def itemized(self) -> list[ChargeLine]:
        """Its lines, which add up to its amount."""
        return [ChargeLine.of(line, self.currency) for line in self.lines]

    @property
    def discount_minor(self) -> int:
        """What its discounts came to, below zero."""
        return sum(line.amount_minor for line in self.itemized if line.kind == LineKind.DISCOUNT)

    class Meta:
        table = "charge"
        unique_together = (("account", "day", "sequence"),)


class JournalTransaction(Row):
    """One movement of money; its entries sum to zero. ``(kind, reference)`` names what caused it, once."""

    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField("app.Account", on_delete=fields.RESTRICT)
    account_id: UUID
    kind = fields.CharField(max_length=40)
    reference: UUID = fields.UUIDField()
    at = fields.DatetimeField()

    class Meta:
        table = "journal_transaction"
        unique_together = (("kind", "reference"),)


class LedgerAccountKind(DescribedEnum):
    """What a ledger account holds."""

    RECEIVABLE = "RECEIVABLE", "What is charged and not collected."
    REVENUE = "REVENUE", "What was earned."
    DEFERRED = "DEFERRED", "What contracts charged ahead, and have still to earn."
    DISCOUNTS = "DISCOUNTS", "What coupons took off, and vouchers paid."
    BREAKAGE = "BREAKAGE", "What was left on cards that expired, and what went back to them after that."
    BANK = "BANK", "What was paid in, by transfer or online."
    SHARED = "SHARED", "What one account's balance paid for another account."
    CHANNEL = "CHANNEL", "What a settlement channel's provider collected."
    PREPAID = "PREPAID", "The cash in prepaid balances."
    CARDS = "CARDS", "What is left on stored-value cards."


OF_CHANNELS = (LedgerAccountKind.CHANNEL, LedgerAccountKind.PREPAID, LedgerAccountKind.CARDS)
"""Of these kinds each settlement channel has an account of its own."""


class LedgerAccount(Model):
    """An account of the ledger."""

    name = fields.CharField(max_length=60, primary_key=True)
    kind = fields.CharEnumField(LedgerAccountKind, max_length=10)
    channel = fields.CharField(max_length=40, null=True)

    class Meta:
        table = "ledger_account"
        unique_together = (("kind", "channel"),)


class JournalEntry(Row):
    """One side of a movement: a debit is positive, a credit negative, in minor units of ``currency``."""

    transaction: fields.ForeignKeyRelation[JournalTransaction] = fields.ForeignKeyField(
        "app.JournalTransaction", on_delete=fields.RESTRICT
    )
    transaction_id: UUID
    ledger_account: fields.ForeignKeyRelation[LedgerAccount] = fields.ForeignKeyField(
        "app.LedgerAccount", on_delete=fields.RESTRICT
    )
    ledger_account_id: str
    amount_minor = fields.BigIntField()
    currency = fields.CharField(max_length=3)

    class Meta:
        table = "journal_entry"
