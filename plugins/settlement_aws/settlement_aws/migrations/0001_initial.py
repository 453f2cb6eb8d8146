"""The tables of subscriptions and usage records."""

from enum import StrEnum
from typing import Any

from tortoise import fields
from tortoise.migrations import Migration as BaseMigration
from tortoise.migrations.operations import CreateModel


def one_of(*values: str) -> type[StrEnum]:
    """What a column may hold, as it was when this migration was written."""
    return StrEnum("Value", {value: value for value in values})  # type: ignore[return-value]


class Migration(BaseMigration):
    initial = True

    operations: Any = [
        CreateModel(
            "Notification",
            [
                ("message_id", fields.CharField(max_length=100, primary_key=True)),
                ("action", fields.CharField(max_length=100)),
                ("at", fields.DatetimeField()),
                ("customer_identifier", fields.CharField(max_length=255, db_index=True, null=True)),
                ("product_code", fields.CharField(max_length=255, null=True)),
                ("customer_aws_account_id", fields.CharField(max_length=255, db_index=True, null=True)),
                ("license_arn", fields.CharField(max_length=1200, null=True)),
                ("agreement_id", fields.CharField(max_length=64, db_index=True, null=True)),
                ("payload", fields.JSONField()),
                ("handled_at", fields.DatetimeField(null=True)),
            ],
            {"table": "aws_notification", "app": "settlement_aws", "pk_attr": "message_id"},
        ),
        CreateModel(
            "Subscription",
            [
                ("id", fields.UUIDField(primary_key=True)),
                ("reference", fields.CharField(max_length=1500, unique=True)),
                ("customer", fields.CharField(max_length=255)),
                ("product_code", fields.CharField(max_length=255)),
                ("customer_aws_account_id", fields.CharField(max_length=255, null=True)),
                ("license_arn", fields.CharField(max_length=1200, db_index=True, null=True)),
                ("customer_identifier", fields.CharField(max_length=255, db_index=True, null=True)),
                ("agreement_id", fields.CharField(max_length=64, db_index=True, null=True)),
                ("initial_agreement_id", fields.CharField(max_length=64, db_index=True, null=True)),
                (
                    "state",
                    fields.CharEnumField(
                        one_of("REGISTERED", "SUBSCRIBED", "LEAVING", "UNSUBSCRIBED", "REFUSED"),
                        max_length=12,
                        default="REGISTERED",
                    ),
                ),
                ("state_at", fields.DatetimeField(null=True)),
                ("registered_at", fields.DatetimeField()),
            ],
            {"table": "aws_subscription", "app": "settlement_aws", "pk_attr": "id"},
        ),
        CreateModel(
            "ClaimCode",
            [
                ("code_hash", fields.CharField(max_length=64, primary_key=True)),
                (
                    "subscription",
                    fields.ForeignKeyField(
                        "settlement_aws.Subscription",
                        source_field="subscription_id",
                        to_field="id",
                        on_delete=fields.RESTRICT,
                    ),
                ),
                ("expires_at", fields.DatetimeField()),
                ("account_id", fields.UUIDField(null=True)),
            ],
            {"table": "aws_claim_code", "app": "settlement_aws", "pk_attr": "code_hash"},
        ),
        CreateModel(
            "Link",
            [
                ("id", fields.UUIDField(primary_key=True)),
                (
                    "subscription",
                    fields.ForeignKeyField(
                        "settlement_aws.Subscription",
                        source_field="subscription_id",
                        to_field="id",
                        on_delete=fields.RESTRICT,
                    ),
                ),
                ("account_id", fields.UUIDField(db_index=True)),
                ("linked_at", fields.DatetimeField()),
                ("ended_at", fields.DatetimeField(null=True)),
            ],
            {
                "table": "aws_link",
                "app": "settlement_aws",
                "unique_together": (("subscription_id", "account_id"),),
                "pk_attr": "id",
            },
        ),
        CreateModel(
            "UsageRecord",
            [
                ("id", fields.UUIDField(primary_key=True)),
                (
                    "subscription",
                    fields.ForeignKeyField(
                        "settlement_aws.Subscription",
                        source_field="subscription_id",
                        to_field="id",
                        on_delete=fields.RESTRICT,
                    ),
                ),
                ("payer", fields.CharField(max_length=1500)),
                ("customer", fields.CharField(max_length=255)),
                ("license_arn", fields.CharField(max_length=1200, null=True)),
                ("region", fields.CharField(max_length=40)),
                ("dimension", fields.CharField(max_length=255)),
                ("hour", fields.DatetimeField()),
                ("quantity", fields.IntField()),
                (
                    "state",
                    fields.CharEnumField(one_of("PENDING", "ACCEPTED", "REFUSED"), max_length=10, default="PENDING"),
                ),
                ("attempts", fields.IntField(default=0)),
                ("metering_record_id", fields.CharField(max_length=255, null=True)),
                ("reason", fields.CharField(max_length=500, null=True)),
                ("accepted_at", fields.DatetimeField(null=True)),
            ],
            {
                "table": "aws_usage_record",
                "app": "settlement_aws",
                "unique_together": (("payer", "dimension", "hour"),),
                "pk_attr": "id",
            },
        ),
        CreateModel(
            "MeteredCharge",
            [
                ("charge_id", fields.UUIDField(primary_key=True)),
                (
                    "record",
                    fields.ForeignKeyField(
                        "settlement_aws.UsageRecord",
                        source_field="record_id",
                        related_name="charges",
                        to_field="id",
                        on_delete=fields.RESTRICT,
                    ),
                ),
                ("units", fields.IntField()),
                ("amount_minor", fields.BigIntField()),
                ("currency", fields.CharField(max_length=3)),
            ],
            {"table": "aws_metered_charge", "app": "settlement_aws", "pk_attr": "charge_id"},
        ),
    ]
