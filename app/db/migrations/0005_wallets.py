"""Standing: whether what an account owes has consequences yet."""

from app.editions.keys import UpgradeState
from app.settlement.models import StandingState
from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.migrations import operations as ops
from uuid_utils.compat import uuid7


class Migration(migrations.Migration):
    dependencies = [("app", "0004_notifications")]

    initial = False

    operations = [
        ops.CreateModel(
            name="Standing",
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
                (
                    "state",
                    fields.CharEnumField(
                        description="\n".join(f"{state}: {state}" for state in StandingState),
                        enum_type=StandingState,
                        max_length=10,
                    ),
                ),
                ("since", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("final_notice_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "standing",
                "app": "app",
                "pk_attr": "id",
                "table_description": "The standing of an account that owed something at some time.",
            },
            bases=["Record"],
        ),
        ops.AlterField(
            "Upgrade",
            "state",
            fields.CharEnumField(
                description="\n".join(f"{state}: {state}" for state in UpgradeState),
                enum_type=UpgradeState,
                max_length=20,
            ),
        ),
        ops.RunSQL("CREATE INDEX standing_poor ON standing (account_id) WHERE state <> 'GOOD'"),
    ]
