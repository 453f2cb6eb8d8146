"""Publishing price plans: each is a new version, and none is ever changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from app.catalog.keys import EditionKey
from app.catalog.models import DATA_KITS, Edition, PricePlan
from app.errors import InvalidInput

TIER = frozenset({"up_to", "unit_price_minor", "flat_minor"})


async def publish_plan(
    edition: EditionKey, valid_from: datetime, account_id: UUID | None = None, **terms: Any
) -> PricePlan:
    """The next version of an edition's price, in force from ``valid_from`` on; in a transaction.

    ``terms`` are the columns of ``PricePlan``; ``account_id`` names the account that a plan was negotiated with.

    Raises:
        InvalidInput: the tiers leave a quantity without a price, or say something that a tier has not.
    """
    check_tiers(terms.get("tiers", ()))
    await Edition.select_for_update().get(key=edition)
    newest = await PricePlan.filter(edition=edition).order_by("-version").first()
    version = newest.version + 1 if newest else 1
    return await PricePlan.create(
        edition=edition, version=version, valid_from=valid_from, account_id=account_id, **terms
    )


async def negotiated_plan(
    account_id: UUID, edition: EditionKey, currency: str, zone: str, valid_from: datetime
) -> PricePlan:
    """A price plan of an account's own, with nothing for units: what it costs is agreed upon by instalments."""
    return await publish_plan(
        edition,
        valid_from,
        account_id,
        meter=DATA_KITS,
        unit_price_minor=0,
        currency=currency,
        minimum_quantity=0,
        free_period_seconds=0,
        time_zone=zone,
    )


def check_tiers(tiers: Sequence[Mapping[str, Any]]) -> None:
    """Refuse tiers that leave a quantity without a price.

    Bounds must ascend, and the last tier must be open; amounts are whole minor units, not below zero.

    Raises:
        InvalidInput: they do not; the path names the tier and the member.
    """
    before = 0
    for index, tier in enumerate(tiers):
        path = ("tiers", str(index))
        unknown = sorted(set(tier) - TIER)
        if unknown:
            raise InvalidInput(
                reason_en=f"a tier has {', '.join(sorted(TIER))}, and no {unknown[0]}",
                reason_zh=f"阶梯只有 {', '.join(sorted(TIER))},没有 {unknown[0]}",
                path=(*path, unknown[0]),
            )
        _check_count(tier.get("unit_price_minor"), (*path, "unit_price_minor"))
        _check_count(tier.get("flat_minor", 0), (*path, "flat_minor"))
        bound = tier.get("up_to")
        if (index == len(tiers) - 1) != (bound is None):
            raise InvalidInput(
                reason_en="the last tier must be without up_to, and no other",
                path=(*path, "up_to"),
                reason_zh="最后一个阶梯不得有 up_to,其余阶梯必须有",
            )
        if bound is not None:
            _check_count(bound, (*path, "up_to"))
            if bound <= before:
                raise InvalidInput(
                    reason_en=f"up_to must be above {before}, where the tier before ends",
                    reason_zh=f"up_to 必须大于 {before},即上一阶梯的终点",
                    path=(*path, "up_to"),
                )
            before = bound


def _check_count(value: Any, path: tuple[str, ...]) -> None:
    if type(value) is not int or not 0 <= value < 10**18:
        name = path[-1]
        raise InvalidInput(
            reason_en=f"{name} must be a whole number of 0 or more",
            reason_zh=f"{name} 必须是不小于 0 的整数",
            path=path,
        )
