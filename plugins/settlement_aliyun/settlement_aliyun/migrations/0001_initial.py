from tortoise import migrations
from tortoise.migrations import operations as ops
from settlement_aliyun.models import InstanceState, RecordState
from tortoise.fields.base import OnDelete
from uuid import uuid4
from uuid_utils.compat import uuid7
from tortoise import fields


class Migration(migrations.Migration):
    initial = True

    operations = [
        ops.CreateModel(
            name="Instance",
            fields=[
                ("id", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=64)),
                ("aliyun_uid", fields.CharField(max_length=32)),
                ("order_id", fields.CharField(max_length=64)),
                ("product_code", fields.CharField(max_length=64)),
                ("sku_id", fields.CharField(max_length=64)),
                ("trial", fields.BooleanField()),
                (
                    "state",
                    fields.CharEnumField(
                        description="ACTIVE: ACTIVE\nEXPIRED: EXPIRED\nRELEASED: RELEASED",
                        enum_type=InstanceState,
                        max_length=10,
                    ),
                ),
                ("expires_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("next_push_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "aliyun_instance",
                "app": "settlement_aliyun",
                "pk_attr": "id",
                "table_description": "A subscription that the marketplace created; it is not pushed to before ``next_push_at``.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Link",
            fields=[
                ("account_id", fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                (
                    "instance",
                    fields.ForeignKeyField(
                        "settlement_aliyun.Instance",
                        source_field="instance_id",
                        db_constraint=True,
                        to_field="id",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("linked_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "aliyun_link",
                "app": "settlement_aliyun",
                "pk_attr": "account_id",
                "table_description": "The instance that pays for an account.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Record",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True)),
                (
                    "instance",
                    fields.ForeignKeyField(
                        "settlement_aliyun.Instance",
                        source_field="instance_id",
                        db_constraint=True,
                        to_field="id",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("day_starts_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("slot", fields.IntField()),
                ("start_time", fields.BigIntField()),
                ("end_time", fields.BigIntField()),
                ("key", fields.CharField(max_length=32)),
                ("metering_item", fields.CharField(null=True, max_length=100)),
                ("value", fields.BigIntField()),
                (
                    "state",
                    fields.CharEnumField(
                        description="WAITING: WAITING\nPUSHING: PUSHING\nLOST: LOST\nCONFIRMED: CONFIRMED",
                        enum_type=RecordState,
                        max_length=10,
                    ),
                ),
                ("alone", fields.BooleanField(default=False)),
                ("reason", fields.CharField(null=True, max_length=1000)),
                ("request_id", fields.CharField(null=True, max_length=100)),
                ("confirmed_at", fields.DatetimeField(null=True, db_index=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "aliyun_record",
                "app": "settlement_aliyun",
                "unique_together": (("instance", "day_starts_at", "slot"),),
                "pk_attr": "id",
                "table_description": "One metering record; ``slot`` is its place in the day that it is billed on.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="RecordedCharge",
            fields=[
                ("charge_id", fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                (
                    "record",
                    fields.ForeignKeyField(
                        "settlement_aliyun.Record",
                        source_field="record_id",
                        db_constraint=True,
                        to_field="id",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("units", fields.BigIntField()),
                ("amount_minor", fields.BigIntField()),
                ("currency", fields.CharField(max_length=3)),
            ],
            options={
                "table": "aliyun_charge",
                "app": "settlement_aliyun",
                "pk_attr": "charge_id",
                "table_description": "That a charge is part of a record: of one, as long as that may be at the marketplace.",
            },
            bases=["Model"],
        ),
    ]
