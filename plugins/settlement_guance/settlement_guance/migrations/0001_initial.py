"""The enterprise account's tables, and what its models cannot say."""

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
            "FundRow",
            [
                ("id", fields.UUIDField(primary_key=True)),
                ("account_id", fields.UUIDField(db_index=True)),
                ("source", fields.CharEnumField(one_of("VOUCHER", "FULL_REDUCTION", "CARD", "CASH"), max_length=20)),
                ("amount_minor", fields.BigIntField()),
                ("left_minor", fields.BigIntField(default=0)),
                ("issued_at", fields.DatetimeField()),
                ("expires_at", fields.DatetimeField()),
                ("issued_by", fields.CharField(max_length=254)),
                ("note", fields.CharField(max_length=500)),
                ("voided_at", fields.DatetimeField(null=True)),
                ("void_reason", fields.CharField(max_length=500, null=True)),
            ],
            {"table": "guance_fund", "app": "settlement_guance", "pk_attr": "id"},
        ),
        CreateModel(
            "TopUpRow",
            [
                ("id", fields.UUIDField(primary_key=True)),
                ("account_id", fields.UUIDField(db_index=True)),
                ("sandbox", fields.BooleanField(default=False)),
                ("amount_minor", fields.BigIntField()),
                ("currency", fields.CharField(max_length=3)),
                ("state", fields.CharEnumField(one_of("REQUESTED", "CONFIRMED", "CANCELLED"), max_length=10)),
                ("reference", fields.CharField(max_length=20, unique=True)),
                ("bank_reference", fields.CharField(max_length=100, unique=True, null=True)),
                ("received_minor", fields.BigIntField(null=True)),
                ("requested_at", fields.DatetimeField()),
                ("confirmed_by", fields.CharField(max_length=254, null=True)),
                ("confirmed_at", fields.DatetimeField(null=True)),
                ("pay_url", fields.TextField(null=True)),
                ("refunded_minor", fields.BigIntField(default=0)),
            ],
            {
                "table": "guance_top_up",
                "app": "settlement_guance",
                "indexes": (("state", "id"),),
                "pk_attr": "id",
            },
        ),
        CreateModel(
            "RefundRow",
            [
                ("id", fields.UUIDField(primary_key=True)),
                (
                    "top_up",
                    fields.ForeignKeyField(
                        "settlement_guance.TopUpRow", source_field="top_up_id", to_field="id", on_delete=fields.RESTRICT
                    ),
                ),
                ("amount_minor", fields.BigIntField()),
                ("reference", fields.CharField(max_length=100, unique=True)),
                ("noted_by", fields.CharField(max_length=254)),
                ("noted_at", fields.DatetimeField()),
            ],
            {"table": "guance_refund", "app": "settlement_guance", "pk_attr": "id"},
        ),
        CreateModel(
            "PaymentRow",
            [
                ("id", fields.UUIDField(primary_key=True)),
                (
                    "top_up",
                    fields.OneToOneField(
                        "settlement_guance.TopUpRow", source_field="top_up_id", to_field="id", on_delete=fields.RESTRICT
                    ),
                ),
                ("session_id", fields.CharField(max_length=255, unique=True)),
                ("reference", fields.CharField(max_length=100, null=True)),
                ("received_minor", fields.BigIntField(null=True)),
                ("asked", fields.IntField(default=0)),
                ("ask_at", fields.DatetimeField(null=True)),
                ("given_up_at", fields.DatetimeField(null=True)),
            ],
            {"table": "guance_payment", "app": "settlement_guance", "pk_attr": "id"},
        ),
        CreateModel(
            "Wallet",
            [
                ("account_id", fields.UUIDField(primary_key=True)),
                ("opened_at", fields.DatetimeField()),
                ("cash_minor", fields.BigIntField(default=0)),
                ("owing_since", fields.DatetimeField(null=True)),
            ],
            {"table": "guance_wallet", "app": "settlement_guance", "pk_attr": "account_id"},
        ),
        CreateModel(
            "WalletTransaction",
            [
                ("id", fields.UUIDField(primary_key=True)),
                ("account_id", fields.UUIDField()),
                (
                    "kind",
                    fields.CharEnumField(
                        one_of("TOP_UP", "VOUCHER_ISSUED", "CARD_PURCHASED", "CHARGE", "REFUND", "EXPIRED", "VOIDED"),
                        max_length=20,
                    ),
                ),
                ("reference", fields.UUIDField()),
                ("at", fields.DatetimeField()),
                ("units", fields.BigIntField(default=0)),
                ("corrects", fields.UUIDField(null=True, db_index=True)),
                ("collected_at", fields.DatetimeField(null=True)),
                ("for_account_id", fields.UUIDField(null=True)),
            ],
            {
                "table": "guance_transaction",
                "app": "settlement_guance",
                "unique_together": (("kind", "reference"),),
                "indexes": (("account_id", "id"),),
                "pk_attr": "id",
            },
        ),
        CreateModel(
            "WalletEntry",
            [
                ("id", fields.UUIDField(primary_key=True)),
                (
                    "transaction",
                    fields.ForeignKeyField(
                        "settlement_guance.WalletTransaction",
                        source_field="transaction_id",
                        to_field="id",
                        on_delete=fields.RESTRICT,
                    ),
                ),
                ("account_id", fields.UUIDField()),
                (
                    "place",
                    fields.CharEnumField(
                        one_of("VOUCHER", "FULL_REDUCTION", "CARD", "CASH", "BANK", "VENDOR", "GRANTED", "VOID"),
                        max_length=20,
                    ),
                ),
                (
                    "fund",
                    fields.ForeignKeyField(
                        "settlement_guance.FundRow",
                        source_field="fund_id",
                        null=True,
                        to_field="id",
                        on_delete=fields.RESTRICT,
                    ),
                ),
                ("amount_minor", fields.BigIntField()),
                ("currency", fields.CharField(max_length=3)),
            ],
            {
                "table": "guance_entry",
                "app": "settlement_guance",
                "indexes": (("account_id", "place"), ("transaction_id",)),
                "pk_attr": "id",
            },
        ),
        RunSQL(Path(__file__).with_name("0001_rules.sql").read_text()),
    ]
