"""Every table, and what models cannot say: functions, triggers, checks, indexes."""

from enum import StrEnum
from pathlib import Path
from typing import Any

from tortoise import fields
from tortoise.contrib.postgres.fields import ArrayField
from tortoise.migrations import Migration as BaseMigration
from tortoise.migrations.operations import CreateModel, RunSQL, TortoiseOperation
from tortoise.migrations.schema_editor.base import BaseSchemaEditor
from tortoise.migrations.schema_generator.state import ModelState, State

SQL = Path(__file__).parent / "sql" / "0001"
FILES = (
    "ledger_accounts",
    "sequences",
    "uuid7",
    "key_after",
    "day_start",
    "account_now",
    "left_in",
    "take_tries",
    "locks",
    "price_day",
    "day_quantity",
    "day_total",
    "gives_back_early",
    "billable_days",
    "event_keys",
    "mark_late",
    "remember_nonce",
    "reporter",
    "compression",
    "merged",
    "take_usage",
    "raise_charges",
    "discount_lines",
    "unstated_charge",
    "invoiceable",
    "payer_of",
    "append_only",
    "audit_log",
    "published",
    "price_changes",
    "balanced",
    "events",
    "seldom_changed",
    "tiers",
    "checks",
    "only_one",
    "indexes",
)


def one_of(*values: str) -> type[StrEnum]:
    """What a column may hold, as it was when this migration was written."""
    return StrEnum("Value", {value: value for value in values})  # type: ignore[return-value]


class CreateModels(TortoiseOperation):
    """Creates many tables at once. Tortoise would build the state of all models anew for each of them."""

    def __init__(self, *models: CreateModel) -> None:
        self.models = models

    def state_forward(self, app_label: str, state: State) -> None:
        """Note every model."""
        for model in self.models:
            state.models[(app_label, model.name)] = ModelState.make_from_model(app_label, model.model)
        state.reload_models([(app_label, model.name) for model in self.models])

    async def database_forward(
        self, app_label: str, old_state: State, new_state: State, state_editor: BaseSchemaEditor | None = None
    ) -> None:
        """Create their tables, in the order given."""
        for model in self.models:
            await model.database_forward(app_label, old_state, new_state, state_editor)


class Migration(BaseMigration):
    initial = True

    operations: Any = [
        CreateModels(
            CreateModel(
                "Account",
                [
                    ("id", fields.UUIDField(primary_key=True)),
                    ("name", fields.CharField(max_length=200)),
                    (
                        "edition",
                        fields.CharEnumField(
                            one_of("COMMUNITY", "PAY_AS_YOU_GO", "SUBSCRIPTION", "LICENSED"),
                            max_length=20,
                            default="COMMUNITY",
                        ),
                    ),
                    ("sandbox", fields.BooleanField(default=False)),
                    ("clock_offset_seconds", fields.BigIntField(default=0)),
                    ("created_at", fields.DatetimeField()),
                    ("industry", fields.CharField(max_length=100, null=True)),
                    ("contact_name", fields.CharField(max_length=100, null=True)),
                    ("contact_phone", fields.CharField(max_length=30, null=True)),
                ],
                {"table": "account", "app": "app", "pk_attr": "id"},
            ),
            CreateModel(
                "AccessKey",
                [
                    ("id", fields.UUIDField(primary_key=True)),
                    (
                        "account",
                        fields.ForeignKeyField(
                            "app.Account", source_field="account_id", to_field="id", on_delete=fields.RESTRICT
                        ),
                    ),
                    ("ak", fields.CharField(max_length=40, unique=True)),
                    ("sk_encrypted", fields.BinaryField()),
                    ("label", fields.CharField(max_length=200)),
                    ("created_at", fields.DatetimeField()),
                    ("revoked_at", fields.DatetimeField(null=True)),
                ],
                {"table": "access_key", "app": "app", "pk_attr": "id"},
            ),
            CreateModel(
                "AgreementVersion",
                [
                    ("id", fields.UUIDField(primary_key=True)),
                    ("valid_from", fields.DatetimeField()),
                    ("published_by", fields.CharField(max_length=254, default="billing")),
                    ("withdrawn_at", fields.DatetimeField(null=True)),
                    ("withdrawn_by", fields.CharField(max_length=254, null=True)),
                    (
                        "edition",
                        fields.CharEnumField(
                            one_of("COMMUNITY", "PAY_AS_YOU_GO", "SUBSCRIPTION", "LICENSED"), max_length=20
                        ),
                    ),
                    ("version", fields.IntField()),
                    ("title", fields.JSONField()),
                    ("text", fields.JSONField()),
                    ("content_hash", fields.CharField(max_length=64)),
                ],
                {
                    "table": "agreement_version",
                    "app": "app",
                    "unique_together": (("edition", "version"),),
                    "pk_attr": "id",
                },
            ),
            CreateModel(
                "BalanceAlert",
                [
                    ("id", fields.UUIDField(primary_key=True)),
                    (
                        "account",
                        fields.OneToOneField(
                            "app.Account", source_field="account_id", to_field="id", on_delete=fields.RESTRICT
                        ),
                    ),
                    ("days", fields.IntField()),
                    ("low", fields.BooleanField(default=False)),
                ],
                {"table": "balance_alert", "app": "app", "pk_attr": "id"},
            ),
            CreateModel(
                "BillingDay",
                [
                    ("id", fields.UUIDField(primary_key=True)),
                    (
                        "account",
                        fields.ForeignKeyField(
                            "app.Account", source_field="account_id", to_field="id", on_delete=fields.RESTRICT
                        ),
                    ),
                    ("day", fields.DateField()),
                    ("begins_at", fields.DatetimeField()),
                    ("ends_at", fields.DatetimeField()),
                    ("quantity", fields.BigIntField()),
                    ("late", fields.BooleanField(default=False)),
                    ("closed_at", fields.DatetimeField()),
                ],
                {"table": "billing_day", "app": "app", "unique_together": (("account", "day"),), "pk_attr": "id"},
            ),
            CreateModel(
                "Budget",
                [
                    ("id", fields.UUIDField(primary_key=True)),
                    (
                        "account",
                        fields.ForeignKeyField(
                            "app.Account", source_field="account_id", to_field="id", on_delete=fields.RESTRICT
                        ),
                    ),
                    ("period", fields.CharEnumField(one_of("DAY", "MONTH"), max_length=10)),
                    ("meter", fields.CharField(default="", max_length=40)),
                    ("amount_minor", fields.BigIntField()),
                    ("currency", fields.CharField(max_length=3)),
                    ("thresholds", ArrayField(element_type="INT")),
                    ("set_on", fields.DateField()),
                ],
                {
                    "table": "budget",
                    "app": "app",
                    "unique_together": (("account", "period", "meter"),),
                    "pk_attr": "id",
                },
            ),
            CreateModel(
                "UsageAlert",
                [
                    ("id", fields.UUIDField(primary_key=True)),
                    (
                        "account",
                        fields.ForeignKeyField(
                            "app.Account", source_field="account_id", to_field="id", on_delete=fields.RESTRICT
                        ),
                    ),
                    ("meter", fields.CharField(max_length=40)),
                    ("thresholds", ArrayField(element_type="BIGINT")),
                    ("set_on", fields.DateField()),
                ],
                {"table": "usage_alert", "app": "app", "unique_together": (("account", "meter"),), "pk_attr": "id"},
            ),
            CreateModel(
                "ChannelBinding",
                [
                    ("id", fields.UUIDField(primary_key=True)),
                    (
                        "account",
                        fields.ForeignKeyField(
                            "app.Account", source_field="account_id", to_field="id", on_delete=fields.RESTRICT
                        ),
                    ),
                    ("channel", fields.CharField(max_length=40)),
                    ("state", fields.CharEnumField(one_of("PENDING", "BOUND", "UNBOUND"), max_length=10)),
                    ("configuration", fields.JSONField()),
                    ("external_reference", fields.CharField(max_length=200, null=True)),
                    ("continue_url", fields.CharField(max_length=2000, null=True)),
                    ("created_at", fields.DatetimeField()),
                    ("bound_at", fields.DatetimeField(null=True)),
                    ("unbound_at", fields.DatetimeField(null=True)),
                    ("ended_by", fields.CharEnumField(one_of("REFUSED", "UNSUBSCRIBED"), max_length=20, null=True)),
                    ("change_allowed", fields.BooleanField(default=False, db_default=False)),
                ],
                {"table": "channel_binding", "app": "app", "pk_attr": "id"},
            ),
            CreateModel(
                "Deployment",
                [
                    ("id", fields.UUIDField(primary_key=True)),
                    (
                        "account",
                        fields.ForeignKeyField(
                            "app.Account", source_field="account_id", to_field="id", on_delete=fields.RESTRICT
                        ),
                    ),
                    ("fingerprint", fields.CharField(max_length=128)),
                    ("data_gateway_url", fields.CharField(max_length=2000)),
                    ("dialing_test", fields.BooleanField(default=False)),
                    ("created_at", fields.DatetimeField()),
                    ("last_seen_at", fields.DatetimeField()),
                ],
                {
                    "table": "deployment",
                    "app": "app",
                    "unique_together": (("account", "fingerprint"),),
                    "pk_attr": "id",
                },
            ),
            CreateModel(
                "Edition",
                [
                    ("id", fields.UUIDField(primary_key=True)),
                    ("valid_from", fields.DatetimeField()),
                    ("published_by", fields.CharField(max_length=254, default="billing")),
                    ("withdrawn_at", fields.DatetimeField(null=True)),
                    ("withdrawn_by", fields.CharField(max_length=254, null=True)),
                    (
                        "key",
                        fields.CharEnumField(
                            one_of("COMMUNITY", "PAY_AS_YOU_GO", "SUBSCRIPTION", "LICENSED"), max_length=20
                        ),
                    ),
                    ("version", fields.IntField()),
                    ("position", fields.SmallIntField()),
                    ("by_application", fields.BooleanField()),
                    ("name", fields.JSONField()),
                    ("description", fields.JSONField()),
                    ("included", fields.JSONField()),
                    ("license_days", fields.IntField()),
                    ("license_limit", fields.IntField(default=100)),
                    ("spare_license_limit", fields.IntField(default=1)),
                    ("rotation_grace_days", fields.IntField(default=7)),
                    ("offline_days", fields.IntField(default=14)),
                    ("warning_days", fields.IntField(default=14)),
                    ("features", fields.JSONField()),
                    ("least_term_months", fields.IntField(default=0)),
                    ("term_step_months", fields.IntField(default=0)),
                    ("perpetual", fields.BooleanField(default=False)),
                    ("version_days", fields.IntField(null=True)),
                ],
                {"table": "edition", "app": "app", "unique_together": (("key", "version"),), "pk_attr": "id"},
            ),
            CreateModel(
                "Event",
                [
                    ("id", fields.UUIDField(primary_key=True)),
                    (
                        "account",
                        fields.ForeignKeyField(
                            "app.Account",
                            source_field="account_id",
                            null=True,
                            to_field="id",
                            on_delete=fields.RESTRICT,
                        ),
                    ),
                    ("type", fields.CharField(max_length=60)),
                    ("actor_kind", fields.CharField(max_length=20)),
                    ("actor_id", fields.UUIDField(null=True)),
                    ("actor_label", fields.CharField(max_length=254)),
                    ("at", fields.DatetimeField()),
                    ("before", fields.JSONField(null=True)),
                    ("after", fields.JSONField(null=True)),
                    ("reason", fields.CharField(max_length=500, null=True)),
                ],
                {"table": "event", "app": "app", "pk_attr": "id"},
            ),
            CreateModel(
                "AuditEntry",
                [
                    ("id", fields.UUIDField(primary_key=True)),
                    ("at", fields.DatetimeField()),
                    ("actor_kind", fields.CharField(max_length=20)),
                    ("actor_id", fields.UUIDField(null=True)),
                    ("actor_label", fields.CharField(max_length=254)),
                    ("address", fields.CharField(max_length=64)),
                    ("action", fields.CharField(max_length=100)),
                    ("account_id", fields.UUIDField(null=True)),
                    ("outcome", fields.CharField(max_length=60)),
                    ("request_id", fields.CharField(max_length=64)),
                    ("details", fields.JSONField()),
                    ("salt", fields.BinaryField(null=True)),
                    ("digest", fields.CharField(max_length=64)),
                    ("seal", fields.BigIntField(null=True)),
                ],
                {
                    "table": "audit_entry",
                    "app": "app",
                    "indexes": (("account_id", "id"), ("seal", "id"), ("at", "id")),
                    "pk_attr": "id",
                },
            ),
            CreateModel(
                "AuditSeal",
                [
                    ("id", fields.UUIDField(primary_key=True)),
                    ("number", fields.BigIntField(unique=True)),
                    ("entries", fields.IntField()),
                    ("hash", fields.CharField(max_length=64)),
                    ("sealed_at", fields.DatetimeField()),
                ],
                {"table": "audit_seal", "app": "app", "pk_attr": "id"},
            ),
            CreateModel(
                "Throttle",
                [
                    ("id", fields.UUIDField(primary_key=True)),
                    ("key", fields.CharField(max_length=64, unique=True)),
                    ("level", fields.FloatField()),
                    ("at", fields.DatetimeField()),
                ],
                {"table": "throttle", "app": "app", "pk_attr": "id"},
            ),
            CreateModel(
                "IdempotencyKey",
                [
                    ("id", fields.UUIDField(primary_key=True)),
                    ("scope", fields.CharField(max_length=80)),
                    ("key", fields.CharField(max_length=255)),
                    ("operation", fields.CharField(max_length=80)),
                    ("input_hash", fields.BinaryField()),
                    ("result_encrypted", fields.BinaryField(null=True)),
                    ("created_at", fields.DatetimeField()),
                ],
                {"table": "idempotency_key", "app": "app", "unique_together": (("scope", "key"),), "pk_attr": "id"},
            ),
            CreateModel(
                "Invoice",
                [
                    ("id", fields.UUIDField(primary_key=True)),
                    (
                        "account",
                        fields.ForeignKeyField(
                            "app.Account", source_field="account_id", to_field="id", on_delete=fields.RESTRICT
                        ),
                    ),
                    (
                        "state",
                        fields.CharEnumField(
                            one_of("REQUESTED", "ISSUED", "REJECTED", "CANCELLED", "TAKEN_BACK"), max_length=10
                        ),
                    ),
                    ("type", fields.CharEnumField(one_of("GENERAL_VAT", "SPECIAL_VAT"), max_length=20)),
                    ("medium", fields.CharEnumField(one_of("ELECTRONIC", "PAPER"), max_length=10)),
                    ("title_kind", fields.CharEnumField(one_of("ENTERPRISE", "PERSONAL"), max_length=10)),
                    ("title", fields.CharField(max_length=200)),
                    ("country", fields.CharField(max_length=2)),
                    ("tax_number", fields.CharField(max_length=40, null=True)),
                    ("registered_address", fields.CharField(max_length=200, null=True)),
                    ("registered_phone", fields.CharField(max_length=30, null=True)),
                    ("bank", fields.CharField(max_length=200, null=True)),
                    ("bank_account", fields.CharField(max_length=40, null=True)),
                    ("email", fields.CharField(max_length=254, null=True)),
                    ("recipient", fields.CharField(max_length=100, null=True)),
                    ("phone", fields.CharField(max_length=30, null=True)),
                    ("address", fields.CharField(max_length=500, null=True)),
                    ("amount_minor", fields.BigIntField()),
                    ("currency", fields.CharField(max_length=3)),
                    ("requested_by", fields.CharField(max_length=254)),
                    ("requested_at", fields.DatetimeField()),
                    ("number", fields.CharField(max_length=40, unique=True, null=True)),
                    ("reason", fields.CharField(max_length=500, null=True)),
                    ("decided_by", fields.CharField(max_length=254, null=True)),
                    ("decided_at", fields.DatetimeField(null=True)),
                    ("red_number", fields.CharField(max_length=40, unique=True, null=True)),
                    ("taken_back_by", fields.CharField(max_length=254, null=True)),
                    ("taken_back_at", fields.DatetimeField(null=True)),
                ],
                {"table": "invoice", "app": "app", "indexes": (("account_id", "state"),), "pk_attr": "id"},
            ),
            CreateModel(
                "CompanyVerification",
                [
                    ("id", fields.UUIDField(primary_key=True)),
                    (
                        "account",
                        fields.ForeignKeyField(
                            "app.Account", source_field="account_id", to_field="id", on_delete=fields.RESTRICT
                        ),
                    ),
                    ("state", fields.CharEnumField(one_of("SUBMITTED", "VERIFIED", "REJECTED"), max_length=10)),
                    ("name", fields.CharField(max_length=200)),
                    ("country", fields.CharField(max_length=2)),
                    ("tax_number", fields.CharField(max_length=40)),
                    ("submitted_by", fields.CharField(max_length=254)),
                    ("submitted_at", fields.DatetimeField()),
                    ("reason", fields.CharField(max_length=500, null=True)),
                    ("decided_by", fields.CharField(max_length=254, null=True)),
                    ("decided_at", fields.DatetimeField(null=True)),
                ],
                {"table": "company_verification", "app": "app", "indexes": (("account_id", "id"),), "pk_attr": "id"},
            ),
            CreateModel(
                "InvoiceTitle",
                [
                    ("id", fields.UUIDField(primary_key=True)),
                    (
                        "account",
                        fields.ForeignKeyField(
                            "app.Account", source_field="account_id", to_field="id", on_delete=fields.RESTRICT
                        ),
                    ),
                    ("kind", fields.CharEnumField(one_of("ENTERPRISE", "PERSONAL"), max_length=10)),
                    ("name", fields.CharField(max_length=200)),
                    ("country", fields.CharField(max_length=2)),
                    ("tax_number", fields.CharField(max_length=40, null=True)),
                    ("registered_address", fields.CharField(max_length=200, null=True)),
                    ("registered_phone", fields.CharField(max_length=30, null=True)),
                    ("bank", fields.CharField(max_length=200, null=True)),
                    ("bank_account", fields.CharField(max_length=40, null=True)),
                    ("created_at", fields.DatetimeField()),
                ],
                {"table": "invoice_title", "app": "app", "indexes": (("account_id", "id"),), "pk_attr": "id"},
            ),
            CreateModel(
                "InvoiceAddress",
                [
                    ("id", fields.UUIDField(primary_key=True)),
                    (
                        "account",
                        fields.ForeignKeyField(
                            "app.Account", source_field="account_id", to_field="id", on_delete=fields.RESTRICT
                        ),
                    ),
                    ("recipient", fields.CharField(max_length=100)),
                    ("phone", fields.CharField(max_length=30)),
                    ("address", fields.CharField(max_length=500)),
                    ("created_at", fields.DatetimeField()),
                ],
                {"table": "invoice_address", "app": "app", "indexes": (("account_id", "id"),), "pk_attr": "id"},
            ),
            CreateModel(
                "InvoiceFile",
                [
                    ("id", fields.UUIDField(primary_key=True)),
                    (
                        "invoice",
                        fields.ForeignKeyField(
                            "app.Invoice", source_field="invoice_id", to_field="id", on_delete=fields.RESTRICT
                        ),
                    ),
                    ("document", fields.CharEnumField(one_of("INVOICE", "RED_INVOICE"), max_length=20)),
                    ("media_type", fields.CharField(max_length=40)),
                    ("size", fields.IntField()),
                    ("content", fields.BinaryField()),
                    ("attached_by", fields.CharField(max_length=254)),
                    ("attached_at", fields.DatetimeField()),
                ],
                {
                    "table": "invoice_file",
                    "app": "app",
                    "unique_together": (("invoice", "document"),),
                    "pk_attr": "id",
                },
            ),
            CreateModel(
                "Job",
                [
                    ("id", fields.UUIDField(primary_key=True)),
                    ("name", fields.CharField(max_length=80, unique=True)),
                    ("due_at", fields.DatetimeField()),
                ],
                {"table": "job", "app": "app", "pk_attr": "id"},
            ),
            CreateModel(
                "JournalTransaction",
                [
                    ("id", fields.UUIDField(primary_key=True)),
                    (
                        "account",
                        fields.ForeignKeyField(
                            "app.Account", source_field="account_id", to_field="id", on_delete=fields.RESTRICT
                        ),
                    ),
                    ("kind", fields.CharField(max_length=40)),
                    ("reference", fields.UUIDField()),
                    ("at", fields.DatetimeField()),
                ],
                {
                    "table": "journal_transaction",
                    "app": "app",
                    "unique_together": (("kind", "reference"),),
                    "pk_attr": "id",
                },
            ),
            CreateModel(
                "LedgerAccount",
                [
                    ("name", fields.CharField(max_length=60, primary_key=True)),
                    (
                        "kind",
                        fields.CharEnumField(
                            one_of(
                                "RECEIVABLE",
                                "REVENUE",
                                "DEFERRED",
                                "DISCOUNTS",
                                "BREAKAGE",
                                "BANK",
                                "SHARED",
                                "CHANNEL",
                                "PREPAID",
                                "CARDS",
                            ),
                            max_length=10,
                        ),
                    ),
                    ("channel", fields.CharField(max_length=40, null=True)),
                ],
                {
                    "table": "ledger_account",
                    "app": "app",
                    "unique_together": (("kind", "channel"),),
                    "pk_attr": "name",
                },
            ),
            CreateModel(
                "JournalEntry",
                [
                    ("id", fields.UUIDField(primary_key=True)),
                    (
                        "transaction",
                        fields.ForeignKeyField(
                            "app.JournalTransaction",
                            source_field="transaction_id",
                            to_field="id",
                            on_delete=fields.RESTRICT,
                        ),
                    ),
                    (
                        "ledger_account",
                        fields.ForeignKeyField(
                            "app.LedgerAccount",
                            source_field="ledger_account_id",
                            to_field="name",
                            on_delete=fields.RESTRICT,
                        ),
                    ),
                    ("amount_minor", fields.BigIntField()),
                    ("currency", fields.CharField(max_length=3)),
                ],
                {"table": "journal_entry", "app": "app", "pk_attr": "id"},
            ),
            CreateModel(
                "InvoiceEntry",
                [
                    ("id", fields.UUIDField(primary_key=True)),
                    (
                        "invoice",
                        fields.ForeignKeyField(
                            "app.Invoice", source_field="invoice_id", to_field="id", on_delete=fields.RESTRICT
                        ),
                    ),
                    (
                        "entry",
                        fields.ForeignKeyField(
                            "app.JournalEntry", source_field="entry_id", to_field="id", on_delete=fields.RESTRICT
                        ),
                    ),
                    ("month", fields.DateField(null=True)),
                    ("card_id", fields.UUIDField(null=True)),
                    ("amount_minor", fields.BigIntField()),
                    ("live", fields.BooleanField()),
                ],
                {"table": "invoice_entry", "app": "app", "indexes": (("invoice_id",),), "pk_attr": "id"},
            ),
            CreateModel(
                "License",
                [
                    ("id", fields.UUIDField(primary_key=True)),
                    (
                        "account",
                        fields.ForeignKeyField(
                            "app.Account", source_field="account_id", to_field="id", on_delete=fields.RESTRICT
                        ),
                    ),
                    (
                        "edition",
                        fields.CharEnumField(
                            one_of("COMMUNITY", "PAY_AS_YOU_GO", "SUBSCRIPTION", "LICENSED"), max_length=20
                        ),
                    ),
                    ("label", fields.CharField(max_length=200)),
                    ("text", fields.TextField()),
                    ("kid", fields.CharField(max_length=64)),
                    ("state", fields.CharEnumField(one_of("CREATED", "ACTIVE", "EXPIRED", "REVOKED"), max_length=10)),
                    ("dk_limit", fields.IntField(default=-1)),
                    ("fingerprint", fields.CharField(max_length=128, null=True)),
                    ("created_at", fields.DatetimeField()),
                    ("expires_at", fields.DatetimeField(null=True)),
                    ("product_version", fields.CharField(max_length=40, null=True)),
                    ("maintenance_until", fields.DatetimeField(null=True)),
                    ("revoke_at", fields.DatetimeField(null=True)),
                    ("replaces_id", fields.UUIDField(null=True)),
                    ("reserved_for", fields.CharField(max_length=128, null=True)),
                    ("dk_exceeded_on", fields.DateField(null=True)),
                    ("attention_at", fields.DatetimeField(null=True)),
                    ("activated_at", fields.DatetimeField(null=True)),
                    ("revoked_at", fields.DatetimeField(null=True)),
                    ("revocation_version", fields.IntField(null=True)),
                    ("revoke_reason", fields.CharField(max_length=500, null=True)),
                    (
                        "deployment",
                        fields.ForeignKeyField(
                            "app.Deployment",
                            source_field="deployment_id",
                            null=True,
                            to_field="id",
                            on_delete=fields.RESTRICT,
                        ),
                    ),
                ],
                {"table": "license", "app": "app", "pk_attr": "id"},
            ),
            CreateModel(
                "Meter",
                [
                    ("id", fields.UUIDField(primary_key=True)),
                    ("valid_from", fields.DatetimeField()),
                    ("published_by", fields.CharField(max_length=254, default="billing")),
                    ("withdrawn_at", fields.DatetimeField(null=True)),
                    ("withdrawn_by", fields.CharField(max_length=254, null=True)),
                    ("key", fields.CharField(max_length=40, unique=True)),
                    (
                        "aggregation",
                        fields.CharEnumField(one_of("LARGEST_HOUR", "UNIQUE", "SUM", "MAX", "LAST"), max_length=20),
                    ),
                    ("name", fields.JSONField()),
                    ("unit", fields.CharField(max_length=40)),
                    ("changed_by", fields.CharField(max_length=254, null=True)),
                ],
                {"table": "meter", "app": "app", "pk_attr": "id"},
            ),
            CreateModel(
                "Notice",
                [
                    ("id", fields.UUIDField(primary_key=True)),
                    ("type", fields.CharField(max_length=60, unique=True)),
                    ("of_money", fields.BooleanField()),
                    (
                        "staff_role",
                        fields.CharEnumField(
                            one_of("ACCOUNT_MANAGER", "FINANCE", "OPERATOR", "AUDITOR"), max_length=20, null=True
                        ),
                    ),
                ],
                {"table": "notice", "app": "app", "pk_attr": "id"},
            ),
            CreateModel(
                "VoucherBatch",
                [
                    ("id", fields.UUIDField(primary_key=True)),
                    ("source", fields.CharField(max_length=20)),
                    ("amount_minor", fields.BigIntField()),
                    ("currency", fields.CharField(max_length=3)),
                    ("expires_at", fields.DatetimeField()),
                    ("note", fields.CharField(max_length=500)),
                    ("created_by", fields.CharField(max_length=254)),
                    ("created_at", fields.DatetimeField()),
                    ("withdrawn_at", fields.DatetimeField(null=True)),
                ],
                {"table": "voucher_batch", "app": "app", "pk_attr": "id"},
            ),
            CreateModel(
                "VoucherCode",
                [
                    ("id", fields.UUIDField(primary_key=True)),
                    (
                        "batch",
                        fields.ForeignKeyField(
                            "app.VoucherBatch",
                            source_field="batch_id",
                            related_name="codes",
                            to_field="id",
                            on_delete=fields.RESTRICT,
                        ),
                    ),
                    ("code_hash", fields.CharField(max_length=64, unique=True)),
                    ("redeemed_at", fields.DatetimeField(null=True)),
                    ("account_id", fields.UUIDField(null=True)),
                    ("voucher_id", fields.UUIDField(null=True)),
                ],
                {"table": "voucher_code", "app": "app", "indexes": (("batch_id",),), "pk_attr": "id"},
            ),
            CreateModel(
                "Registration",
                [
                    ("id", fields.UUIDField(primary_key=True)),
                    ("email", fields.CharField(max_length=254, db_index=True)),
                    ("code", fields.CharField(max_length=64, null=True, db_index=True)),
                    ("mail_at", fields.DatetimeField(null=True)),
                    ("expires_at", fields.DatetimeField()),
                ],
                {"table": "registration", "app": "app", "pk_attr": "id"},
            ),
            CreateModel(
                "Invitation",
                [
                    ("id", fields.UUIDField(primary_key=True)),
                    (
                        "account",
                        fields.ForeignKeyField(
                            "app.Account",
                            source_field="account_id",
                            null=True,
                            to_field="id",
                            on_delete=fields.RESTRICT,
                        ),
                    ),
                    ("email", fields.CharField(max_length=254)),
                    (
                        "role",
                        fields.CharEnumField(one_of("OWNER", "ADMIN", "FINANCE", "VIEWER"), max_length=10, null=True),
                    ),
                    (
                        "staff_role",
                        fields.CharEnumField(
                            one_of("ACCOUNT_MANAGER", "FINANCE", "OPERATOR", "AUDITOR"), max_length=20, null=True
                        ),
                    ),
                    ("code", fields.CharField(max_length=64, null=True, db_index=True)),
                    ("invited_by", fields.CharField(max_length=254)),
                    ("created_at", fields.DatetimeField()),
                    ("expires_at", fields.DatetimeField()),
                    ("mail_at", fields.DatetimeField(null=True)),
                    ("accepted_at", fields.DatetimeField(null=True)),
                    ("revoked_at", fields.DatetimeField(null=True)),
                ],
                {"table": "invitation", "app": "app", "indexes": (("account_id", "id"),), "pk_attr": "id"},
            ),
            CreateModel(
                "PasswordReset",
                [
                    ("id", fields.UUIDField(primary_key=True)),
                    ("email", fields.CharField(max_length=254, db_index=True)),
                    ("token_hash", fields.BinaryField(null=True)),
                    ("mail_at", fields.DatetimeField(null=True)),
                    ("expires_at", fields.DatetimeField()),
                ],
                {"table": "password_reset", "app": "app", "pk_attr": "id"},
            ),
            CreateModel(
                "Release",
                [
                    ("id", fields.UUIDField(primary_key=True)),
                    ("valid_from", fields.DatetimeField()),
                    ("published_by", fields.CharField(max_length=254, default="billing")),
                    ("withdrawn_at", fields.DatetimeField(null=True)),
                    ("withdrawn_by", fields.CharField(max_length=254, null=True)),
                    ("version", fields.CharField(max_length=40, unique=True)),
                ],
                {"table": "release", "app": "app", "pk_attr": "id"},
            ),
            CreateModel(
                "PriceGroup",
                [
                    ("id", fields.UUIDField(primary_key=True)),
                    ("key", fields.CharField(max_length=40, unique=True)),
                    ("name", fields.JSONField()),
                ],
                {"table": "price_group", "app": "app", "pk_attr": "id"},
            ),
            CreateModel(
                "PriceMembership",
                [
                    ("id", fields.UUIDField(primary_key=True)),
                    ("account_id", fields.UUIDField(unique=True)),
                    (
                        "group",
                        fields.ForeignKeyField(
                            "app.PriceGroup",
                            source_field="group_id",
                            null=True,
                            to_field="id",
                            on_delete=fields.RESTRICT,
                        ),
                    ),
                    ("since", fields.DatetimeField()),
                ],
                {"table": "price_membership", "app": "app", "pk_attr": "id"},
            ),
            CreateModel(
                "PricePlan",
                [
                    ("id", fields.UUIDField(primary_key=True)),
                    ("valid_from", fields.DatetimeField()),
                    ("published_by", fields.CharField(max_length=254, default="billing")),
                    ("withdrawn_at", fields.DatetimeField(null=True)),
                    ("withdrawn_by", fields.CharField(max_length=254, null=True)),
                    (
                        "edition",
                        fields.CharEnumField(
                            one_of("COMMUNITY", "PAY_AS_YOU_GO", "SUBSCRIPTION", "LICENSED"), max_length=20
                        ),
                    ),
                    ("version", fields.IntField()),
                    ("meter", fields.CharField(max_length=40)),
                    ("unit_price_minor", fields.BigIntField()),
                    ("units_per_price", fields.IntField(default=1)),
                    ("base_minor", fields.BigIntField(default=0)),
                    ("free_quantity", fields.BigIntField(default=0)),
                    (
                        "tier_mode",
                        fields.CharEnumField(one_of("GRADUATED", "VOLUME"), max_length=10, default="GRADUATED"),
                    ),
                    ("tiers", fields.JSONField()),
                    ("currency", fields.CharField(max_length=3)),
                    ("minimum_quantity", fields.IntField()),
                    ("free_period_seconds", fields.IntField()),
                    ("time_zone", fields.CharField(max_length=64)),
                    ("for_existing", fields.BooleanField(default=False)),
                    (
                        "group",
                        fields.ForeignKeyField(
                            "app.PriceGroup",
                            source_field="group_id",
                            null=True,
                            to_field="id",
                            on_delete=fields.RESTRICT,
                        ),
                    ),
                    ("account_id", fields.UUIDField(null=True)),
                ],
                {"table": "price_plan", "app": "app", "pk_attr": "id"},
            ),
            CreateModel(
                "Charge",
                [
                    ("id", fields.UUIDField(primary_key=True)),
                    (
                        "account",
                        fields.ForeignKeyField(
                            "app.Account", source_field="account_id", to_field="id", on_delete=fields.RESTRICT
                        ),
                    ),
                    (
                        "plan",
                        fields.ForeignKeyField(
                            "app.PricePlan", source_field="plan_id", to_field="id", on_delete=fields.RESTRICT
                        ),
                    ),
                    (
                        "kind",
                        fields.CharEnumField(one_of("DAILY", "ADJUSTMENT", "CREDIT_NOTE", "INSTALMENT"), max_length=12),
                    ),
                    ("day", fields.DateField()),
                    ("sequence", fields.IntField()),
                    ("quantity", fields.BigIntField()),
                    ("billed_quantity", fields.BigIntField()),
                    ("units", fields.BigIntField()),
                    ("lines", fields.JSONField()),
                    ("amount_minor", fields.BigIntField()),
                    ("currency", fields.CharField(max_length=3)),
                    ("raised_at", fields.DatetimeField()),
                    (
                        "corrects",
                        fields.ForeignKeyField(
                            "app.Charge",
                            source_field="corrects_id",
                            null=True,
                            related_name="corrections",
                            to_field="id",
                            on_delete=fields.RESTRICT,
                        ),
                    ),
                ],
                {
                    "table": "charge",
                    "app": "app",
                    "unique_together": (("account", "day", "sequence"),),
                    "pk_attr": "id",
                },
            ),
            CreateModel(
                "CreditNote",
                [
                    ("id", fields.UUIDField(primary_key=True)),
                    (
                        "charge",
                        fields.OneToOneField(
                            "app.Charge",
                            source_field="charge_id",
                            related_name="credit_note",
                            to_field="id",
                            on_delete=fields.RESTRICT,
                        ),
                    ),
                    ("account_id", fields.UUIDField(db_index=True)),
                    ("reason", fields.CharField(max_length=500)),
                    ("issued_by", fields.CharField(max_length=254)),
                    ("issued_at", fields.DatetimeField()),
                ],
                {"table": "credit_note", "app": "app", "pk_attr": "id"},
            ),
            CreateModel(
                "Coupon",
                [
                    ("id", fields.UUIDField(primary_key=True)),
                    ("code", fields.CharField(max_length=40, unique=True, null=True)),
                    ("name", fields.CharField(max_length=100)),
                    ("percent", fields.SmallIntField(null=True)),
                    ("amount_minor", fields.BigIntField(null=True)),
                    ("currency", fields.CharField(max_length=3, null=True)),
                    ("days", fields.IntField(null=True)),
                    ("redeem_by", fields.DatetimeField(null=True)),
                    ("max_redemptions", fields.IntField(null=True)),
                    ("created_by", fields.CharField(max_length=254)),
                    ("created_at", fields.DatetimeField()),
                    ("withdrawn_at", fields.DatetimeField(null=True)),
                ],
                {"table": "coupon", "app": "app", "pk_attr": "id"},
            ),
            CreateModel(
                "Discount",
                [
                    ("id", fields.UUIDField(primary_key=True)),
                    (
                        "account",
                        fields.ForeignKeyField(
                            "app.Account", source_field="account_id", to_field="id", on_delete=fields.RESTRICT
                        ),
                    ),
                    (
                        "coupon",
                        fields.ForeignKeyField(
                            "app.Coupon", source_field="coupon_id", to_field="id", on_delete=fields.RESTRICT
                        ),
                    ),
                    ("name", fields.CharField(max_length=100)),
                    ("percent", fields.SmallIntField(null=True)),
                    ("amount_minor", fields.BigIntField(null=True)),
                    ("currency", fields.CharField(max_length=3, null=True)),
                    ("days", fields.IntField(null=True)),
                    ("applied_at", fields.DatetimeField()),
                    ("applied_by", fields.CharField(max_length=254)),
                    ("not_before", fields.DateField()),
                    ("first_day", fields.DateField(null=True)),
                    ("last_day", fields.DateField(null=True)),
                    ("ended_at", fields.DatetimeField(null=True)),
                ],
                {
                    "table": "discount",
                    "app": "app",
                    "unique_together": (("account", "coupon"),),
                    "pk_attr": "id",
                },
            ),
            CreateModel(
                "KnownChannel",
                [
                    ("key", fields.CharField(max_length=40, primary_key=True)),
                    ("distribution", fields.CharField(max_length=200)),
                    ("push_within", fields.BigIntField(null=True)),
                    ("seen_at", fields.DatetimeField()),
                ],
                {"table": "known_channel", "app": "app", "pk_attr": "key"},
            ),
            CreateModel(
                "ReconciliationCase",
                [
                    ("id", fields.UUIDField(primary_key=True)),
                    ("channel", fields.CharField(max_length=40)),
                    ("charge_id", fields.UUIDField()),
                    (
                        "kind",
                        fields.CharEnumField(
                            one_of(
                                "MISSING_AT_PROVIDER",
                                "NOT_SETTLED_HERE",
                                "UNKNOWN_CHARGE",
                                "AMOUNT_DIFFERS",
                                "PAYMENT_NOT_CREDITED",
                                "PAYMENT_REVERSED",
                            ),
                            max_length=20,
                        ),
                    ),
                    ("details", fields.JSONField()),
                    ("sandbox", fields.BooleanField()),
                    ("opened_at", fields.DatetimeField()),
                    ("resolved_at", fields.DatetimeField(null=True)),
                    ("resolved_by", fields.CharField(max_length=254, null=True)),
                    ("note", fields.CharField(max_length=500, null=True)),
                ],
                {"table": "reconciliation_case", "app": "app", "indexes": (("channel", "charge_id"),), "pk_attr": "id"},
            ),
            CreateModel(
                "RequestNonce",
                [
                    ("id", fields.UUIDField(primary_key=True)),
                    (
                        "access_key",
                        fields.ForeignKeyField(
                            "app.AccessKey", source_field="access_key_id", to_field="id", on_delete=fields.CASCADE
                        ),
                    ),
                    ("nonce", fields.CharField(max_length=128)),
                    ("expires_at", fields.DatetimeField(db_index=True)),
                ],
                {
                    "table": "request_nonce",
                    "app": "app",
                    "unique_together": (("access_key", "nonce"),),
                    "pk_attr": "id",
                },
            ),
            CreateModel(
                "RevocationIssue",
                [
                    ("id", fields.UUIDField(primary_key=True)),
                    ("version", fields.IntField(unique=True)),
                    ("text", fields.TextField()),
                    ("kid", fields.CharField(max_length=64)),
                    ("revoked", fields.IntField()),
                    ("issued_at", fields.DatetimeField()),
                    ("next_update_at", fields.DatetimeField()),
                ],
                {"table": "revocation_issue", "app": "app", "pk_attr": "id"},
            ),
            CreateModel(
                "Settlement",
                [
                    ("id", fields.UUIDField(primary_key=True)),
                    (
                        "charge",
                        fields.OneToOneField(
                            "app.Charge", source_field="charge_id", to_field="id", on_delete=fields.RESTRICT
                        ),
                    ),
                    ("account_id", fields.UUIDField(db_index=True)),
                    ("payer_id", fields.UUIDField()),
                    (
                        "binding",
                        fields.ForeignKeyField(
                            "app.ChannelBinding", source_field="binding_id", to_field="id", on_delete=fields.RESTRICT
                        ),
                    ),
                    ("channel", fields.CharField(max_length=40)),
                    (
                        "state",
                        fields.CharEnumField(
                            one_of("PENDING", "ACCEPTED", "SETTLED", "NEEDS_ATTENTION"), max_length=20
                        ),
                    ),
                    ("attempts", fields.IntField(default=0)),
                    ("next_attempt_at", fields.DatetimeField()),
                    ("due_from", fields.DatetimeField()),
                    ("provider_reference", fields.CharField(max_length=200, null=True)),
                    ("reason", fields.CharField(max_length=1000, null=True)),
                    ("settled_at", fields.DatetimeField(null=True)),
                    ("claimed_until", fields.DatetimeField(null=True)),
                    ("handed_over_at", fields.DatetimeField(null=True)),
                    ("uncertain", fields.BooleanField(default=False, db_default=False)),
                    ("deadline", fields.DatetimeField(null=True)),
                    ("sandbox", fields.BooleanField()),
                ],
                {"table": "settlement", "app": "app", "pk_attr": "id"},
            ),
            CreateModel(
                "WalletShare",
                [
                    ("id", fields.UUIDField(primary_key=True)),
                    (
                        "owner",
                        fields.ForeignKeyField(
                            "app.Account",
                            source_field="owner_id",
                            related_name="shares_given",
                            to_field="id",
                            on_delete=fields.RESTRICT,
                        ),
                    ),
                    (
                        "member",
                        fields.ForeignKeyField(
                            "app.Account",
                            source_field="member_id",
                            null=True,
                            related_name="shares_taken",
                            to_field="id",
                            on_delete=fields.RESTRICT,
                        ),
                    ),
                    ("channel", fields.CharField(max_length=40)),
                    ("state", fields.CharEnumField(one_of("INVITED", "ACTIVE", "ENDED"), max_length=10)),
                    ("code_hash", fields.CharField(max_length=64, unique=True, null=True)),
                    ("code_until", fields.DatetimeField()),
                    ("invited_at", fields.DatetimeField()),
                    ("began_at", fields.DatetimeField(null=True)),
                    ("ended_at", fields.DatetimeField(null=True)),
                ],
                {
                    "table": "wallet_share",
                    "app": "app",
                    "indexes": (("owner_id", "id"), ("member_id", "id")),
                    "pk_attr": "id",
                },
            ),
            CreateModel(
                "SigningKey",
                [
                    ("id", fields.UUIDField(primary_key=True)),
                    ("kid", fields.CharField(max_length=64, unique=True)),
                    ("public_key", fields.BinaryField()),
                    ("private_key_encrypted", fields.BinaryField(null=True)),
                    ("created_at", fields.DatetimeField()),
                    ("superseded_at", fields.DatetimeField(null=True)),
                    ("retired_at", fields.DatetimeField(null=True)),
                ],
                {"table": "signing_key", "app": "app", "pk_attr": "id"},
            ),
            CreateModel(
                "Standing",
                [
                    ("id", fields.UUIDField(primary_key=True)),
                    (
                        "account",
                        fields.OneToOneField(
                            "app.Account", source_field="account_id", to_field="id", on_delete=fields.RESTRICT
                        ),
                    ),
                    ("state", fields.CharEnumField(one_of("GOOD", "SUSPENDED", "IN_ARREARS"), max_length=10)),
                    ("since", fields.DatetimeField()),
                    ("final_notice_at", fields.DatetimeField(null=True)),
                ],
                {"table": "standing", "app": "app", "pk_attr": "id"},
            ),
            CreateModel(
                "Suspension",
                [
                    ("id", fields.UUIDField(primary_key=True)),
                    (
                        "account",
                        fields.ForeignKeyField(
                            "app.Account", source_field="account_id", to_field="id", on_delete=fields.RESTRICT
                        ),
                    ),
                    ("subject", fields.CharEnumField(one_of("ACCOUNT", "LICENSE", "DEPLOYMENT"), max_length=20)),
                    ("subject_id", fields.UUIDField()),
                    ("reason", fields.CharField(max_length=500)),
                    ("began_at", fields.DatetimeField()),
                    ("ended_at", fields.DatetimeField(null=True)),
                    ("end_reason", fields.CharField(max_length=500, null=True)),
                ],
                {"table": "suspension", "app": "app", "pk_attr": "id"},
            ),
            CreateModel(
                "Lock",
                [
                    ("id", fields.UUIDField(primary_key=True)),
                    (
                        "account",
                        fields.OneToOneField(
                            "app.Account", source_field="account_id", to_field="id", on_delete=fields.RESTRICT
                        ),
                    ),
                    ("channel", fields.CharField(max_length=40)),
                    ("since", fields.DatetimeField()),
                    ("reminded", fields.BooleanField(default=False)),
                    ("final_notice_at", fields.DatetimeField(null=True)),
                ],
                {"table": "account_lock", "app": "app", "pk_attr": "id"},
            ),
            CreateModel(
                "Statement",
                [
                    ("id", fields.UUIDField(primary_key=True)),
                    (
                        "account",
                        fields.ForeignKeyField(
                            "app.Account", source_field="account_id", to_field="id", on_delete=fields.RESTRICT
                        ),
                    ),
                    ("month", fields.DateField()),
                    ("number", fields.CharField(max_length=30, unique=True)),
                    ("account_name", fields.CharField(max_length=200)),
                    ("time_zone", fields.CharField(max_length=64)),
                    ("issued_at", fields.DatetimeField()),
                ],
                {"table": "statement", "app": "app", "unique_together": (("account", "month"),), "pk_attr": "id"},
            ),
            CreateModel(
                "StatementCharge",
                [
                    ("id", fields.UUIDField(primary_key=True)),
                    (
                        "statement",
                        fields.ForeignKeyField(
                            "app.Statement", source_field="statement_id", to_field="id", on_delete=fields.RESTRICT
                        ),
                    ),
                    (
                        "charge",
                        fields.OneToOneField(
                            "app.Charge",
                            source_field="charge_id",
                            related_name="stated",
                            to_field="id",
                            on_delete=fields.RESTRICT,
                        ),
                    ),
                    ("settled", fields.BooleanField()),
                ],
                {"table": "statement_charge", "app": "app", "indexes": (("statement_id",),), "pk_attr": "id"},
            ),
            CreateModel(
                "Upgrade",
                [
                    ("id", fields.UUIDField(primary_key=True)),
                    (
                        "account",
                        fields.ForeignKeyField(
                            "app.Account", source_field="account_id", to_field="id", on_delete=fields.RESTRICT
                        ),
                    ),
                    (
                        "edition",
                        fields.CharEnumField(
                            one_of("COMMUNITY", "PAY_AS_YOU_GO", "SUBSCRIPTION", "LICENSED"), max_length=20
                        ),
                    ),
                    (
                        "plan",
                        fields.ForeignKeyField(
                            "app.PricePlan", source_field="plan_id", to_field="id", on_delete=fields.RESTRICT
                        ),
                    ),
                    (
                        "state",
                        fields.CharEnumField(
                            one_of(
                                "AGREEMENT_PENDING",
                                "CHANNEL_PENDING",
                                "FREE_PERIOD",
                                "ACTIVE",
                                "LAPSED",
                                "REPLACED",
                                "ENDED",
                            ),
                            max_length=20,
                        ),
                    ),
                    ("acceptance_id", fields.UUIDField(null=True)),
                    ("chosen_at", fields.DatetimeField()),
                    ("upgraded_at", fields.DatetimeField(null=True)),
                    ("free_period_ends_at", fields.DatetimeField(null=True)),
                    ("activated_at", fields.DatetimeField(null=True)),
                    ("first_billed_day", fields.DateField(null=True)),
                    ("billed_through", fields.DateField(null=True)),
                    ("last_billed_day", fields.DateField(null=True)),
                    ("ended_at", fields.DatetimeField(null=True)),
                ],
                {"table": "upgrade", "app": "app", "pk_attr": "id"},
            ),
            CreateModel(
                "PriceChange",
                [
                    ("id", fields.UUIDField(primary_key=True)),
                    ("account_id", fields.UUIDField()),
                    (
                        "upgrade",
                        fields.ForeignKeyField(
                            "app.Upgrade", source_field="upgrade_id", to_field="id", on_delete=fields.RESTRICT
                        ),
                    ),
                    (
                        "plan",
                        fields.ForeignKeyField(
                            "app.PricePlan", source_field="plan_id", to_field="id", on_delete=fields.RESTRICT
                        ),
                    ),
                    ("from_day", fields.DateField()),
                    ("announced_at", fields.DatetimeField()),
                    ("withdrawn_at", fields.DatetimeField(null=True)),
                ],
                {"table": "price_change", "app": "app", "pk_attr": "id"},
            ),
            CreateModel(
                "UsageHour",
                [
                    ("id", fields.UUIDField(primary_key=True)),
                    ("account_id", fields.UUIDField()),
                    ("deployment_id", fields.UUIDField()),
                    ("meter", fields.CharField(max_length=40)),
                    ("hour", fields.DatetimeField()),
                    ("ids", ArrayField(element_type="TEXT", null=True)),
                    ("quantity", fields.BigIntField()),
                    ("corrected", fields.BooleanField(default=False, db_default=False)),
                ],
                {
                    "table": "usage_hour",
                    "app": "app",
                    "unique_together": (("deployment_id", "meter", "hour"),),
                    "indexes": (("account_id", "meter", "hour"),),
                    "pk_attr": "id",
                },
            ),
            CreateModel(
                "UsageCorrection",
                [
                    ("id", fields.UUIDField(primary_key=True)),
                    ("account_id", fields.UUIDField(db_index=True)),
                    ("deployment_id", fields.UUIDField()),
                    ("meter", fields.CharField(max_length=40)),
                    ("hour", fields.DatetimeField()),
                    ("quantity_before", fields.BigIntField()),
                    ("quantity_after", fields.BigIntField()),
                    ("reason", fields.CharField(max_length=500)),
                    ("corrected_by", fields.CharField(max_length=254)),
                    ("corrected_at", fields.DatetimeField()),
                ],
                {"table": "usage_correction", "app": "app", "pk_attr": "id"},
            ),
            CreateModel(
                "User",
                [
                    ("id", fields.UUIDField(primary_key=True)),
                    ("email", fields.CharField(max_length=254, unique=True)),
                    ("name", fields.CharField(max_length=200)),
                    ("password_hash", fields.CharField(max_length=200, null=True)),
                    ("confirmed_at", fields.DatetimeField(null=True)),
                    ("created_at", fields.DatetimeField()),
                    ("language", fields.CharEnumField(one_of("ZH", "EN"), max_length=2, null=True)),
                    ("phone", fields.CharField(max_length=30, null=True)),
                ],
                {"table": "user_account", "app": "app", "pk_attr": "id"},
            ),
            CreateModel(
                "SecondFactor",
                [
                    ("id", fields.UUIDField(primary_key=True)),
                    (
                        "user",
                        fields.OneToOneField(
                            "app.User",
                            source_field="user_id",
                            to_field="id",
                            on_delete=fields.RESTRICT,
                        ),
                    ),
                    ("secret_encrypted", fields.BinaryField()),
                    ("confirmed_at", fields.DatetimeField(null=True)),
                    ("last_step", fields.BigIntField(default=0)),
                    ("recovery", ArrayField(element_type="TEXT")),
                ],
                {"table": "second_factor", "app": "app", "pk_attr": "id"},
            ),
            CreateModel(
                "Identity",
                [
                    ("id", fields.UUIDField(primary_key=True)),
                    (
                        "user",
                        fields.ForeignKeyField(
                            "app.User", source_field="user_id", to_field="id", on_delete=fields.RESTRICT
                        ),
                    ),
                    ("issuer", fields.CharField(max_length=500)),
                    ("subject", fields.CharField(max_length=255)),
                    ("email", fields.CharField(max_length=254, null=True)),
                    ("created_at", fields.DatetimeField()),
                    ("last_used_at", fields.DatetimeField(null=True)),
                ],
                {
                    "table": "user_identity",
                    "app": "app",
                    "unique_together": (("issuer", "subject"),),
                    "indexes": (("user_id", "id"),),
                    "pk_attr": "id",
                },
            ),
            CreateModel(
                "Passkey",
                [
                    ("id", fields.UUIDField(primary_key=True)),
                    (
                        "user",
                        fields.ForeignKeyField(
                            "app.User", source_field="user_id", to_field="id", on_delete=fields.RESTRICT
                        ),
                    ),
                    ("credential_id", fields.BinaryField()),
                    ("public_key", fields.BinaryField()),
                    ("sign_count", fields.BigIntField()),
                    ("name", fields.CharField(max_length=100)),
                    ("created_at", fields.DatetimeField()),
                    ("last_used_at", fields.DatetimeField(null=True)),
                ],
                {"table": "passkey", "app": "app", "indexes": (("user_id", "id"),), "pk_attr": "id"},
            ),
            CreateModel(
                "PasskeyChallenge",
                [
                    ("id", fields.UUIDField(primary_key=True)),
                    ("challenge", fields.BinaryField()),
                    (
                        "user",
                        fields.ForeignKeyField(
                            "app.User", source_field="user_id", null=True, to_field="id", on_delete=fields.RESTRICT
                        ),
                    ),
                    ("expires_at", fields.DatetimeField()),
                ],
                {"table": "passkey_challenge", "app": "app", "pk_attr": "id"},
            ),
            CreateModel(
                "SignInAttempt",
                [
                    ("id", fields.UUIDField(primary_key=True)),
                    ("provider", fields.CharField(max_length=50)),
                    ("state", fields.BinaryField()),
                    ("secret", fields.BinaryField()),
                    (
                        "user",
                        fields.ForeignKeyField(
                            "app.User", source_field="user_id", null=True, to_field="id", on_delete=fields.RESTRICT
                        ),
                    ),
                    ("expires_at", fields.DatetimeField()),
                    ("asked_at", fields.DatetimeField(null=True)),
                    ("person_encrypted", fields.BinaryField(null=True)),
                ],
                {"table": "sign_in_attempt", "app": "app", "pk_attr": "id"},
            ),
            CreateModel(
                "EmailChange",
                [
                    ("id", fields.UUIDField(primary_key=True)),
                    (
                        "user",
                        fields.ForeignKeyField(
                            "app.User", source_field="user_id", to_field="id", on_delete=fields.RESTRICT
                        ),
                    ),
                    ("email", fields.CharField(max_length=254)),
                    ("former", fields.CharField(max_length=254, null=True)),
                    ("changed_at", fields.DatetimeField(null=True)),
                    ("old_code", fields.CharField(max_length=64, null=True)),
                    ("new_code", fields.CharField(max_length=64, null=True)),
                    ("tries", fields.IntField(default=0)),
                    ("mail_at", fields.DatetimeField(null=True, db_index=True)),
                    ("expires_at", fields.DatetimeField()),
                ],
                {"table": "email_change", "app": "app", "indexes": (("user_id", "id"),), "pk_attr": "id"},
            ),
            CreateModel(
                "SecurityNotice",
                [
                    ("id", fields.UUIDField(primary_key=True)),
                    (
                        "user",
                        fields.ForeignKeyField(
                            "app.User", source_field="user_id", to_field="id", on_delete=fields.RESTRICT
                        ),
                    ),
                    (
                        "change",
                        fields.CharEnumField(
                            one_of(
                                "PASSWORD_SET",
                                "SECOND_FACTOR_ADDED",
                                "SECOND_FACTOR_REMOVED",
                                "PASSKEY_ADDED",
                                "PASSKEY_REMOVED",
                                "IDENTITY_LINKED",
                                "IDENTITY_UNLINKED",
                                "TOKEN_CREATED",
                            ),
                            max_length=30,
                        ),
                    ),
                    ("about", fields.CharField(max_length=200, null=True)),
                    ("happened_at", fields.DatetimeField()),
                    ("mail_at", fields.DatetimeField(null=True, db_index=True)),
                    ("expires_at", fields.DatetimeField()),
                ],
                {"table": "security_notice", "app": "app", "pk_attr": "id"},
            ),
            CreateModel(
                "Acceptance",
                [
                    ("id", fields.UUIDField(primary_key=True)),
                    (
                        "account",
                        fields.ForeignKeyField(
                            "app.Account", source_field="account_id", to_field="id", on_delete=fields.RESTRICT
                        ),
                    ),
                    (
                        "agreement",
                        fields.ForeignKeyField(
                            "app.AgreementVersion",
                            source_field="agreement_id",
                            to_field="id",
                            on_delete=fields.RESTRICT,
                        ),
                    ),
                    (
                        "user",
                        fields.ForeignKeyField(
                            "app.User", source_field="user_id", to_field="id", on_delete=fields.RESTRICT
                        ),
                    ),
                    ("content_hash", fields.CharField(max_length=64)),
                    ("accepted_at", fields.DatetimeField()),
                    ("address", fields.CharField(max_length=64)),
                ],
                {"table": "acceptance", "app": "app", "unique_together": (("account", "agreement"),), "pk_attr": "id"},
            ),
            CreateModel(
                "AccessToken",
                [
                    ("id", fields.UUIDField(primary_key=True)),
                    (
                        "user",
                        fields.ForeignKeyField(
                            "app.User", source_field="user_id", null=True, to_field="id", on_delete=fields.RESTRICT
                        ),
                    ),
                    (
                        "account",
                        fields.ForeignKeyField(
                            "app.Account",
                            source_field="account_id",
                            null=True,
                            to_field="id",
                            on_delete=fields.RESTRICT,
                        ),
                    ),
                    (
                        "role",
                        fields.CharEnumField(one_of("OWNER", "ADMIN", "FINANCE", "VIEWER"), max_length=10, null=True),
                    ),
                    ("scopes", ArrayField(element_type="TEXT", null=True)),
                    ("kind", fields.CharEnumField(one_of("SESSION", "PERSONAL", "SERVICE"), max_length=10)),
                    ("name", fields.CharField(max_length=200)),
                    ("token_hash", fields.BinaryField()),
                    ("created_at", fields.DatetimeField()),
                    ("expires_at", fields.DatetimeField(null=True)),
                    ("revoked_at", fields.DatetimeField(null=True)),
                    ("last_used_at", fields.DatetimeField(null=True)),
                    ("network", fields.CharField(max_length=64, null=True)),
                    ("two_factors", fields.BooleanField(default=False)),
                ],
                {"table": "access_token", "app": "app", "pk_attr": "id"},
            ),
            CreateModel(
                "Application",
                [
                    ("id", fields.UUIDField(primary_key=True)),
                    (
                        "account",
                        fields.ForeignKeyField(
                            "app.Account", source_field="account_id", to_field="id", on_delete=fields.RESTRICT
                        ),
                    ),
                    (
                        "edition",
                        fields.CharEnumField(
                            one_of("COMMUNITY", "PAY_AS_YOU_GO", "SUBSCRIPTION", "LICENSED"), max_length=20
                        ),
                    ),
                    (
                        "state",
                        fields.CharEnumField(
                            one_of("SUBMITTED", "IN_REVIEW", "OFFERED", "ACCEPTED", "DECLINED", "WITHDRAWN", "LAPSED"),
                            max_length=10,
                        ),
                    ),
                    ("remarks", fields.TextField()),
                    ("contact_name", fields.CharField(max_length=100)),
                    ("contact_phone", fields.CharField(max_length=30)),
                    ("contact_email", fields.CharField(max_length=254)),
                    ("expected_data_kits", fields.IntField()),
                    ("term_months", fields.IntField()),
                    ("submitted_at", fields.DatetimeField()),
                    (
                        "manager",
                        fields.ForeignKeyField(
                            "app.User", source_field="manager_id", null=True, to_field="id", on_delete=fields.RESTRICT
                        ),
                    ),
                    ("lapses_at", fields.DatetimeField(null=True)),
                    ("reason", fields.CharField(max_length=500, null=True)),
                    ("closed_at", fields.DatetimeField(null=True)),
                ],
                {"table": "application", "app": "app", "pk_attr": "id"},
            ),
            CreateModel(
                "ApplicationNote",
                [
                    ("id", fields.UUIDField(primary_key=True)),
                    (
                        "application",
                        fields.ForeignKeyField(
                            "app.Application", source_field="application_id", to_field="id", on_delete=fields.RESTRICT
                        ),
                    ),
                    ("kind", fields.CharEnumField(one_of("NOTE", "CONTACT"), max_length=10)),
                    ("text", fields.TextField()),
                    ("author", fields.CharField(max_length=254)),
                    ("at", fields.DatetimeField()),
                ],
                {"table": "application_note", "app": "app", "pk_attr": "id"},
            ),
            CreateModel(
                "Membership",
                [
                    ("id", fields.UUIDField(primary_key=True)),
                    (
                        "account",
                        fields.ForeignKeyField(
                            "app.Account", source_field="account_id", to_field="id", on_delete=fields.RESTRICT
                        ),
                    ),
                    (
                        "user",
                        fields.ForeignKeyField(
                            "app.User", source_field="user_id", to_field="id", on_delete=fields.RESTRICT
                        ),
                    ),
                    ("role", fields.CharEnumField(one_of("OWNER", "ADMIN", "FINANCE", "VIEWER"), max_length=10)),
                    ("created_at", fields.DatetimeField()),
                ],
                {"table": "membership", "app": "app", "unique_together": (("account", "user"),), "pk_attr": "id"},
            ),
            CreateModel(
                "Offer",
                [
                    ("id", fields.UUIDField(primary_key=True)),
                    (
                        "application",
                        fields.ForeignKeyField(
                            "app.Application", source_field="application_id", to_field="id", on_delete=fields.RESTRICT
                        ),
                    ),
                    (
                        "account",
                        fields.ForeignKeyField(
                            "app.Account", source_field="account_id", to_field="id", on_delete=fields.RESTRICT
                        ),
                    ),
                    ("price_minor", fields.BigIntField()),
                    ("currency", fields.CharField(max_length=3)),
                    ("dk_limit", fields.IntField()),
                    ("starts_on", fields.DateField()),
                    ("ends_on", fields.DateField()),
                    ("product_version", fields.CharField(max_length=40, null=True)),
                    ("schedule", fields.JSONField()),
                    ("valid_until", fields.DatetimeField()),
                    ("made_at", fields.DatetimeField()),
                ],
                {"table": "offer", "app": "app", "pk_attr": "id"},
            ),
            CreateModel(
                "Contract",
                [
                    ("id", fields.UUIDField(primary_key=True)),
                    (
                        "account",
                        fields.ForeignKeyField(
                            "app.Account", source_field="account_id", to_field="id", on_delete=fields.RESTRICT
                        ),
                    ),
                    (
                        "offer",
                        fields.OneToOneField(
                            "app.Offer", source_field="offer_id", to_field="id", on_delete=fields.RESTRICT
                        ),
                    ),
                    (
                        "plan",
                        fields.ForeignKeyField(
                            "app.PricePlan", source_field="plan_id", to_field="id", on_delete=fields.RESTRICT
                        ),
                    ),
                    (
                        "edition",
                        fields.CharEnumField(
                            one_of("COMMUNITY", "PAY_AS_YOU_GO", "SUBSCRIPTION", "LICENSED"), max_length=20
                        ),
                    ),
                    ("state", fields.CharEnumField(one_of("SCHEDULED", "ACTIVE", "ENDED"), max_length=10)),
                    ("dk_limit", fields.IntField()),
                    ("starts_on", fields.DateField()),
                    ("ends_on", fields.DateField()),
                    ("perpetual", fields.BooleanField(default=False)),
                    ("product_version", fields.CharField(max_length=40, null=True)),
                    ("accepted_at", fields.DatetimeField()),
                    ("ended_at", fields.DatetimeField(null=True)),
                    ("reminded_days", fields.IntField(null=True)),
                    ("attention_at", fields.DatetimeField(null=True)),
                ],
                {"table": "contract", "app": "app", "pk_attr": "id"},
            ),
            CreateModel(
                "Instalment",
                [
                    ("id", fields.UUIDField(primary_key=True)),
                    (
                        "contract",
                        fields.ForeignKeyField(
                            "app.Contract", source_field="contract_id", to_field="id", on_delete=fields.RESTRICT
                        ),
                    ),
                    (
                        "account",
                        fields.ForeignKeyField(
                            "app.Account", source_field="account_id", to_field="id", on_delete=fields.RESTRICT
                        ),
                    ),
                    ("position", fields.SmallIntField()),
                    ("due_on", fields.DateField()),
                    ("amount_minor", fields.BigIntField()),
                    ("charge_id", fields.UUIDField(unique=True, null=True)),
                ],
                {"table": "instalment", "app": "app", "unique_together": (("contract", "position"),), "pk_attr": "id"},
            ),
            CreateModel(
                "RevenueRecognition",
                [
                    ("id", fields.UUIDField(primary_key=True)),
                    (
                        "contract",
                        fields.ForeignKeyField(
                            "app.Contract", source_field="contract_id", to_field="id", on_delete=fields.RESTRICT
                        ),
                    ),
                    (
                        "account",
                        fields.ForeignKeyField(
                            "app.Account", source_field="account_id", to_field="id", on_delete=fields.RESTRICT
                        ),
                    ),
                    ("day", fields.DateField()),
                    ("amount_minor", fields.BigIntField()),
                    ("recognized_minor", fields.BigIntField()),
                    ("currency", fields.CharField(max_length=3)),
                ],
                {
                    "table": "revenue_recognition",
                    "app": "app",
                    "unique_together": (("contract", "day"),),
                    "pk_attr": "id",
                },
            ),
            CreateModel(
                "StaffAssignment",
                [
                    ("id", fields.UUIDField(primary_key=True)),
                    (
                        "user",
                        fields.ForeignKeyField(
                            "app.User", source_field="user_id", to_field="id", on_delete=fields.RESTRICT
                        ),
                    ),
                    (
                        "role",
                        fields.CharEnumField(
                            one_of("ACCOUNT_MANAGER", "FINANCE", "OPERATOR", "AUDITOR"), max_length=20
                        ),
                    ),
                ],
                {"table": "staff_assignment", "app": "app", "unique_together": (("user", "role"),), "pk_attr": "id"},
            ),
            CreateModel(
                "Warned",
                [
                    ("id", fields.UUIDField(primary_key=True)),
                    ("account_id", fields.UUIDField()),
                    ("about", fields.CharField(max_length=100)),
                    ("period", fields.CharField(max_length=10)),
                    ("threshold", fields.BigIntField()),
                    ("forecast", fields.BooleanField()),
                ],
                {
                    "table": "warned",
                    "app": "app",
                    "unique_together": (("account_id", "about", "period", "threshold", "forecast"),),
                    "pk_attr": "id",
                },
            ),
            CreateModel(
                "Worker",
                [
                    ("id", fields.UUIDField(primary_key=True)),
                    ("host", fields.CharField(max_length=200)),
                    ("started_at", fields.DatetimeField()),
                    ("seen_at", fields.DatetimeField()),
                ],
                {"table": "worker", "app": "app", "pk_attr": "id"},
            ),
            CreateModel(
                "WebhookEndpoint",
                [
                    ("id", fields.UUIDField(primary_key=True)),
                    (
                        "account",
                        fields.ForeignKeyField(
                            "app.Account",
                            source_field="account_id",
                            null=True,
                            to_field="id",
                            on_delete=fields.RESTRICT,
                        ),
                    ),
                    ("url", fields.CharField(max_length=2000)),
                    ("secret_encrypted", fields.BinaryField()),
                    ("former_secret_encrypted", fields.BinaryField(null=True)),
                    ("former_until", fields.DatetimeField(null=True)),
                    ("event_types", ArrayField(element_type="TEXT")),
                    ("enabled", fields.BooleanField()),
                    ("disabled_reason", fields.CharField(max_length=500, null=True)),
                    ("created_at", fields.DatetimeField()),
                    ("deleted_at", fields.DatetimeField(null=True)),
                    ("failures", fields.IntField(default=0, db_default=0)),
                    ("failing_since", fields.DatetimeField(null=True)),
                    ("paused_until", fields.DatetimeField(null=True)),
                ],
                {"table": "webhook_endpoint", "app": "app", "pk_attr": "id"},
            ),
            CreateModel(
                "Delivery",
                [
                    ("id", fields.UUIDField(primary_key=True)),
                    ("account_id", fields.UUIDField(null=True)),
                    (
                        "event",
                        fields.ForeignKeyField(
                            "app.Event", source_field="event_id", to_field="id", on_delete=fields.RESTRICT
                        ),
                    ),
                    (
                        "endpoint",
                        fields.ForeignKeyField(
                            "app.WebhookEndpoint",
                            source_field="endpoint_id",
                            null=True,
                            to_field="id",
                            on_delete=fields.RESTRICT,
                        ),
                    ),
                    (
                        "user",
                        fields.ForeignKeyField(
                            "app.User", source_field="user_id", null=True, to_field="id", on_delete=fields.RESTRICT
                        ),
                    ),
                    ("medium", fields.CharField(max_length=20)),
                    ("state", fields.CharEnumField(one_of("PENDING", "DELIVERED", "FAILED"), max_length=10)),
                    ("attempts", fields.IntField(default=0)),
                    ("next_attempt_at", fields.DatetimeField(null=True)),
                    ("claimed_until", fields.DatetimeField(null=True)),
                    ("reason", fields.CharField(max_length=500, null=True)),
                    ("response_status", fields.IntField(null=True)),
                    ("response_body", fields.TextField(null=True)),
                    ("attempted_at", fields.DatetimeField(null=True)),
                    ("delivered_at", fields.DatetimeField(null=True)),
                    ("sandbox", fields.BooleanField(default=False, db_default=False)),
                    ("to_staff", fields.BooleanField(default=False, db_default=False)),
                ],
                {"table": "delivery", "app": "app", "indexes": (("account_id", "id"),), "pk_attr": "id"},
            ),
        ),
        RunSQL([(SQL / f"{name}.sql").read_text() for name in FILES]),
    ]
