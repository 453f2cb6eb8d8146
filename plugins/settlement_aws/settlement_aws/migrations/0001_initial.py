from tortoise import migrations
from tortoise.migrations import operations as ops
from orjson import loads
from settlement_aws.models import RecordState, SubscriptionState
from tortoise.fields.base import OnDelete
from tortoise.fields.data import JSON_DUMPS
from uuid import uuid4
from uuid_utils.compat import uuid7
from tortoise import fields


class Migration(migrations.Migration):
    initial = True

    operations = [
        ops.CreateModel(
            name="Notification",
            fields=[
                ("message_id", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=100)),
                ("action", fields.CharField(max_length=100)),
                ("at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("customer_identifier", fields.CharField(null=True, db_index=True, max_length=255)),
                ("product_code", fields.CharField(null=True, max_length=255)),
                ("customer_aws_account_id", fields.CharField(null=True, db_index=True, max_length=255)),
                ("license_arn", fields.CharField(null=True, max_length=1200)),
                ("agreement_id", fields.CharField(null=True, db_index=True, max_length=64)),
                ("payload", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("handled_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "aws_notification",
                "app": "settlement_aws",
                "pk_attr": "message_id",
                "table_description": "What AWS announced, once for each message id; ``handled_at`` is set when its effects are complete.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Subscription",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True)),
                ("reference", fields.CharField(unique=True, max_length=1500)),
                ("customer", fields.CharField(max_length=255)),
                ("product_code", fields.CharField(max_length=255)),
                ("customer_aws_account_id", fields.CharField(null=True, max_length=255)),
                ("license_arn", fields.CharField(null=True, db_index=True, max_length=1200)),
                ("customer_identifier", fields.CharField(null=True, db_index=True, max_length=255)),
                ("agreement_id", fields.CharField(null=True, db_index=True, max_length=64)),
                (
                    "state",
                    fields.CharEnumField(
                        default=SubscriptionState.REGISTERED,
                        description="REGISTERED: REGISTERED\nSUBSCRIBED: SUBSCRIBED\nLEAVING: LEAVING\nUNSUBSCRIBED: UNSUBSCRIBED\nREFUSED: REFUSED",
                        enum_type=SubscriptionState,
                        max_length=12,
                    ),
                ),
                ("state_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("registered_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "aws_subscription",
                "app": "settlement_aws",
                "pk_attr": "id",
                "table_description": "A buyer's subscription. ``customer`` is how metering names the buyer, ``reference`` names the subscription.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="ClaimCode",
            fields=[
                ("code_hash", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=64)),
                (
                    "subscription",
                    fields.ForeignKeyField(
                        "settlement_aws.Subscription",
                        source_field="subscription_id",
                        db_constraint=True,
                        to_field="id",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("expires_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("account_id", fields.UUIDField(null=True)),
            ],
            options={
                "table": "aws_claim_code",
                "app": "settlement_aws",
                "pk_attr": "code_hash",
                "table_description": "Proof that its bearer came from AWS as the buyer; stored hashed, used by one account.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Link",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True)),
                (
                    "subscription",
                    fields.ForeignKeyField(
                        "settlement_aws.Subscription",
                        source_field="subscription_id",
                        db_constraint=True,
                        to_field="id",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("account_id", fields.UUIDField(db_index=True)),
                ("linked_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("ended_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "aws_link",
                "app": "settlement_aws",
                "unique_together": (("subscription_id", "account_id"),),
                "pk_attr": "id",
                "table_description": "A subscription pays for an account; it stays after its end, for charges that were raised before.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="UsageRecord",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True)),
                (
                    "subscription",
                    fields.ForeignKeyField(
                        "settlement_aws.Subscription",
                        source_field="subscription_id",
                        db_constraint=True,
                        to_field="id",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("customer", fields.CharField(max_length=255)),
                ("dimension", fields.CharField(max_length=255)),
                ("hour", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("quantity", fields.IntField()),
                (
                    "state",
                    fields.CharEnumField(
                        default=RecordState.PENDING,
                        description="PENDING: PENDING\nACCEPTED: ACCEPTED\nREFUSED: REFUSED",
                        enum_type=RecordState,
                        max_length=10,
                    ),
                ),
                ("attempts", fields.IntField(default=0)),
                ("metering_record_id", fields.CharField(null=True, max_length=255)),
                ("reason", fields.CharField(null=True, max_length=500)),
                ("accepted_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "aws_usage_record",
                "app": "settlement_aws",
                "unique_together": (("customer", "dimension", "hour"),),
                "pk_attr": "id",
                "table_description": "One record of BatchMeterUsage: an hour of a customer and dimension, taken before it is sent, never changed after.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="MeteredCharge",
            fields=[
                ("charge_id", fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                (
                    "record",
                    fields.ForeignKeyField(
                        "settlement_aws.UsageRecord",
                        source_field="record_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="charges",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("units", fields.IntField()),
                ("amount_minor", fields.BigIntField()),
                ("currency", fields.CharField(max_length=3)),
            ],
            options={
                "table": "aws_metered_charge",
                "app": "settlement_aws",
                "pk_attr": "charge_id",
                "table_description": "A charge, and the record that it is part of, for good.",
            },
            bases=["Model"],
        ),
    ]
