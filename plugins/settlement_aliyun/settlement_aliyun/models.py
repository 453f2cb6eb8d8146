"""The channel's tables: what the marketplace sold, whom it pays for, and every record that was pushed."""

from __future__ import annotations

from enum import StrEnum
from uuid import UUID

from tortoise import fields
from tortoise.models import Model
from uuid_utils.compat import uuid7


class InstanceState(StrEnum):
    """How far the marketplace has taken an instance."""

    ACTIVE = "ACTIVE"
    EXPIRED = "EXPIRED"
    RELEASED = "RELEASED"


class RecordState(StrEnum):
    """Where a record is: not at the marketplace, on its way, perhaps there (until that is certain), there."""

    WAITING = "WAITING"
    PUSHING = "PUSHING"
    LOST = "LOST"
    CONFIRMED = "CONFIRMED"


class Instance(Model):
    """A subscription that the marketplace created; it is not pushed to before ``next_push_at``.

    ``looked_at`` is when the marketplace was last asked what became of it, and ``hurried_for`` the expiry before which
    its charges were asked for.
    """

    id = fields.CharField(max_length=64, primary_key=True)
    aliyun_uid = fields.CharField(max_length=32)
    order_id = fields.CharField(max_length=64)
    product_code = fields.CharField(max_length=64)
    sku_id = fields.CharField(max_length=64)
    trial = fields.BooleanField()
    state = fields.CharEnumField(InstanceState, max_length=10)
    expires_at = fields.DatetimeField(null=True)
    created_at = fields.DatetimeField()
    next_push_at = fields.DatetimeField(null=True)
    looked_at = fields.DatetimeField(null=True)
    hurried_for = fields.DatetimeField(null=True)

    class Meta:
        table = "aliyun_instance"
        app = "settlement_aliyun"


class Announcement(Model):
    """An authentic call of an action that changes nothing here, kept for people; ``token`` is the call's own."""

    token = fields.CharField(max_length=32, primary_key=True)
    action = fields.CharField(max_length=64)
    parameters: dict[str, str] = fields.JSONField()
    received_at = fields.DatetimeField()

    class Meta:
        table = "aliyun_announcement"
        app = "settlement_aliyun"


class Link(Model):
    """The instance that pays for an account."""

    account_id: UUID = fields.UUIDField(primary_key=True)
    instance: fields.ForeignKeyRelation[Instance] = fields.ForeignKeyField(
        "settlement_aliyun.Instance", on_delete=fields.RESTRICT
    )
    instance_id: str
    linked_at = fields.DatetimeField()

    class Meta:
        table = "aliyun_link"
        app = "settlement_aliyun"


class Record(Model):
    """One metering record; ``slot`` is its place in the day that it is billed on.

    Its times never change, and its value only while it is certainly not at the marketplace.
    """

    id: UUID = fields.UUIDField(primary_key=True, default=uuid7)
    instance: fields.ForeignKeyRelation[Instance] = fields.ForeignKeyField(
        "settlement_aliyun.Instance", on_delete=fields.RESTRICT
    )
    instance_id: str
    day_starts_at = fields.DatetimeField()
    slot = fields.IntField()
    start_time = fields.BigIntField()
    end_time = fields.BigIntField()
    key = fields.CharField(max_length=32)
    metering_item = fields.CharField(max_length=100, null=True)
    value = fields.BigIntField()
    state = fields.CharEnumField(RecordState, max_length=10)
    alone = fields.BooleanField(default=False)
    reason = fields.CharField(max_length=1000, null=True)
    request_id = fields.CharField(max_length=100, null=True)
    confirmed_at = fields.DatetimeField(null=True, db_index=True)

    class Meta:
        table = "aliyun_record"
        app = "settlement_aliyun"
        unique_together = (("instance", "day_starts_at", "slot"),)


class RecordedCharge(Model):
    """That a charge is part of a record: of one, as long as that may be at the marketplace."""

    charge_id: UUID = fields.UUIDField(primary_key=True)
    record: fields.ForeignKeyRelation[Record] = fields.ForeignKeyField(
        "settlement_aliyun.Record", on_delete=fields.RESTRICT
    )
    record_id: UUID
    units = fields.BigIntField()
    amount_minor = fields.BigIntField()
    currency = fields.CharField(max_length=3)

    class Meta:
        table = "aliyun_charge"
        app = "settlement_aliyun"
