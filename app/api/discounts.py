"""Coupons, and the discounts that accounts have by them."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

import strawberry
from tortoise.queryset import QuerySet

from app.accounts.models import ACCOUNTANTS
from app.accounts.models import Account as AccountRow
from app.accounts.queries import lock_account
from app.api.arguments import IdOf, Reason
from app.api.audience import FINANCE, ForFinance
from app.api.context import Info
from app.api.fields import View, argument, column
from app.api.money import Money, money
from app.api.mutation import mutation
from app.api.node import Node
from app.api.owned import OfAccount, Owned
from app.api.pagination import connection, listed
from app.api.throttles import codes
from app.discounts import coupons
from app.discounts.models import Coupon as CouponRow
from app.discounts.models import Discount as DiscountRow
from app.discounts.queries import find_coupon, find_discount
from app.errors import CouponRefused
from app.events.recording import Actor
from app.inputs import minor_units
from app.journey import discounts

CouponID = Annotated[UUID, IdOf("Coupon", "The coupon's global id.")]


@strawberry.type
class Reduction(View):
    """What a coupon and a discount by it have in common."""

    name: str = column("What it is called on statements.")
    percent_off: int | None = column("The percentage of a day's charge that it takes off, 1 to 100.", "percent")
    amount_off: Money | None = column(
        "What it takes off a day's charge, at most what the day costs.",
        lambda row: None if row.amount_minor is None else money(row.amount_minor, row.currency),
    )
    days: int | None = column("For how many days running, 1 for once; null until staff end it.")


@strawberry.type(description="That an account's billing days cost less.")
class Discount(Reduction, Owned, Node, table=DiscountRow):
    """A row of ``discount``."""

    applied_at: datetime = column("When it was redeemed or given.")
    applied_by: str = column("The e-mail address of who redeemed or gave it.")
    first_day: date | None = column("The first billing day that costs less; null until a day is billed.")
    last_day: date | None = column("The last one; null where it does not end by itself, or has not begun.")
    ended_at: datetime | None = column("When staff ended it.")


@strawberry.type(description="What makes billing days cost less, for whoever redeems it. For finance staff.")
class Coupon(ForFinance, Reduction, Node, table=CouponRow):
    """A row of ``coupon``."""

    code: str | None = column("Who knows it may redeem the coupon; null where staff give it.")
    redeem_by: datetime | None = column("From this instant on nobody redeems it.")
    max_redemptions: int | None = column("How many accounts may redeem it.")
    created_by: str = column("The e-mail address of who made it.")
    created_at: datetime = column("When it was made.")
    withdrawn_at: datetime | None = column("When it was withdrawn.")
    discounts = listed(Discount, "The discounts by it.", by="coupon_id")


@strawberry.type
class DiscountsOfAccount(OfAccount):
    """What an account has off."""

    discounts = listed(Discount, "The discounts that it has, and had.")


@strawberry.type
class DiscountQueries:
    """For finance staff."""

    @connection(Coupon, "The coupons.", staff=FINANCE)
    def coupons(self) -> QuerySet[CouponRow]:
        return Coupon.rows()


@strawberry.type
class DiscountMutations:
    """For administrators, who redeem, and for finance staff."""

    @mutation(
        CouponRefused,
        description="Make a coupon: a percentage or an amount off a billing day, once, for some days or for good.",
        done="The coupon can be redeemed.",
        answers={"coupon": (Coupon, "The coupon.")},
        staff=FINANCE,
    )
    async def create_coupon(
        self,
        actor: Actor,
        name: Annotated[str, argument("What it is called on statements, 1 to 100 characters.")],
        code: Annotated[
            str | None,
            argument("Who knows it may redeem the coupon: 4 to 40 letters, digits and hyphens; none: staff give it."),
        ] = None,
        percent_off: Annotated[int | None, argument("A percentage of the day's charge, 1 to 100.")] = None,
        amount_off: Annotated[Decimal | None, argument("Instead: an amount of `currency`.")] = None,
        currency: Annotated[str, argument("ISO 4217 code.")] = "CNY",
        days: Annotated[int | None, argument("For how many days running: 1 for once; none: until staff end it.")] = 1,
        redeem_by: Annotated[datetime | None, argument("From when on nobody redeems it.")] = None,
        max_redemptions: Annotated[int | None, argument("How many accounts may; sandboxes do not count.")] = None,
    ) -> CouponRow:
        minor = None if amount_off is None else minor_units(amount_off, currency, "amountOff")
        terms = coupons.CouponTerms(
            name, code, percent_off, minor, None if minor is None else currency, days, redeem_by, max_redemptions
        )
        return await coupons.create_coupon(terms, actor)

    @mutation(
        description="Let nobody redeem a coupon any more. Discounts by it go on.",
        done="The coupon is withdrawn.",
        answers={"coupon": (Coupon, "The coupon.")},
        staff=FINANCE,
    )
    async def withdraw_coupon(self, coupon_id: CouponID) -> CouponRow:
        return await coupons.withdraw_coupon(await find_coupon(coupon_id))

    @mutation(
        CouponRefused,
        description="Redeem a coupon by its code, once for an account.",
        done="The account's billing days cost less, from today on or from the first one that is billed.",
        answers={"discount": (Discount, "The discount.")},
        member=ACCOUNTANTS,
        throttled=codes,
    )
    async def redeem_coupon(
        self, info: Info, account: AccountRow, actor: Actor, code: Annotated[str, argument("The coupon's code.")]
    ) -> DiscountRow:
        return await discounts.redeem_coupon(info.context.host, account, code, actor)

    @mutation(
        CouponRefused,
        description="Give an account a discount by a coupon.",
        done="The account's billing days cost less, from today on or from the first one that is billed.",
        answers={"discount": (Discount, "The discount.")},
        staff=FINANCE,
    )
    async def apply_coupon(self, info: Info, account: AccountRow, actor: Actor, coupon_id: CouponID) -> DiscountRow:
        return await discounts.apply_coupon(info.context.host, account, await find_coupon(coupon_id), actor)

    @mutation(
        description="End a discount: days from today on cost what the price says.",
        done="The discount is ended.",
        answers={"discount": (Discount, "The discount.")},
        staff=FINANCE,
    )
    async def end_discount(
        self,
        actor: Actor,
        discount_id: Annotated[UUID, IdOf("Discount", "The discount's global id.")],
        reason: Reason,
    ) -> DiscountRow:
        account = await lock_account((await find_discount(discount_id)).account_id)
        return await discounts.end_discount(account, await find_discount(discount_id), reason, actor)
