from tortoise import migrations
from tortoise.migrations import operations as ops
from app.billing.models import ChargeKind
from app.invoices.models import InvoiceState
from tortoise.fields.base import OnDelete
from uuid_utils.compat import uuid7
from tortoise import fields
from tortoise.indexes import Index

APPEND_ONLY = ("credit_note", "statement", "statement_charge")
ALL_APPEND_ONLY = (
    "acceptance",
    "agreement_version",
    "charge",
    "event",
    "journal_entry",
    "journal_transaction",
    "price_plan",
    *APPEND_ONLY,
)


class Migration(migrations.Migration):
    dependencies = [("app", "0007_licenses")]

    initial = False

    operations = [
        ops.CreateModel(
            name="CreditNote",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True)),
                (
                    "charge",
                    fields.OneToOneField(
                        "app.Charge",
                        source_field="charge_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="credit_note",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "credited",
                    fields.ForeignKeyField(
                        "app.Charge",
                        source_field="credited_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="credits",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("account_id", fields.UUIDField(db_index=True)),
                ("reason", fields.CharField(max_length=500)),
                ("issued_by", fields.CharField(max_length=254)),
                ("issued_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "credit_note",
                "app": "app",
                "pk_attr": "id",
                "table_description": "That a charge is given back, in whole or in part: ``charge`` is the negative one, ``credited`` what it is about.",
            },
            bases=["Record"],
        ),
        ops.CreateModel(
            name="Invoice",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True)),
                (
                    "account",
                    fields.ForeignKeyField(
                        "app.Account",
                        source_field="account_id",
                        db_constraint=True,
                        to_field="id",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "state",
                    fields.CharEnumField(
                        description="REQUESTED: REQUESTED\nISSUED: ISSUED\nREJECTED: REJECTED\nCANCELLED: CANCELLED",
                        enum_type=InvoiceState,
                        max_length=10,
                    ),
                ),
                ("title", fields.CharField(max_length=200)),
                ("country", fields.CharField(max_length=2)),
                ("tax_number", fields.CharField(max_length=40)),
                ("email", fields.CharField(max_length=254)),
                ("address", fields.CharField(null=True, max_length=500)),
                ("amount_minor", fields.BigIntField()),
                ("currency", fields.CharField(max_length=3)),
                ("requested_by", fields.CharField(max_length=254)),
                ("requested_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("number", fields.CharField(null=True, unique=True, max_length=40)),
                ("reason", fields.CharField(null=True, max_length=500)),
                ("decided_by", fields.CharField(null=True, max_length=254)),
                ("decided_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "invoice",
                "app": "app",
                "indexes": [Index(fields=["account_id", "state"])],
                "pk_attr": "id",
                "table_description": "A request for an invoice over cash that was paid; amounts are minor units of ``currency``.",
            },
            bases=["Record"],
        ),
        ops.CreateModel(
            name="Statement",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True)),
                (
                    "account",
                    fields.ForeignKeyField(
                        "app.Account",
                        source_field="account_id",
                        db_constraint=True,
                        to_field="id",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("month", fields.DateField()),
                ("number", fields.CharField(unique=True, max_length=30)),
                ("account_name", fields.CharField(max_length=200)),
                ("time_zone", fields.CharField(max_length=64)),
                ("issued_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "statement",
                "app": "app",
                "unique_together": (("account", "month"),),
                "pk_attr": "id",
                "table_description": "An account's statement of a month, by the first day of that month; rows are never changed.",
            },
            bases=["Record"],
        ),
        ops.CreateModel(
            name="StatementCharge",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True)),
                (
                    "statement",
                    fields.ForeignKeyField(
                        "app.Statement",
                        source_field="statement_id",
                        db_constraint=True,
                        to_field="id",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "charge",
                    fields.OneToOneField(
                        "app.Charge",
                        source_field="charge_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="stated",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("settled", fields.BooleanField()),
            ],
            options={
                "table": "statement_charge",
                "app": "app",
                "indexes": [Index(fields=["statement_id"])],
                "pk_attr": "id",
                "table_description": "That a charge stands on a statement, on one and no other, and whether it was collected by then.",
            },
            bases=["Record"],
        ),
        ops.AlterField(
            model_name="Charge",
            name="kind",
            field=fields.CharEnumField(
                description="DAILY: DAILY\nADJUSTMENT: ADJUSTMENT\nCREDIT_NOTE: CREDIT_NOTE",
                enum_type=ChargeKind,
                max_length=12,
            ),
        ),
        ops.RunSQL(
            [
                "CREATE INDEX journal_transaction_account ON journal_transaction (account_id, at)",
                "DROP TRIGGER balanced ON journal_entry",
                "DROP FUNCTION check_balanced()",
                # Set-based: one look at what a statement inserted, however many rows those are.
                "CREATE FUNCTION check_balanced() RETURNS trigger LANGUAGE plpgsql AS $$ "
                "DECLARE wrong uuid; BEGIN "
                "SELECT transaction_id INTO wrong FROM inserted GROUP BY transaction_id, currency "
                "HAVING sum(amount_minor) <> 0 LIMIT 1; "
                "IF FOUND THEN RAISE EXCEPTION 'the entries of journal transaction % do not sum to zero', wrong "
                "USING ERRCODE = 'check_violation', HINT = 'insert all entries of a transaction in one statement'; "
                "END IF; RETURN NULL; END $$",
                "CREATE TRIGGER balanced AFTER INSERT ON journal_entry REFERENCING NEW TABLE AS inserted "
                "FOR EACH STATEMENT EXECUTE FUNCTION check_balanced()",
                "CREATE SEQUENCE statement_number",
                "ALTER TABLE statement ADD CHECK (extract(day FROM month) = 1)",
                "ALTER TABLE invoice ADD CHECK (amount_minor > 0), "
                "ADD CHECK ((state = 'ISSUED') = (number IS NOT NULL)), "
                "ADD CHECK (state <> 'REJECTED' OR reason IS NOT NULL)",
                *(
                    f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
                    "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
                    for table in APPEND_ONLY
                ),
                # Always: for replicas and for whoever sets session_replication_role, too.
                *(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER append_only" for table in ALL_APPEND_ONLY),
            ]
        ),
    ]
