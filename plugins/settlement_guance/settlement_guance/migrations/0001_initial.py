from tortoise import migrations
from tortoise.migrations import operations as ops
from settlement_spec.values import TopUpState
from tortoise.fields.base import OnDelete
from uuid import uuid4
from uuid_utils.compat import uuid7
from tortoise import fields
from tortoise.indexes import Index


class Migration(migrations.Migration):
    initial = True

    operations = [
        ops.CreateModel(
            name="TopUpRow",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True)),
                ("account_id", fields.UUIDField(db_index=True)),
                ("amount_minor", fields.BigIntField()),
                ("currency", fields.CharField(max_length=3)),
                (
                    "state",
                    fields.CharEnumField(
                        description="REQUESTED: REQUESTED\nCONFIRMED: CONFIRMED\nCANCELLED: CANCELLED",
                        enum_type=TopUpState,
                        max_length=10,
                    ),
                ),
                ("reference", fields.CharField(unique=True, max_length=20)),
                ("bank_reference", fields.CharField(null=True, unique=True, max_length=100)),
                ("received_minor", fields.BigIntField(null=True)),
                ("requested_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("confirmed_by", fields.CharField(null=True, max_length=254)),
                ("confirmed_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "guance_top_up",
                "app": "settlement_guance",
                "pk_attr": "id",
                "table_description": "A bank transfer, announced and then confirmed by staff.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Wallet",
            fields=[
                ("account_id", fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ("opened_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "guance_wallet",
                "app": "settlement_guance",
                "pk_attr": "account_id",
                "table_description": "An account's wallet; its row is locked while money moves. The balance is the sum of the cash entries.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="WalletTransaction",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True)),
                ("account_id", fields.UUIDField(db_index=True)),
                ("kind", fields.CharField(max_length=20)),
                ("reference", fields.UUIDField()),
                ("at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "guance_transaction",
                "app": "settlement_guance",
                "unique_together": (("kind", "reference"),),
                "pk_attr": "id",
                "table_description": "One movement; ``(kind, reference)`` names what caused it, once.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="WalletEntry",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True)),
                (
                    "transaction",
                    fields.ForeignKeyField(
                        "settlement_guance.WalletTransaction",
                        source_field="transaction_id",
                        db_constraint=True,
                        to_field="id",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("account_id", fields.UUIDField()),
                ("place", fields.CharField(max_length=20)),
                ("amount_minor", fields.BigIntField()),
                ("currency", fields.CharField(max_length=3)),
            ],
            options={
                "table": "guance_entry",
                "app": "settlement_guance",
                "indexes": [Index(fields=["account_id", "place"])],
                "pk_attr": "id",
                "table_description": "One side of a movement, in minor units: what is added to the place is positive, what leaves it negative.",
            },
            bases=["Model"],
        ),
    ]
