"""Coupons, and the discounts that accounts have by them."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from tortoise import fields

from app.accounts.models import Account
from app.db.models import Row


class Coupon(Row):
    """What a billing day costs less: ``percent`` of it, or ``amount_minor`` of ``currency``, and one of these only.

    ``days`` days running are discounted, 1 for once; without, every day until staff end it. Who knows ``code`` may
    redeem it until ``redeem_by``, each account once and ``max_redemptions`` accounts in all; one without a code is
    given by staff. It is not redeemed any more once it is withdrawn; discounts by it go on.
    """

    code = fields.CharField(max_length=40, unique=True, null=True)
    name = fields.CharField(max_length=100)
    percent: int | None = fields.SmallIntField(null=True)
    amount_minor: int | None = fields.BigIntField(null=True)
    currency = fields.CharField(max_length=3, null=True)
    days: int | None = fields.IntField(null=True)
    redeem_by: datetime | None = fields.DatetimeField(null=True)
    max_redemptions: int | None = fields.IntField(null=True)
    created_by = fields.CharField(max_length=254)
    created_at = fields.DatetimeField()
    withdrawn_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "coupon"


class Discount(Row):
    """That an account's billing days cost less, as its coupon said then.

    The first day is the first one billed from ``not_before`` on, and ``None`` until that is known; ``last_day`` is the
    last, or ``None`` where it does not end by itself or is not known yet.
    """

    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField("app.Account", on_delete=fields.RESTRICT)
    account_id: UUID
    coupon: fields.ForeignKeyRelation[Coupon] = fields.ForeignKeyField("app.Coupon", on_delete=fields.RESTRICT)
    coupon_id: UUID
    name = fields.CharField(max_length=100)
    percent: int | None = fields.SmallIntField(null=True)
    amount_minor: int | None = fields.BigIntField(null=True)
    currency = fields.CharField(max_length=3, null=True)
    days: int | None = fields.IntField(null=True)
    applied_at = fields.DatetimeField()
    applied_by = fields.CharField(max_length=254)
    not_before = fields.DateField()
    first_day: date | None = fields.DateField(null=True)
    last_day: date | None = fields.DateField(null=True)
    ended_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "discount"
        unique_together = (("account", "coupon"),)
