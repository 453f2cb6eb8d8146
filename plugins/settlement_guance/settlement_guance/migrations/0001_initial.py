from tortoise import migrations
from tortoise.migrations import operations as ops
from settlement_guance.models import Place
from settlement_spec.funds import MovementKind, Source
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
            name="FundRow",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True)),
                ("account_id", fields.UUIDField(db_index=True)),
                (
                    "source",
                    fields.CharEnumField(
                        description="VOUCHER: VOUCHER\nFULL_REDUCTION: FULL_REDUCTION\nCARD: CARD\nCASH: CASH",
                        enum_type=Source,
                        max_length=20,
                    ),
                ),
                ("amount_minor", fields.BigIntField()),
                ("left_minor", fields.BigIntField(default=0)),
                ("issued_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("expires_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("issued_by", fields.CharField(max_length=254)),
                ("note", fields.CharField(max_length=500)),
                ("voided_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("void_reason", fields.CharField(null=True, max_length=500)),
            ],
            options={
                "table": "guance_fund",
                "app": "settlement_guance",
                "pk_attr": "id",
                "table_description": "A voucher or card; the database itself keeps ``left_minor`` the sum of its entries, never below zero.",
            },
            bases=["Model"],
        ),
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
                ("pay_url", fields.TextField(null=True, unique=False)),
            ],
            options={
                "table": "guance_top_up",
                "app": "settlement_guance",
                "pk_attr": "id",
                "table_description": "A bank transfer, announced and then confirmed by staff; or an online payment, which has a ``pay_url``.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="PaymentRow",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True)),
                (
                    "top_up",
                    fields.OneToOneField(
                        "settlement_guance.TopUpRow",
                        source_field="top_up_id",
                        db_constraint=True,
                        to_field="id",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("session_id", fields.CharField(unique=True, max_length=255)),
                ("reference", fields.CharField(null=True, max_length=100)),
                ("received_minor", fields.BigIntField(null=True)),
                ("asked", fields.IntField(default=0)),
                ("ask_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("given_up_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "guance_payment",
                "app": "settlement_guance",
                "pk_attr": "id",
                "table_description": "The online payment of a top-up: the provider's session, and the payment that was made in it, credited or not.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Wallet",
            fields=[
                ("account_id", fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ("opened_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("cash_minor", fields.BigIntField(default=0)),
                ("owing_since", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "guance_wallet",
                "app": "settlement_guance",
                "pk_attr": "account_id",
                "table_description": "An account's wallet; its row is locked while money moves.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="WalletTransaction",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True)),
                ("account_id", fields.UUIDField(db_index=True)),
                (
                    "kind",
                    fields.CharEnumField(
                        description="TOP_UP: TOP_UP\nVOUCHER_ISSUED: VOUCHER_ISSUED\nCARD_PURCHASED: CARD_PURCHASED\nCHARGE: CHARGE\nEXPIRED: EXPIRED\nVOIDED: VOIDED",
                        enum_type=MovementKind,
                        max_length=20,
                    ),
                ),
                ("reference", fields.UUIDField()),
                ("at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("units", fields.BigIntField(default=0)),
                ("collected_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
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
                (
                    "place",
                    fields.CharEnumField(
                        description="VOUCHER: VOUCHER\nFULL_REDUCTION: FULL_REDUCTION\nCARD: CARD\nCASH: CASH\nBANK: BANK\nVENDOR: VENDOR\nGRANTED: GRANTED\nVOID: VOID",
                        enum_type=Place,
                        max_length=20,
                    ),
                ),
                (
                    "fund",
                    fields.ForeignKeyField(
                        "settlement_guance.FundRow",
                        source_field="fund_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("amount_minor", fields.BigIntField()),
                ("currency", fields.CharField(max_length=3)),
            ],
            options={
                "table": "guance_entry",
                "app": "settlement_guance",
                "indexes": [Index(fields=["account_id", "place"]), Index(fields=["transaction_id"])],
                "pk_attr": "id",
                "table_description": "One side of a movement, in minor units: what is added to the place is positive, what leaves it negative.",
            },
            bases=["Model"],
        ),
    ]
