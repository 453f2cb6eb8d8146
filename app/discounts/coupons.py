"""Making and withdrawing coupons."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from tortoise.exceptions import IntegrityError
from tortoise.transactions import in_transaction

from app import clock
from app.discounts.models import Coupon
from app.errors import CouponRefused, InvalidInput
from app.events.recording import Actor
from app.inputs import above_zero, between, text

CODE = re.compile(r"[A-Z0-9](?:[A-Z0-9-]{2,38})[A-Z0-9]")
MOST_DAYS = 3_660
MOST_REDEMPTIONS = 1_000_000


@dataclass(frozen=True)
class CouponTerms:
    """What a coupon is to say; see ``Coupon``."""

    name: str
    code: str | None = None
    percent: int | None = None
    amount_minor: int | None = None
    currency: str | None = None
    days: int | None = None
    redeem_by: datetime | None = None
    max_redemptions: int | None = None


async def create_coupon(terms: CouponTerms, actor: Actor) -> Coupon:
    """Make a coupon.

    Raises:
        InvalidInput: neither a percentage nor an amount, or both; a percentage that is not 1 to 100; a name, code or
            count out of bounds; an end that is past.
        CouponRefused: another one has the code.
    """
    if (terms.percent is None) == (terms.amount_minor is None):
        raise InvalidInput(
            reason_en="give percentOff or amountOff, and one only",
            reason_zh="percentOff 与 amountOff 须且只能填写其一",
            path=("percentOff",),
        )
    if terms.percent is not None:
        between(terms.percent, 1, 100, "percentOff")
    if terms.amount_minor is not None:
        above_zero(terms.amount_minor, ("amountOff",))
    if terms.days is not None:
        between(terms.days, 1, MOST_DAYS, "days")
    if terms.max_redemptions is not None:
        between(terms.max_redemptions, 1, MOST_REDEMPTIONS, "maxRedemptions")
    if terms.redeem_by is not None and terms.redeem_by <= clock.now():
        raise InvalidInput(reason_en="redeemBy is past", reason_zh="redeemBy 已过", path=("redeemBy",))
    values = terms.__dict__ | {"name": text(terms.name, "name", 100), "code": _code(terms.code)}
    try:
        async with in_transaction():
            return await Coupon.create(**values, created_by=actor.label, created_at=clock.now())
    except IntegrityError:
        raise CouponRefused(
            reason_en="another coupon has this code", reason_zh="该优惠码已被使用", path=("code",)
        ) from None


async def withdraw_coupon(coupon: Coupon) -> Coupon:
    """Let nobody redeem a locked coupon any more; withdrawing it again changes nothing."""
    if coupon.withdrawn_at is None:
        coupon.withdrawn_at = clock.now()
        await coupon.save(update_fields=["withdrawn_at"])
    return coupon


def _code(code: str | None) -> str | None:
    if code is None:
        return None
    code = code.strip().upper()
    if not CODE.fullmatch(code):
        raise InvalidInput(
            reason_en="code must have 4 to 40 letters A to Z, digits and hyphens, no hyphen at either end",
            reason_zh="code 须为 4 到 40 个字母、数字或连字符，且首尾不为连字符",
            path=("code",),
        )
    return code
