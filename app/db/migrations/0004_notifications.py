from tortoise import migrations
from tortoise.migrations import operations as ops
from app.notifications.models import DeliveryState
from tortoise.contrib.postgres.fields import ArrayField
from tortoise.fields.base import OnDelete
from uuid_utils.compat import uuid7
from tortoise import fields
from tortoise.indexes import Index


class Migration(migrations.Migration):
    dependencies = [("app", "0003_settling")]

    initial = False

    operations = [
        ops.CreateModel(
            name="BalanceAlert",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True)),
                (
                    "account",
                    fields.OneToOneField(
                        "app.Account",
                        source_field="account_id",
                        db_constraint=True,
                        to_field="id",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("days", fields.IntField()),
                ("low", fields.BooleanField(default=False)),
            ],
            options={
                "table": "balance_alert",
                "app": "app",
                "pk_attr": "id",
                "table_description": "Warn when the prepaid balance lasts fewer than ``days`` at the present rate of spending.",
            },
            bases=["Record"],
        ),
        ops.CreateModel(
            name="Budget",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True)),
                (
                    "account",
                    fields.OneToOneField(
                        "app.Account",
                        source_field="account_id",
                        db_constraint=True,
                        to_field="id",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("amount_minor", fields.BigIntField()),
                ("currency", fields.CharField(max_length=3)),
                ("thresholds", ArrayField(element_type="INT")),
            ],
            options={
                "table": "budget",
                "app": "app",
                "pk_attr": "id",
                "table_description": "What an account means to spend in a calendar month; ``thresholds`` are percents of it that are told of.",
            },
            bases=["Record"],
        ),
        ops.CreateModel(
            name="Job",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True)),
                ("name", fields.CharField(unique=True, max_length=80)),
                ("due_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "job",
                "app": "app",
                "pk_attr": "id",
                "table_description": "When a piece of recurring work is due again, on the world's clock.",
            },
            bases=["Record"],
        ),
        ops.CreateModel(
            name="Notice",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True)),
                ("type", fields.CharField(unique=True, max_length=60)),
            ],
            options={
                "table": "notice",
                "app": "app",
                "pk_attr": "id",
                "table_description": "A type of event that owners and administrators are told of by e-mail.",
            },
            bases=["Record"],
        ),
        ops.CreateModel(
            name="Warned",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True)),
                ("account_id", fields.UUIDField()),
                ("month", fields.CharField(max_length=7)),
                ("threshold", fields.IntField()),
                ("forecast", fields.BooleanField()),
            ],
            options={
                "table": "warned",
                "app": "app",
                "unique_together": (("account_id", "month", "threshold", "forecast"),),
                "pk_attr": "id",
                "table_description": "That a threshold of a month's budget was told of, by what was spent or by the forecast; once.",
            },
            bases=["Record"],
        ),
        ops.CreateModel(
            name="WebhookEndpoint",
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
                ("url", fields.CharField(max_length=2000)),
                ("secret_encrypted", fields.BinaryField()),
                ("event_types", ArrayField(element_type="TEXT")),
                ("enabled", fields.BooleanField()),
                ("disabled_reason", fields.CharField(null=True, max_length=500)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "webhook_endpoint",
                "app": "app",
                "pk_attr": "id",
                "table_description": "A customer's URL that an account's events are posted to. No ``event_types``: all of them.",
            },
            bases=["Record"],
        ),
        ops.CreateModel(
            name="Delivery",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True)),
                ("account_id", fields.UUIDField()),
                (
                    "event",
                    fields.ForeignKeyField(
                        "app.Event",
                        source_field="event_id",
                        db_constraint=True,
                        to_field="id",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "endpoint",
                    fields.ForeignKeyField(
                        "app.WebhookEndpoint",
                        source_field="endpoint_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "user",
                    fields.ForeignKeyField(
                        "app.User",
                        source_field="user_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "state",
                    fields.CharEnumField(
                        description="PENDING: PENDING\nDELIVERED: DELIVERED\nFAILED: FAILED",
                        enum_type=DeliveryState,
                        max_length=10,
                    ),
                ),
                ("attempts", fields.IntField(default=0)),
                ("next_attempt_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("claimed_until", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("reason", fields.CharField(null=True, max_length=500)),
                ("delivered_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "delivery",
                "app": "app",
                "indexes": [Index(fields=["account_id", "id"])],
                "pk_attr": "id",
                "table_description": "The telling of one event to one webhook endpoint, or by e-mail to one member; made by a trigger on ``event``.",
            },
            bases=["Record"],
        ),
        ops.RunSQL(
            [
                "CREATE INDEX delivery_due ON delivery (id) WHERE state = 'PENDING'",
                "CREATE INDEX webhook_endpoint_account ON webhook_endpoint (account_id) WHERE enabled",
                "CREATE FUNCTION tell_of_events() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                "INSERT INTO delivery (id, account_id, event_id, endpoint_id, user_id, state, attempts) "
                "SELECT gen_random_uuid(), e.account_id, e.id, w.id, NULL, 'PENDING', 0 FROM happened e "
                "JOIN webhook_endpoint w ON w.account_id = e.account_id AND w.enabled "
                "AND (w.event_types = '{}' OR e.type = ANY (w.event_types)) "
                "UNION ALL SELECT gen_random_uuid(), e.account_id, e.id, NULL, m.user_id, 'PENDING', 0 FROM happened e "
                "JOIN notice n ON n.type = e.type JOIN account a ON a.id = e.account_id AND NOT a.sandbox "
                "JOIN membership m ON m.account_id = e.account_id AND m.role IN ('OWNER', 'ADMIN'); "
                "RETURN NULL; END $$",
                "CREATE TRIGGER tell AFTER INSERT ON event REFERENCING NEW TABLE AS happened "
                "FOR EACH STATEMENT EXECUTE FUNCTION tell_of_events()",
            ]
        ),
    ]
