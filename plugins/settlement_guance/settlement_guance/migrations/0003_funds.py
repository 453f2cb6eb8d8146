"""Vouchers and cards; balances that the database itself keeps equal to the sums of their entries."""

from settlement_spec import MovementKind, Source
from settlement_guance.models import Place
from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.indexes import Index
from tortoise.migrations import operations as ops
from uuid_utils.compat import uuid7


class Migration(migrations.Migration):
    dependencies = [("settlement_guance", "0002_guards")]

    initial = False

    operations = [
        ops.CreateModel(
            name="FundRow",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True)),
                ("account_id", fields.UUIDField(db_index=True)),
                ("source", fields.CharEnumField(enum_type=Source, max_length=20)),
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
        ops.AlterModelOptions(
            "Wallet",
            {
                "table": "guance_wallet",
                "app": "settlement_guance",
                "pk_attr": "account_id",
                "table_description": "An account's wallet; its row is locked while money moves.",
            },
        ),
        ops.AddField("Wallet", "cash_minor", fields.BigIntField(default=0)),
        ops.AddField("Wallet", "owing_since", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
        ops.AddField("WalletTransaction", "units", fields.IntField(default=0)),
        ops.AddField(
            "WalletTransaction", "collected_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)
        ),
        ops.AddField(
            "WalletEntry",
            "fund",
            fields.ForeignKeyField(
                "settlement_guance.FundRow",
                source_field="fund_id",
                db_constraint=True,
                to_field="id",
                on_delete=OnDelete.RESTRICT,
                null=True,
            ),
        ),
        ops.AlterField("WalletTransaction", "kind", fields.CharEnumField(enum_type=MovementKind, max_length=20)),
        ops.AlterField("WalletEntry", "place", fields.CharEnumField(enum_type=Place, max_length=20)),
        ops.AddIndex("WalletEntry", Index(fields=["transaction_id"])),
        ops.RunSQL(
            [
                "CREATE INDEX guance_wallet_owing ON guance_wallet (account_id) WHERE cash_minor < 0",
                "CREATE INDEX guance_fund_usable ON guance_fund (expires_at) WHERE left_minor > 0",
                "CREATE INDEX guance_transaction_collected ON guance_transaction (collected_at) WHERE kind = 'CHARGE'",
                "ALTER TABLE guance_wallet ADD CHECK ((cash_minor < 0) = (owing_since IS NOT NULL))",
                "ALTER TABLE guance_fund ADD CHECK (left_minor BETWEEN 0 AND amount_minor)",
                "CREATE FUNCTION guance_apply_entry() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                "IF NEW.place = 'CASH' THEN "
                "UPDATE guance_wallet SET cash_minor = cash_minor + NEW.amount_minor, "
                "owing_since = CASE WHEN cash_minor + NEW.amount_minor >= 0 THEN NULL ELSE coalesce(owing_since, "
                "(SELECT at FROM guance_transaction WHERE id = NEW.transaction_id)) END "
                "WHERE account_id = NEW.account_id; "
                "ELSIF NEW.place IN ('VOUCHER', 'FULL_REDUCTION', 'CARD') THEN "
                "UPDATE guance_fund SET left_minor = left_minor + NEW.amount_minor "
                "WHERE id = NEW.fund_id AND account_id = NEW.account_id; "
                "ELSE RETURN NULL; END IF; "
                "IF NOT FOUND THEN RAISE EXCEPTION 'entry % is of nobody''s wallet', NEW.id; END IF; "
                "RETURN NULL; END $$",
                "CREATE TRIGGER apply AFTER INSERT ON guance_entry FOR EACH ROW EXECUTE FUNCTION guance_apply_entry()",
            ]
        ),
    ]
