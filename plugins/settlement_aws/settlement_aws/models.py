"""The channel's tables: subscriptions, who claimed them, what AWS announced, and what was metered."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from tortoise import fields
from tortoise.models import Model
from uuid_utils.compat import uuid7


class SubscriptionState(StrEnum):
    """Where a subscription stands at AWS; ``LEAVING`` can still be metered for an hour."""

    REGISTERED = "REGISTERED"
    SUBSCRIBED = "SUBSCRIBED"
    LEAVING = "LEAVING"
    UNSUBSCRIBED = "UNSUBSCRIBED"
    REFUSED = "REFUSED"


class RecordState(StrEnum):
    """Whether AWS took a usage record; ``PENDING`` as long as it has not said."""

    PENDING = "PENDING"
    ACCEPTED = "ACCEPTED"
    REFUSED = "REFUSED"


class Subscription(Model):
    """A buyer's subscription. ``customer`` is how metering names the buyer, ``reference`` names the subscription.

    ``state_at`` is when AWS says that the present state began; older news does not change it. An agreement that is
    renewed or replaced has a successor, with a license of its own: the subscription goes on with that, under the same
    reference. ``initial_agreement_id`` names the chain of them, where it is known.
    """

    id: UUID = fields.UUIDField(primary_key=True, default=uuid7)
    reference = fields.CharField(max_length=1500, unique=True)
    customer = fields.CharField(max_length=255)
    product_code = fields.CharField(max_length=255)
    customer_aws_account_id = fields.CharField(max_length=255, null=True)
    license_arn = fields.CharField(max_length=1200, null=True, db_index=True)
    customer_identifier = fields.CharField(max_length=255, null=True, db_index=True)
    agreement_id = fields.CharField(max_length=64, null=True, db_index=True)
    initial_agreement_id = fields.CharField(max_length=64, null=True, db_index=True)
    state = fields.CharEnumField(SubscriptionState, max_length=12, default=SubscriptionState.REGISTERED)
    state_at: datetime | None = fields.DatetimeField(null=True)
    registered_at = fields.DatetimeField()

    class Meta:
        table = "aws_subscription"
        app = "settlement_aws"


class ClaimCode(Model):
    """Proof that its bearer came from AWS as the buyer; stored hashed, used by one account."""

    code_hash = fields.CharField(max_length=64, primary_key=True)
    subscription: fields.ForeignKeyRelation[Subscription] = fields.ForeignKeyField(
        "settlement_aws.Subscription", on_delete=fields.RESTRICT
    )
    subscription_id: UUID
    expires_at = fields.DatetimeField()
    account_id: UUID | None = fields.UUIDField(null=True)

    class Meta:
        table = "aws_claim_code"
        app = "settlement_aws"


class Link(Model):
    """A subscription pays for an account; it stays after its end, for charges that were raised before."""

    id: UUID = fields.UUIDField(primary_key=True, default=uuid7)
    subscription: fields.ForeignKeyRelation[Subscription] = fields.ForeignKeyField(
        "settlement_aws.Subscription", on_delete=fields.RESTRICT
    )
    subscription_id: UUID
    account_id: UUID = fields.UUIDField(db_index=True)
    linked_at = fields.DatetimeField()
    ended_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "aws_link"
        app = "settlement_aws"
        unique_together = (("subscription_id", "account_id"),)


class Notification(Model):
    """What AWS announced, once for each message id; ``handled_at`` is set when its effects are complete."""

    message_id = fields.CharField(max_length=100, primary_key=True)
    action = fields.CharField(max_length=100)
    at = fields.DatetimeField()
    customer_identifier = fields.CharField(max_length=255, null=True, db_index=True)
    product_code = fields.CharField(max_length=255, null=True)
    customer_aws_account_id = fields.CharField(max_length=255, null=True, db_index=True)
    license_arn = fields.CharField(max_length=1200, null=True)
    agreement_id = fields.CharField(max_length=64, null=True, db_index=True)
    payload: dict[str, Any] = fields.JSONField()
    handled_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "aws_notification"
        app = "settlement_aws"


class UsageRecord(Model):
    """One record of BatchMeterUsage: an hour of an agreement and dimension, taken before it is sent.

    AWS takes one quantity for an account, license (or product, where there is none), dimension and hour, and knows a
    record again in the same ``region`` alone. ``payer`` is the account and license or product. ``attempts`` counts the
    sendings that were begun. Once AWS may have it, it is never changed.
    """

    id: UUID = fields.UUIDField(primary_key=True, default=uuid7)
    subscription: fields.ForeignKeyRelation[Subscription] = fields.ForeignKeyField(
        "settlement_aws.Subscription", on_delete=fields.RESTRICT
    )
    subscription_id: UUID
    payer = fields.CharField(max_length=1500)
    customer = fields.CharField(max_length=255)
    license_arn = fields.CharField(max_length=1200, null=True)
    region = fields.CharField(max_length=40)
    dimension = fields.CharField(max_length=255)
    hour = fields.DatetimeField()
    quantity = fields.IntField()
    state = fields.CharEnumField(RecordState, max_length=10, default=RecordState.PENDING)
    attempts = fields.IntField(default=0)
    metering_record_id = fields.CharField(max_length=255, null=True)
    reason = fields.CharField(max_length=500, null=True)
    accepted_at: datetime | None = fields.DatetimeField(null=True)
    charges: fields.ReverseRelation[MeteredCharge]

    class Meta:
        table = "aws_usage_record"
        app = "settlement_aws"
        unique_together = (("payer", "dimension", "hour"),)


class MeteredCharge(Model):
    """A charge, and the record that it is part of, for good."""

    charge_id: UUID = fields.UUIDField(primary_key=True)
    record: fields.ForeignKeyRelation[UsageRecord] = fields.ForeignKeyField(
        "settlement_aws.UsageRecord", related_name="charges", on_delete=fields.RESTRICT
    )
    record_id: UUID
    units = fields.IntField()
    amount_minor = fields.BigIntField()
    currency = fields.CharField(max_length=3)

    class Meta:
        table = "aws_metered_charge"
        app = "settlement_aws"
