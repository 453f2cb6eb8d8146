"""Looking up coupons and discounts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from tortoise.expressions import Q

from app.db.lookup import find
from app.discounts.models import Coupon, Discount
from app.errors import NotFound


async def find_coupon(coupon_id: UUID) -> Coupon:
    """A coupon, locked for the rest of the transaction.

    Raises:
        NotFound: there is none with that key.
    """
    found = await Coupon.select_for_update().get_or_none(id=coupon_id)
    if found is None:
        raise NotFound(what="coupon", path=("couponId",))
    return found


async def coupon_with_code(code: str) -> Coupon | None:
    """The coupon with a code, in capitals, locked for the rest of the transaction."""
    found = await find(Coupon, {"code": code.strip().upper()})
    return await Coupon.select_for_update().get(id=found.id) if found else None


async def find_discount(discount_id: UUID) -> Discount:
    """A discount.

    Raises:
        NotFound: there is none with that key.
    """
    found = await Discount.get_or_none(id=discount_id)
    if found is None:
        raise NotFound(what="discount", path=("discountId",))
    return found


async def live_discounts(account_id: UUID, today: date) -> Sequence[Discount]:
    """The discounts that an account has on ``today``, or will have."""
    lasting = Q(last_day__isnull=True) | Q(last_day__gte=today)
    return await Discount.filter(lasting, account_id=account_id, ended_at__isnull=True)
