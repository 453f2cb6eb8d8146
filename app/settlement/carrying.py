"""What a channel can carry: currencies, meters, shapes of price plans. It is bound to, and handed, nothing else.

A channel whose provider prices units by itself knows none of our amounts: an amount that is not units at one price
would be settled there as another.
"""

from __future__ import annotations

from dataclasses import dataclass

from settlement_spec import Capability, ChannelDescription, ChargeLine, LineKind, Shape

from app.billing.models import Charge, ChargeKind
from app.catalog.models import PricePlan
from app.settlement.host import ChannelHost

NAMES = {
    Shape.PACKAGES: ("prices for several units together", "按包计价"),
    Shape.TIERS: ("tiered prices", "阶梯价格"),
    Shape.BASE_FEE: ("base fees", "基础费用"),
    Shape.INSTALMENTS: ("instalments", "分期款"),
    Shape.DISCOUNTS: ("discounts", "折扣"),
}
SHAPES = {
    LineKind.BASE_FEE: Shape.BASE_FEE,
    LineKind.INSTALMENT: Shape.INSTALMENTS,
    LineKind.DISCOUNT: Shape.DISCOUNTS,
}

METERED = (LineKind.USAGE, LineKind.CREDIT)


@dataclass(frozen=True)
class Uncarried:
    """What a channel cannot collect, in words."""

    en: str
    zh: str


@dataclass(frozen=True)
class Load:
    """What an account is charged by: a currency, a meter (``None`` for instalments), and the shapes of its price."""

    currency: str
    meter: str | None
    shapes: frozenset[Shape]


def load_of(plan: PricePlan, discounted: bool = False) -> Load:
    """What the days of a price plan are charged by, with discounts on them or without."""
    shapes = {
        Shape.PACKAGES: plan.units_per_price != 1,
        Shape.TIERS: bool(plan.tiers),
        Shape.BASE_FEE: plan.base_minor != 0,
        Shape.DISCOUNTS: discounted,
    }
    return Load(plan.currency, plan.meter, frozenset(shape for shape, there in shapes.items() if there))


def instalments(currency: str) -> Load:
    """What a contract is charged by."""
    return Load(currency, None, frozenset({Shape.INSTALMENTS}))


def uncarried(host: ChannelHost, channel: str, load: Load) -> Uncarried | None:
    """What of a load a channel cannot collect, if there is anything.

    Raises:
        UnknownChannel, ChannelUnavailable: there is no such channel, or it failed to load.
    """
    return _uncarried(host.describe(channel), load)


def uncarried_charge(host: ChannelHost, channel: str, charge: Charge) -> Uncarried | None:
    """What of a charge, with its ``plan``, a channel cannot collect, if there is anything.

    Raises:
        UnknownChannel, ChannelUnavailable: there is no such channel, or it failed to load.
    """
    about, plan = host.describe(channel), charge.plan
    kinds = {LineKind(line.kind) for line in charge.itemized}
    shapes = {SHAPES[kind] for kind in kinds & SHAPES.keys()}
    if LineKind.USAGE in kinds:
        shapes |= load_of(plan).shapes - {Shape.BASE_FEE}
    meter = None if charge.kind == ChargeKind.INSTALMENT else plan.meter
    if found := _uncarried(about, Load(charge.currency, meter, frozenset(shapes))):
        return found
    priced = charge.units * plan.unit_price_minor
    if Capability.METERED_PUSH in about.capabilities and not shapes and priced != charge.amount_minor:
        return Uncarried("an amount that is not its units at their price", "与单位数及单价不符的金额")
    return None


def lines_of(charge: Charge) -> tuple[ChargeLine, ...]:
    """What a charge, with its ``plan``, is for, in lines that add up to it."""
    meters = dict.fromkeys(METERED, charge.plan.meter)
    lines = [(LineKind(line.kind), line) for line in charge.itemized]
    return tuple(ChargeLine(kind, line.quantity, line.amount_minor, meters.get(kind)) for kind, line in lines)


def _uncarried(about: ChannelDescription, load: Load) -> Uncarried | None:
    if load.currency not in about.currencies:
        return Uncarried(f"charges in {load.currency}", f" {load.currency} 账单")
    if load.meter is not None and about.meters is not None and load.meter not in about.meters:
        return Uncarried(f"charges of the meter {load.meter}", f"计量项 {load.meter} 的账单")
    for shape in sorted(load.shapes - about.carries):
        en, zh = NAMES[shape]
        return Uncarried(f"{en} in {load.currency}", f" {load.currency} {zh}")
    return None
