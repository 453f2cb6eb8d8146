"""A statement in FOCUS 1.0, the FinOps Open Cost and Usage Specification (focus.finops.org), row by row.

``docs/statements.md`` says what each column is taken from. The column that the specification calls ``ResourceId`` is
``ResourceID`` in its validator; as both are empty here, both are there.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime

from app import clock
from app.billing.models import ChargeKind
from app.money import in_major_units
from app.statements.service import Line, MonthlyStatement
from app.statements.tables import Row

VERSION = "1.0"
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
UNIT = "DataKit-Days"
DESCRIPTIONS = {
    ChargeKind.DAILY: "DataKits of {day}",
    ChargeKind.ADJUSTMENT: "DataKits of {day} that were reported late",
    ChargeKind.CREDIT_NOTE: "Credit on what was charged for {day}",
    ChargeKind.INSTALMENT: "Instalment of a contract, due on {day}",
}


async def rows(statement: MonthlyStatement, vendor: str) -> AsyncIterator[Row]:
    """The column names, then one row for each charge; ``vendor`` is who provides, publishes and bills."""
    yield COLUMNS
    async for line in statement.lines():
        found = _row(statement, line, vendor)
        yield [found.get(column, "") for column in COLUMNS]


def _row(statement: MonthlyStatement, line: Line, vendor: str) -> dict[str, object]:
    charge, zone = line.charge, line.charge.plan.time_zone
    cost = in_major_units(charge.amount_minor)
    row: dict[str, object] = {
        "BilledCost": cost,
        "BillingAccountId": statement.account.id,
        "BillingAccountName": statement.account_name,
        "BillingCurrency": charge.currency,
        "BillingPeriodStart": _time(statement.month.begins_at(statement.time_zone)),
        "BillingPeriodEnd": _time(statement.month.ends_at(statement.time_zone)),
        "ChargeCategory": "Usage",
        "ChargeClass": "Correction" if charge.day < statement.month.first else "",
        "ChargeDescription": DESCRIPTIONS[charge.kind].format(day=charge.day),
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
    if charge.kind == ChargeKind.CREDIT_NOTE:
        return row | {"ChargeCategory": "Credit", "ChargeFrequency": "One-Time"}
    if charge.kind == ChargeKind.INSTALMENT:
        return row | {"ChargeCategory": "Purchase", "ChargeFrequency": "Recurring"}
    price = in_major_units(charge.plan.unit_price_minor)
    return row | {
        "ConsumedQuantity": charge.quantity if charge.kind == ChargeKind.DAILY else charge.units,
        "ConsumedUnit": UNIT,
        "ContractedUnitPrice": price,
        "ListUnitPrice": price,
        "PricingCategory": "Standard",
        "PricingQuantity": charge.units,
        "PricingUnit": UNIT,
        "SkuId": f"{charge.plan.edition}/{charge.plan.meter}",
        "SkuPriceId": f"{charge.plan.edition}/{charge.plan.meter}/v{charge.plan.version}",
    }


def _time(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
