from tortoise import migrations
from tortoise.migrations import operations as ops
from app.settlement.models import CaseKind
from orjson import loads
from settlement_spec.values import BindingEnd
from tortoise.fields.data import JSON_DUMPS
from uuid_utils.compat import uuid7
from tortoise import fields
from tortoise.indexes import Index


class Migration(migrations.Migration):
    dependencies = [("app", "0002_guards")]

    initial = False

    operations = [
        ops.CreateModel(
            name="ReconciliationCase",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True)),
                ("channel", fields.CharField(max_length=40)),
                ("charge_id", fields.UUIDField()),
                (
                    "kind",
                    fields.CharEnumField(
                        description="MISSING_AT_PROVIDER: MISSING_AT_PROVIDER\nNOT_SETTLED_HERE: NOT_SETTLED_HERE\nUNKNOWN_CHARGE: UNKNOWN_CHARGE\nAMOUNT_DIFFERS: AMOUNT_DIFFERS",
                        enum_type=CaseKind,
                        max_length=20,
                    ),
                ),
                ("details", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("opened_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("resolved_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("resolved_by", fields.CharField(null=True, max_length=254)),
                ("note", fields.CharField(null=True, max_length=500)),
            ],
            options={
                "table": "reconciliation_case",
                "app": "app",
                "indexes": [Index(fields=["channel", "charge_id"])],
                "pk_attr": "id",
                "table_description": "One difference between what a provider says it collected and what we think; open until somebody resolves it.",
            },
            bases=["Record"],
        ),
        ops.AddField(
            model_name="ChannelBinding",
            name="change_allowed",
            field=fields.BooleanField(default=False, db_default=False),
        ),
        ops.AddField(
            model_name="ChannelBinding",
            name="ended_by",
            field=fields.CharEnumField(
                null=True,
                description="REFUSED: REFUSED\nUNSUBSCRIBED: UNSUBSCRIBED",
                enum_type=BindingEnd,
                max_length=20,
            ),
        ),
        ops.AddField(
            model_name="Settlement",
            name="claimed_until",
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name="Settlement",
            name="deadline",
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name="Settlement",
            name="handed_over_at",
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name="Settlement",
            name="uncertain",
            field=fields.BooleanField(default=False, db_default=False),
        ),
        ops.RunSQL(
            "CREATE UNIQUE INDEX reconciliation_case_open ON reconciliation_case (channel, charge_id) "
            "WHERE resolved_at IS NULL"
        ),
    ]
