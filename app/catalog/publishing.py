"""Publishing price plans."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from app.catalog.keys import EditionKey
from app.catalog.models import DATA_KITS, Edition, PricePlan


async def negotiated_plan(
    account_id: UUID, edition: EditionKey, currency: str, zone: str, valid_from: datetime
) -> PricePlan:
    """A price plan of an account's own, with nothing for units: what it costs is agreed upon by instalments."""
    await Edition.select_for_update().get(key=edition)
    newest = await PricePlan.filter(edition=edition).order_by("-version").first()
    return await PricePlan.create(
        edition=edition,
        version=newest.version + 1 if newest else 1,
        account_id=account_id,
        meter=DATA_KITS,
        unit_price_minor=0,
        currency=currency,
        minimum_quantity=0,
        free_period_seconds=0,
        time_zone=zone,
        valid_from=valid_from,
    )
