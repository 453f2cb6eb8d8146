from tortoise import migrations
from tortoise.migrations import operations as ops
from app.applications.models import ApplicationState, ContractState, NoteKind
from app.billing.models import ChargeKind
from app.editions.keys import EditionKey
from orjson import loads
from tortoise.fields.base import OnDelete
from tortoise.fields.data import JSON_DUMPS
from uuid_utils.compat import uuid7
from tortoise import fields


class Migration(migrations.Migration):
    dependencies = [("app", "0008_statements")]

    initial = False

    operations = [
        ops.CreateModel(
            name="Application",
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
                    "edition",
                    fields.CharEnumField(
                        description="COMMUNITY: COMMUNITY\nPAY_AS_YOU_GO: PAY_AS_YOU_GO\nSUBSCRIPTION: SUBSCRIPTION\nLICENSED: LICENSED",
                        enum_type=EditionKey,
                        max_length=20,
                    ),
                ),
                (
                    "state",
                    fields.CharEnumField(
                        description="SUBMITTED: SUBMITTED\nIN_REVIEW: IN_REVIEW\nOFFERED: OFFERED\nACCEPTED: ACCEPTED\nDECLINED: DECLINED\nWITHDRAWN: WITHDRAWN\nLAPSED: LAPSED",
                        enum_type=ApplicationState,
                        max_length=10,
                    ),
                ),
                ("remarks", fields.TextField(unique=False)),
                ("contact_name", fields.CharField(max_length=100)),
                ("contact_phone", fields.CharField(max_length=30)),
                ("contact_email", fields.CharField(max_length=254)),
                ("expected_data_kits", fields.IntField()),
                ("term_months", fields.IntField()),
                ("submitted_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                (
                    "manager",
                    fields.ForeignKeyField(
                        "app.User",
                        source_field="manager_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("lapses_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("reason", fields.CharField(null=True, max_length=500)),
                ("closed_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "application",
                "app": "app",
                "pk_attr": "id",
                "table_description": "What an account asks for. ``lapses_at`` is when its newest offer is no longer valid.",
            },
            bases=["Record"],
        ),
        ops.CreateModel(
            name="ApplicationNote",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True)),
                (
                    "application",
                    fields.ForeignKeyField(
                        "app.Application",
                        source_field="application_id",
                        db_constraint=True,
                        to_field="id",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "kind",
                    fields.CharEnumField(description="NOTE: NOTE\nCONTACT: CONTACT", enum_type=NoteKind, max_length=10),
                ),
                ("text", fields.TextField(unique=False)),
                ("author", fields.CharField(max_length=254)),
                ("at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "application_note",
                "app": "app",
                "pk_attr": "id",
                "table_description": "A note, or that the customer was contacted; for staff, and never changed.",
            },
            bases=["Record"],
        ),
        ops.CreateModel(
            name="Offer",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True)),
                (
                    "application",
                    fields.ForeignKeyField(
                        "app.Application",
                        source_field="application_id",
                        db_constraint=True,
                        to_field="id",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
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
                ("price_minor", fields.BigIntField()),
                ("currency", fields.CharField(max_length=3)),
                ("dk_limit", fields.IntField()),
                ("starts_on", fields.DateField()),
                ("ends_on", fields.DateField()),
                ("schedule", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("valid_until", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("made_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "offer",
                "app": "app",
                "pk_attr": "id",
                "table_description": "Terms offered for an application; never changed: other terms are a new offer.",
            },
            bases=["Record"],
        ),
        ops.CreateModel(
            name="Contract",
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
                    "offer",
                    fields.OneToOneField(
                        "app.Offer",
                        source_field="offer_id",
                        db_constraint=True,
                        to_field="id",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "plan",
                    fields.ForeignKeyField(
                        "app.PricePlan",
                        source_field="plan_id",
                        db_constraint=True,
                        to_field="id",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "edition",
                    fields.CharEnumField(
                        description="COMMUNITY: COMMUNITY\nPAY_AS_YOU_GO: PAY_AS_YOU_GO\nSUBSCRIPTION: SUBSCRIPTION\nLICENSED: LICENSED",
                        enum_type=EditionKey,
                        max_length=20,
                    ),
                ),
                (
                    "state",
                    fields.CharEnumField(
                        description="SCHEDULED: SCHEDULED\nACTIVE: ACTIVE\nENDED: ENDED",
                        enum_type=ContractState,
                        max_length=10,
                    ),
                ),
                ("dk_limit", fields.IntField()),
                ("starts_on", fields.DateField()),
                ("ends_on", fields.DateField()),
                ("accepted_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("ended_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("reminded_days", fields.IntField(null=True)),
                ("attention_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "contract",
                "app": "app",
                "pk_attr": "id",
                "table_description": "An accepted offer. ``attention_at`` is when the worker has something to do with it next.",
            },
            bases=["Record"],
        ),
        ops.CreateModel(
            name="Instalment",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True)),
                (
                    "contract",
                    fields.ForeignKeyField(
                        "app.Contract",
                        source_field="contract_id",
                        db_constraint=True,
                        to_field="id",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
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
                ("position", fields.SmallIntField()),
                ("due_on", fields.DateField()),
                ("amount_minor", fields.BigIntField()),
                ("charge_id", fields.UUIDField(null=True, unique=True)),
            ],
            options={
                "table": "instalment",
                "app": "app",
                "unique_together": (("contract", "position"),),
                "pk_attr": "id",
                "table_description": "A part of a contract's price; it has its charge from its due day on.",
            },
            bases=["Record"],
        ),
        ops.AlterModelOptions(
            name="Charge",
            options={
                "table": "charge",
                "app": "app",
                "unique_together": (("account", "day", "sequence"),),
                "pk_attr": "id",
                "table_description": "What an account owes for one billing day, a correction of that, or an instalment; rows are never changed.",
            },
        ),
        ops.AlterField(
            model_name="Charge",
            name="kind",
            field=fields.CharEnumField(
                description="DAILY: DAILY\nADJUSTMENT: ADJUSTMENT\nCREDIT_NOTE: CREDIT_NOTE\nINSTALMENT: INSTALMENT",
                enum_type=ChargeKind,
                max_length=12,
            ),
        ),
        ops.AddField(
            model_name="PricePlan",
            name="account_id",
            field=fields.UUIDField(null=True),
        ),
        ops.AddField(
            model_name="Upgrade",
            name="last_billed_day",
            field=fields.DateField(null=True),
        ),
        ops.RunSQL(
            [
                "CREATE UNIQUE INDEX application_open ON application (account_id, edition) "
                "WHERE state IN ('SUBMITTED', 'IN_REVIEW', 'OFFERED')",
                "CREATE INDEX application_lapsing ON application (lapses_at) WHERE state = 'OFFERED'",
                "CREATE INDEX application_queue ON application (state, id)",
                "CREATE INDEX application_note_application ON application_note (application_id, id)",
                "CREATE INDEX offer_application ON offer (application_id, id)",
                "CREATE INDEX contract_account ON contract (account_id, id)",
                "CREATE INDEX contract_attention ON contract (attention_at)",
                "ALTER TABLE offer ADD CHECK (price_minor >= 0 AND dk_limit >= -1 AND ends_on >= starts_on)",
                "ALTER TABLE instalment ADD CHECK (amount_minor > 0)",
                *(
                    f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
                    "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
                    for table in ("application_note", "offer")
                ),
            ],
        ),
    ]
