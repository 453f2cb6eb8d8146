"""What passes between the billing center and a channel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from settlement_spec.money import Money


class Capability(StrEnum):
    """What a channel can do; the billing center asks for these, never for a channel by name.

    ``SHARED_BALANCE``: an account's balance can pay another's charges (``Charge.paid_by``).
    ``EXTERNAL_SUBSCRIPTION``: it is bought at a marketplace, and can end there. ``METERED_PUSH``: it hands over
    ``Charge.units``, which the provider prices. ``CREDIT``: it can pay back a negative charge. The other two follow
    from the protocols that the channel implements, and need not be declared.
    """

    PREPAID_BALANCE = "PREPAID_BALANCE"
    SHARED_BALANCE = "SHARED_BALANCE"
    EXTERNAL_SUBSCRIPTION = "EXTERNAL_SUBSCRIPTION"
    METERED_PUSH = "METERED_PUSH"
    CREDIT = "CREDIT"
    RECONCILIATION = "RECONCILIATION"


class HealthStatus(StrEnum):
    """Whether a channel can work now."""

    HEALTHY = "HEALTHY"
    NOT_CONFIGURED = "NOT_CONFIGURED"
    UNHEALTHY = "UNHEALTHY"


class BindState(StrEnum):
    """Whether an account is linked to the channel, or the provider's confirmation is awaited."""

    BOUND = "BOUND"
    PENDING = "PENDING"


class Outcome(StrEnum):
    """What became of a charge that was handed over."""

    SETTLED = "SETTLED"
    ACCEPTED = "ACCEPTED"
    RETRY_LATER = "RETRY_LATER"
    REJECTED = "REJECTED"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True)
class TortoiseApp:
    """A channel's own tables: a Tortoise app label, its models module and its migrations package."""

    label: str
    models_module: str
    migrations_module: str


@dataclass(frozen=True)
class Limits:
    """What a provider takes.

    ``batch_size``: charges a call. ``push_within``: how long after ``Charge.due_from`` a charge may still be handed
    over; after that it is not tried again, and staff look into it. ``None``: for ever.
    """

    batch_size: int = 100
    push_within: timedelta | None = None


class Shape(StrEnum):
    """What an amount is made of beside units at one price: what a provider that prices units by itself may not know.

    ``PACKAGES``: a price for several units together. ``TIERS``: a price by how many there are. ``BASE_FEE``: an amount
    for the day. ``INSTALMENTS``: parts of a contract's price. ``DISCOUNTS``: less than the price says.
    """

    PACKAGES = "PACKAGES"
    TIERS = "TIERS"
    BASE_FEE = "BASE_FEE"
    INSTALMENTS = "INSTALMENTS"
    DISCOUNTS = "DISCOUNTS"


IN_CHINESE = "x-zh"
"""The keyword of a configuration schema's property with its ``title`` and ``description`` in Chinese."""


@dataclass(frozen=True)
class ChannelDescription:
    """What a channel says of itself. Names are by language (``zh``, ``en``); the schema is JSON Schema 2020-12, each of
    whose properties has a ``title`` in English, and one in Chinese under ``x-zh``: customers read them.

    ``meters``: of which meters it can collect charges, by their keys; ``None``: of any, which a channel that pushes
    units cannot say. ``shapes``: what of an amount it can carry; ``None``: everything, or, where it pushes units,
    nothing but units at one price each. The billing center hands over no other charge, and links no account to it that
    has a price plan with others.

    Raises:
        ValueError: it declares ``METERED_PUSH``, and names no meters.
    """

    key: str
    display_name: Mapping[str, str]
    currencies: frozenset[str]
    capabilities: frozenset[Capability]
    limits: Limits
    configuration_schema: Mapping[str, Any]
    tortoise_app: TortoiseApp | None = None
    meters: frozenset[str] | None = None
    shapes: frozenset[Shape] | None = None

    def __post_init__(self) -> None:
        if Capability.METERED_PUSH in self.capabilities and not self.meters:
            raise ValueError("a channel that declares METERED_PUSH names the meters whose units it pushes")

    @property
    def carries(self) -> frozenset[Shape]:
        """What of an amount it can carry, beside units at one price each."""
        if self.shapes is not None:
            return self.shapes
        return frozenset() if Capability.METERED_PUSH in self.capabilities else frozenset(Shape)


@dataclass(frozen=True)
class Health:
    """Whether the channel can work now, and if not, what to do about it."""

    status: HealthStatus
    message: str = ""


@dataclass(frozen=True)
class BindRequest:
    """An account wants to be paid for by the channel; ``configuration`` fits the channel's schema."""

    account_id: UUID
    account_name: str
    configuration: Mapping[str, Any]
    now: datetime


@dataclass(frozen=True)
class BindResult:
    """``external_reference`` is the channel's name for the account; ``continue_url`` is where a pending one goes on."""

    state: BindState
    external_reference: str | None = None
    continue_url: str | None = None


class ChargeKind(StrEnum):
    """A day's own charge, a correction of it by late usage, a credit that the vendor's staff gave, or a part of a
    contract's price, whose amount no unit price explains."""

    DAILY = "DAILY"
    ADJUSTMENT = "ADJUSTMENT"
    CREDIT_NOTE = "CREDIT_NOTE"
    INSTALMENT = "INSTALMENT"


class LineKind(StrEnum):
    """What a line of a charge is for."""

    USAGE = "USAGE"
    BASE_FEE = "BASE_FEE"
    INSTALMENT = "INSTALMENT"
    CREDIT = "CREDIT"
    DISCOUNT = "DISCOUNT"


@dataclass(frozen=True)
class ChargeLine:
    """A part of a charge: ``quantity`` (of ``meter``, where it is for usage) for ``amount_minor`` minor units."""

    kind: LineKind
    quantity: int
    amount_minor: int
    meter: str | None = None


@dataclass(frozen=True)
class Charge:
    """What to collect. ``id`` makes collecting it idempotent. ``meter`` is what was measured, and ``lines``, which add
    up to ``amount``, say what it is for.

    ``units`` are the priced units (DataKit days) that the charge stands for: of a daily charge the billed quantity, of
    an adjustment the difference, which is negative with ``amount`` when it corrects downwards; an instalment is one
    unit, and a channel whose provider prices units by itself must refuse it. ``corrects`` is the charge that an
    adjustment or a credit note is about: the day's own charge, or the one that staff give back; a prepaid balance is
    handed it after that one is settled, here or elsewhere. ``day`` is a calendar day in the price plan's time
    zone, ``day_ends_at`` the instant at which it ends, ``due_from`` the instant from which
    ``Limits.push_within`` counts: the end of the day, or when the charge was raised: another kind, or a day whose link
    ends before it does (``HostServices.settle_soon``). The times of a ``sandbox``
    account may lie ahead of the world's: its charges are play money, and never for a real provider. ``paid_by``: the
    account whose balance pays, where it is another's (capability ``SHARED_BALANCE``).
    """

    id: UUID
    account_id: UUID
    external_reference: str | None
    configuration: Mapping[str, Any]
    kind: ChargeKind
    day: date
    day_ends_at: datetime
    due_from: datetime
    units: int
    amount: Money
    sandbox: bool = False
    corrects: UUID | None = None
    meter: str | None = None
    lines: tuple[ChargeLine, ...] = ()
    paid_by: UUID | None = None

    @property
    def payer(self) -> UUID:
        """The account whose balance pays."""
        return self.paid_by or self.account_id


@dataclass(frozen=True)
class ChargeBatch:
    """Charges to collect, ``Limits.batch_size`` at the most, at ``now`` on the world's clock."""

    charges: tuple[Charge, ...]
    now: datetime


@dataclass(frozen=True)
class SettlementResult:
    """What became of one charge; ``provider_reference`` is the provider's record of it, ``reason`` is for people."""

    charge_id: UUID
    outcome: Outcome
    provider_reference: str | None = None
    reason: str | None = None
    retry_at: datetime | None = None


@dataclass(frozen=True)
class ProviderRecord:
    """What the provider says it collected of one charge, to be compared with what the billing center thinks."""

    charge_id: UUID
    provider_reference: str
    units: int
    amount: Money
    at: datetime


class BindingEnd(StrEnum):
    """Why a link ended: the provider never confirmed it, or the customer unsubscribed there."""

    REFUSED = "REFUSED"
    UNSUBSCRIBED = "UNSUBSCRIBED"
