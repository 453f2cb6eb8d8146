"""The tables of metering records, and the rules that keep what was pushed."""

from enum import StrEnum
from pathlib import Path
from typing import Any

from tortoise import fields
from tortoise.migrations import Migration as BaseMigration
from tortoise.migrations.operations import CreateModel, RunSQL


def one_of(*values: str) -> type[StrEnum]:
    """What a column may hold, as it was when this migration was written."""
    return StrEnum("Value", {value: value for value in values})  # type: ignore[return-value]


class Migration(BaseMigration):
    initial = True

    operations: Any = [
        CreateModel(
            "Instance",
            [
                ("id", fields.CharField(max_length=64, primary_key=True)),
                ("aliyun_uid", fields.CharField(max_length=32)),
                ("order_id", fields.CharField(max_length=64)),
                ("product_code", fields.CharField(max_length=64)),
                ("sku_id", fields.CharField(max_length=64)),
                ("trial", fields.BooleanField()),
                ("state", fields.CharEnumField(one_of("ACTIVE", "EXPIRED", "RELEASED"), max_length=10)),
                ("expires_at", fields.DatetimeField(null=True)),
                ("created_at", fields.DatetimeField()),
                ("next_push_at", fields.DatetimeField(null=True)),
                ("looked_at", fields.DatetimeField(null=True)),
                ("hurried_for", fields.DatetimeField(null=True)),
            ],
            {"table": "aliyun_instance", "app": "settlement_aliyun", "pk_attr": "id"},
        ),
        CreateModel(
            "Announcement",
            [
                ("token", fields.CharField(max_length=32, primary_key=True)),
                ("action", fields.CharField(max_length=64)),
                ("parameters", fields.JSONField()),
                ("received_at", fields.DatetimeField()),
            ],
            {"table": "aliyun_announcement", "app": "settlement_aliyun", "pk_attr": "token"},
        ),
        CreateModel(
            "Link",
            [
                ("account_id", fields.UUIDField(primary_key=True)),
                (
                    "instance",
                    fields.ForeignKeyField(
                        "settlement_aliyun.Instance",
                        source_field="instance_id",
                        to_field="id",
                        on_delete=fields.RESTRICT,
                    ),
                ),
                ("linked_at", fields.DatetimeField()),
            ],
            {"table": "aliyun_link", "app": "settlement_aliyun", "pk_attr": "account_id"},
        ),
        CreateModel(
            "Record",
            [
                ("id", fields.UUIDField(primary_key=True)),
                (
                    "instance",
                    fields.ForeignKeyField(
                        "settlement_aliyun.Instance",
                        source_field="instance_id",
                        to_field="id",
                        on_delete=fields.RESTRICT,
                    ),
                ),
                ("day_starts_at", fields.DatetimeField()),
                ("slot", fields.IntField()),
                ("start_time", fields.BigIntField()),
                ("end_time", fields.BigIntField()),
                ("key", fields.CharField(max_length=32)),
                ("metering_item", fields.CharField(max_length=100, null=True)),
                ("value", fields.BigIntField()),
                ("state", fields.CharEnumField(one_of("WAITING", "PUSHING", "LOST", "CONFIRMED"), max_length=10)),
                ("alone", fields.BooleanField(default=False)),
                ("reason", fields.CharField(max_length=1000, null=True)),
                ("request_id", fields.CharField(max_length=100, null=True)),
                ("confirmed_at", fields.DatetimeField(db_index=True, null=True)),
            ],
            {
                "table": "aliyun_record",
                "app": "settlement_aliyun",
                "unique_together": (("instance", "day_starts_at", "slot"),),
                "pk_attr": "id",
            },
        ),
        CreateModel(
            "RecordedCharge",
            [
                ("charge_id", fields.UUIDField(primary_key=True)),
                (
                    "record",
                    fields.ForeignKeyField(
                        "settlement_aliyun.Record", source_field="record_id", to_field="id", on_delete=fields.RESTRICT
                    ),
                ),
                ("units", fields.BigIntField()),
                ("amount_minor", fields.BigIntField()),
                ("currency", fields.CharField(max_length=3)),
            ],
            {"table": "aliyun_charge", "app": "settlement_aliyun", "pk_attr": "charge_id"},
        ),
        RunSQL(Path(__file__).with_name("0001_rules.sql").read_text()),
    ]
