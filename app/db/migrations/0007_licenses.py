from tortoise import migrations
from tortoise.migrations import operations as ops
from orjson import loads
from tortoise.fields.data import JSON_DUMPS
from uuid_utils.compat import uuid7
from tortoise import fields


class Migration(migrations.Migration):
    dependencies = [("app", "0006_metering")]

    initial = False

    operations = [
        ops.CreateModel(
            name="RevocationIssue",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True)),
                ("version", fields.IntField(unique=True)),
                ("text", fields.TextField(unique=False)),
                ("kid", fields.CharField(max_length=64)),
                ("revoked", fields.IntField()),
                ("issued_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("next_update_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "revocation_issue",
                "app": "app",
                "pk_attr": "id",
                "table_description": "A published revocation list; versions grow by one.",
            },
            bases=["Record"],
        ),
        ops.AddField(
            model_name="Edition",
            name="features",
            field=fields.JSONField(default=list, encoder=JSON_DUMPS, decoder=loads),
        ),
        ops.AddField(
            model_name="Edition",
            name="license_limit",
            field=fields.IntField(default=100),
        ),
        ops.AddField(
            model_name="Edition",
            name="offline_days",
            field=fields.IntField(default=14),
        ),
        ops.AddField(
            model_name="Edition",
            name="rotation_grace_days",
            field=fields.IntField(default=7),
        ),
        ops.AddField(
            model_name="Edition",
            name="spare_license_limit",
            field=fields.IntField(default=1),
        ),
        ops.AddField(
            model_name="Edition",
            name="warning_days",
            field=fields.IntField(default=14),
        ),
        ops.AlterModelOptions(
            name="License",
            options={
                "table": "license",
                "app": "app",
                "pk_attr": "id",
                "table_description": "A signed license. ``text`` is the one line that is copied to the deployment; ``dk_limit`` −1 is no limit.",
            },
        ),
        ops.AddField(
            model_name="License",
            name="attention_at",
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name="License",
            name="dk_exceeded_on",
            field=fields.DateField(null=True),
        ),
        ops.AddField(
            model_name="License",
            name="dk_limit",
            field=fields.IntField(default=-1),
        ),
        ops.AddField(
            model_name="License",
            name="fingerprint",
            field=fields.CharField(null=True, max_length=128),
        ),
        ops.AddField(
            model_name="License",
            name="replaces_id",
            field=fields.UUIDField(null=True),
        ),
        ops.AddField(
            model_name="License",
            name="reserved_for",
            field=fields.CharField(null=True, max_length=128),
        ),
        ops.AddField(
            model_name="License",
            name="revocation_version",
            field=fields.IntField(null=True),
        ),
        ops.AddField(
            model_name="License",
            name="revoke_at",
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AlterModelOptions(
            name="SigningKey",
            options={
                "table": "signing_key",
                "app": "app",
                "pk_attr": "id",
                "table_description": "An Ed25519 key that documents are signed with.",
            },
        ),
        ops.AlterField(
            model_name="SigningKey",
            name="private_key_encrypted",
            field=fields.BinaryField(null=True),
        ),
        ops.AddField(
            model_name="SigningKey",
            name="retired_at",
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name="SigningKey",
            name="superseded_at",
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.RunSQL(
            [
                "CREATE INDEX license_attention ON license (attention_at)",
                "CREATE INDEX license_deployment ON license (deployment_id)",
                "CREATE INDEX license_limited ON license (deployment_id) WHERE dk_limit >= 0 AND state = 'ACTIVE'",
                "CREATE INDEX license_unlisted ON license (id) WHERE state = 'REVOKED' AND revocation_version IS NULL",
                "CREATE UNIQUE INDEX license_replaced_once ON license (replaces_id)",
                "CREATE INDEX account_travelled ON account (id) WHERE clock_offset_seconds > 0",
                "CREATE UNIQUE INDEX signing_key_current ON signing_key ((superseded_at IS NULL)) WHERE superseded_at IS NULL",
                "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON revocation_issue "
                "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()",
            ],
        ),
    ]
