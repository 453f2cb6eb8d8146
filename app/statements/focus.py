"""A statement in FOCUS 1.0, the FinOps Open Cost and Usage Specification (focus.finops.org), row by row.

``docs/statements.md`` says what each column is taken from. The specification's own validator (1.0.0) asks for two
columns by other names than the specification: ``ResourceID`` for ``ResourceId``, and ``ChargeType`` (of version 0.5)
for ``ChargeCategory``. Each is there under both names.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from decimal import Decimal

from app import clock
from app.billing.models import Charge, ChargeKind, LineKind
from app.catalog.models import Meter
from app.money import in_major_units, major
from app.statements.monthly import Line, MonthlyStatement
from app.statements.tables import Row

EMPTY = (
    "AvailabilityZone",
    "CommitmentDiscountCategory",
    "CommitmentDiscountId",
    "CommitmentDiscountName",
    "CommitmentDiscountStatus",
    "CommitmentDiscountType",
    "RegionId",
    "RegionName",
    "ResourceID",
    "ResourceId",
    "ResourceName",
    "ResourceType",
    "SubAccountId",
    "SubAccountName",
)
COLUMNS = (
    "BilledCost",
    "BillingAccountId",
    "BillingAccountName",
    "BillingCurrency",
    "BillingPeriodEnd",
    "BillingPeriodStart",
    "ChargeCategory",
    "ChargeClass",
    "ChargeDescription",
    "ChargeFrequency",
    "ChargePeriodEnd",
    "ChargePeriodStart",
    "ChargeType",
    "ConsumedQuantity",
    "ConsumedUnit",
    "ContractedCost",
    "ContractedUnitPrice",
    "EffectiveCost",
    "InvoiceIssuer",
    "ListCost",
    "ListUnitPrice",
    "PricingCategory",
    "PricingQuantity",
    "PricingUnit",
    "Provider",
    "Publisher",
    "ServiceCategory",
    "ServiceName",
    "SkuId",
    "SkuPriceId",
    "Tags",
    "x_ChargeId",
    *EMPTY,
)
CREDIT = {"ChargeCategory": "Credit", "ChargeType": "Credit", "ChargeFrequency": "One-Time"}
INSTALMENT_UNIT = "Instalments"
DESCRIPTIONS = {
    ChargeKind.DAILY: "{meter} of {day}",
    ChargeKind.ADJUSTMENT: "{meter} of {day}, reported late",
    ChargeKind.CREDIT_NOTE: "Credit on what was charged for {day}",
    ChargeKind.INSTALMENT: "Instalment of a contract, due on {day}",
}


async def rows(statement: MonthlyStatement, vendor: str) -> AsyncIterator[Row]:
    """The column names, then a row for each charge, and for each discount on it.

    ``vendor`` is who provides, publishes and bills.
    """
    yield COLUMNS
    meters = {meter.key: meter for meter in await Meter.all()}
    async for line in statement.lines():
        meter = meters[line.charge.plan.meter]
        for found in (_row(statement, line, vendor, meter), *_discounts(statement, line, vendor)):
            yield [found.get(column, "") for column in COLUMNS]


def _row(statement: MonthlyStatement, line: Line, vendor: str, meter: Meter) -> dict[str, object]:
    """A charge before its discounts, which have rows of their own."""
    charge = line.charge
    minor = charge.amount_minor - charge.discount_minor
    text = DESCRIPTIONS[charge.kind].format(day=charge.day, meter=meter.name["en"])
    row = _common(statement, line, vendor, minor, text)
    if charge.kind == ChargeKind.CREDIT_NOTE:
        return row | CREDIT
    if charge.kind == ChargeKind.INSTALMENT:
        purchase = {"ChargeCategory": "Purchase", "ChargeType": "Purchase", "ChargeFrequency": "Recurring"}
        return row | purchase | _priced(charge, str(row["BilledCost"]), INSTALMENT_UNIT, "instalment")
    return row | {
        "ConsumedQuantity": f"{charge.quantity if charge.kind == ChargeKind.DAILY else charge.units}.0",
        "ConsumedUnit": f"{meter.unit}-Days",
        **_priced(charge, _unit_price(charge, minor), f"{meter.unit}-Days", meter.key),
    }


def _discounts(statement: MonthlyStatement, line: Line, vendor: str) -> list[dict[str, object]]:
    return [
        _common(statement, line, vendor, part.amount_minor, f"Discount {part.name} on {line.charge.day}") | CREDIT
        for part in line.charge.itemized
        if part.kind == LineKind.DISCOUNT
    ]


def _common(statement: MonthlyStatement, line: Line, vendor: str, minor: int, text: str) -> dict[str, object]:
    charge, zone = line.charge, line.charge.plan.time_zone
    cost = in_major_units(minor, charge.currency)
    return {
        "BilledCost": cost,
        "BillingAccountId": statement.account.id,
        "BillingAccountName": statement.account_name,
        "BillingCurrency": charge.currency,
        "BillingPeriodStart": _time(statement.month.begins_at(statement.time_zone)),
        "BillingPeriodEnd": _time(statement.month.ends_at(statement.time_zone)),
        "ChargeCategory": "Usage",
        "ChargeType": "Usage",
        "ChargeClass": "Correction" if charge.day < statement.month.first else "",
        "ChargeDescription": text,
        "ChargeFrequency": "Usage-Based",
        "ChargePeriodStart": _time(clock.day_start(charge.day, zone)),
        "ChargePeriodEnd": _time(clock.day_end(charge.day, zone)),
        "ContractedCost": cost,
        "EffectiveCost": cost,
        "InvoiceIssuer": vendor,
        "ListCost": cost,
        "Provider": vendor,
        "Publisher": vendor,
        "ServiceCategory": "Management and Governance",
        "ServiceName": "Observability platform",
        "Tags": "{}",
        "x_ChargeId": charge.id,
    }


def _priced(charge: Charge, unit_price: str, unit: str, what: str) -> dict[str, object]:
    sku = f"{charge.plan.edition}/{what}"
    negotiated = charge.plan.group_id or charge.plan.account_id
    return {
        "ContractedUnitPrice": unit_price,
        "ListUnitPrice": unit_price,
        "PricingCategory": "Standard",
        "PricingQuantity": f"{charge.units}.0",
        "PricingUnit": unit,
        "SkuId": sku,
        "SkuPriceId": f"{sku}/{negotiated}/v{charge.plan.version}" if negotiated else f"{sku}/v{charge.plan.version}",
    }


def _unit_price(charge: Charge, minor: int) -> str:
    """Exactly the plan's where a unit has one price; else what a unit came to, to ten decimals."""
    if charge.units * charge.plan.unit_price_minor == minor:
        return in_major_units(charge.plan.unit_price_minor, charge.currency)
    if charge.units == 0:
        return ""
    exact = major(minor, charge.currency) / charge.units
    return f"{exact.quantize(Decimal(1).scaleb(-10)):f}"


def _time(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
