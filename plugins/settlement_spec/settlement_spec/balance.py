"""What a prepaid balance is made of, how it changes, and how it is topped up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from settlement_spec.money import Money


@dataclass(frozen=True)
class Window:
    """Which part of a list: ``limit`` of what was made after one thing and ``before`` another, the newest or the oldest
    first. The ids of what a channel lists are in the order of its making, as UUIDs of version 7 are."""

    limit: int = 500
    after: UUID | None = None
    before: UUID | None = None
    oldest_first: bool = False


NEWEST = Window()


class Source(StrEnum):
    """A part of a prepaid balance, in the order in which charges are paid from them."""

    VOUCHER = "VOUCHER"
    FULL_REDUCTION = "FULL_REDUCTION"
    CARD = "CARD"
    CASH = "CASH"


@dataclass(frozen=True)
class BalancePart:
    """What one part of a balance gained, or gave where ``amount`` is negative; ``fund_id`` names a voucher or card.

    ``void``: it was paid back to a voucher or card that is void by now, so that nobody has it.
    """

    source: Source
    amount: Money
    fund_id: UUID | None = None
    void: bool = False


@dataclass(frozen=True)
class AccountBalance:
    """What an account has in cash (negative: it owes) and on stored-value cards; and, ``moved``, as the sum of every
    movement."""

    account_id: UUID
    cash: Money
    cards: Money
    cash_moved: Money
    cards_moved: Money


class MovementKind(StrEnum):
    """Why a balance changed."""

    TOP_UP = "TOP_UP"
    VOUCHER_ISSUED = "VOUCHER_ISSUED"
    CARD_PURCHASED = "CARD_PURCHASED"
    CHARGE = "CHARGE"
    REFUND = "REFUND"
    EXPIRED = "EXPIRED"
    VOIDED = "VOIDED"


@dataclass(frozen=True)
class Movement:
    """One change of a balance. ``reference`` is the id of its cause: the charge, top-up (of a refund, too), voucher or
    card. ``for_account``: the other account whose charge it paid."""

    id: UUID
    account_id: UUID
    kind: MovementKind
    reference: UUID
    at: datetime
    parts: tuple[BalancePart, ...]
    for_account: UUID | None = None


@dataclass(frozen=True)
class Owing:
    """What an account owes: more was collected than was there, first at ``since``."""

    account_id: UUID
    amount: Money
    since: datetime


class TopUpState(StrEnum):
    """Whether the money has arrived."""

    REQUESTED = "REQUESTED"
    CONFIRMED = "CONFIRMED"
    CANCELLED = "CANCELLED"


@dataclass(frozen=True)
class Payee:
    """Whose bank account a transfer goes to; ``bank_code`` is the bank's code among banks: CNAPS (联行号), or SWIFT."""

    name: str
    bank: str
    account_number: str
    bank_code: str | None = None


@dataclass(frozen=True)
class TopUp:
    """Money on its way to a balance: a bank transfer, or an online payment, which has a ``pay_url`` to pay it at.

    ``reference`` is what the payer writes on the transfer; ``bank_reference`` is the bank's own name for it, or the
    payment provider's for the payment. ``refunded`` is what of it went back to the payer. ``payee`` is where an
    announced transfer is to go, if the channel knows.
    """

    id: UUID
    account_id: UUID
    amount: Money
    state: TopUpState
    reference: str
    requested_at: datetime
    bank_reference: str | None = None
    received: Money | None = None
    confirmed_by: str | None = None
    confirmed_at: datetime | None = None
    pay_url: str | None = None
    refunded: Money | None = None
    payee: Payee | None = None


@dataclass(frozen=True)
class Refund:
    """Money of a top-up that went back to the payer: a refund, or a dispute that was lost. ``reference`` is the bank's
    or the payment provider's name for it."""

    id: UUID
    top_up: TopUp
    amount: Money
    reference: str


class PaymentIssue(StrEnum):
    """Why people must look into an online payment: (perhaps) paid and not credited, or taken back after it was."""

    PAYMENT_NOT_CREDITED = "PAYMENT_NOT_CREDITED"
    PAYMENT_REVERSED = "PAYMENT_REVERSED"


class FundState(StrEnum):
    """Whether a voucher or card can pay."""

    USABLE = "USABLE"
    USED_UP = "USED_UP"
    EXPIRED = "EXPIRED"
    VOIDED = "VOIDED"


@dataclass(frozen=True)
class Fund:
    """A voucher or stored-value card: ``left`` of ``amount`` can still pay, until just before ``expires_at``."""

    id: UUID
    account_id: UUID
    source: Source
    state: FundState
    amount: Money
    left: Money
    issued_at: datetime
    expires_at: datetime
    issued_by: str
    note: str
    void_reason: str | None = None
