"""An account gets a discount: by a coupon's code, or from staff."""

from __future__ import annotations

from datetime import timedelta

from app import clock
from app.accounts.models import Account
from app.closing.batches import begin_discounts
from app.discounts.models import Coupon, Discount
from app.discounts.queries import coupon_with_code
from app.errors import CouponRefused
from app.events.recording import Actor, record
from app.inputs import explanation
from app.journey.channels import cannot_collect
from app.settlement.host import ChannelHost
from app.settlement.queries import paying_link
from app.upgrades.queries import billing_zone, current_upgrade


async def redeem_coupon(host: ChannelHost, account: Account, code: str, actor: Actor) -> Discount:
    """Discount a locked account's billing days by the coupon with that code.

    Raises:
        CouponRefused: there is none that can be redeemed, or see ``apply_coupon``.
    """
    coupon = await coupon_with_code(code)
    if coupon is None:
        raise CouponRefused(reason_en="there is no such code", reason_zh="没有此优惠码", path=("code",))
    return await apply_coupon(host, account, coupon, actor, ("code",))


async def apply_coupon(
    host: ChannelHost, account: Account, coupon: Coupon, actor: Actor, path: tuple[str, ...] = ("couponId",)
) -> Discount:
    """Discount a locked account's billing days by a locked coupon, from today on, or from the first day that is billed.

    Raises:
        CouponRefused: it was withdrawn, is past, was redeemed by the account already or by as many as may, is in
            another currency than the account's price, or the channel that pays cannot carry discounts.
    """
    if reason := await _refusal(account, coupon):
        raise CouponRefused(reason_en=reason[0], reason_zh=reason[1], path=path)
    discount = await Discount.create(
        account_id=account.id,
        coupon=coupon,
        name=coupon.name,
        percent=coupon.percent,
        amount_minor=coupon.amount_minor,
        currency=coupon.currency,
        days=coupon.days,
        applied_at=account.now(),
        applied_by=actor.label,
        not_before=clock.local_day(account.now(), await billing_zone(account.id)),
    )
    await begin_discounts(account.id)
    await discount.refresh_from_db(fields=["first_day", "last_day"])
    paying = await paying_link(account.id)
    if paying is not None and (uncollectable := await cannot_collect(host, account, paying.channel)):
        raise CouponRefused(
            reason_en=f"the channel that pays cannot collect {uncollectable.en}",
            reason_zh=f"当前结算方式无法收取{uncollectable.zh}",
            path=path,
        )
    after = {"discount": str(discount.id), "coupon": coupon.name}
    await record(account.id, account.now(), "discount.applied", actor, after=after)
    return discount


async def end_discount(account: Account, discount: Discount, reason: str, actor: Actor) -> Discount:
    """Let a locked account's discount be of no day from today on; ending it again changes nothing.

    Raises:
        InvalidInput: the reason is empty or too long.
    """
    reason = explanation(reason)
    today = clock.local_day(account.now(), await billing_zone(account.id))
    if discount.ended_at is None:
        discount.ended_at = account.now()
        discount.last_day = min(discount.last_day or today, today - timedelta(days=1))
        await discount.save(update_fields=["ended_at", "last_day"])
        before = {"discount": str(discount.id), "coupon": discount.name}
        await record(account.id, account.now(), "discount.ended", actor, before=before, reason=reason)
    return discount


async def _refusal(account: Account, coupon: Coupon) -> tuple[str, str] | None:
    """Why an account cannot have a coupon, in English and Chinese, if it cannot."""
    upgrade = await current_upgrade(account.id)
    redeemed = Discount.filter(coupon_id=coupon.id)
    if coupon.withdrawn_at is not None or (coupon.redeem_by is not None and coupon.redeem_by <= account.now()):
        return "it cannot be redeemed any more", "已失效"
    if await redeemed.filter(account_id=account.id).exists():
        return "the account has redeemed it already", "该账户已使用过"
    most = None if account.sandbox else coupon.max_redemptions
    if most is not None and await redeemed.filter(account__sandbox=False).count() >= most:
        return "it was redeemed as often as it may be", "已达到使用次数上限"
    if upgrade is not None and coupon.currency not in (None, upgrade.plan.currency):
        return f"it is in {coupon.currency}, and the price in {upgrade.plan.currency}", (
            f"币种为 {coupon.currency}，而价格币种为 {upgrade.plan.currency}"
        )
    return None
