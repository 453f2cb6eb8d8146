"""Online payments of top-ups."""

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.migrations import operations as ops
from uuid_utils.compat import uuid7


class Migration(migrations.Migration):
    dependencies = [("settlement_guance", "0003_funds")]

    initial = False

    operations = [
        ops.AlterModelOptions(
            "TopUpRow",
            {
                "table": "guance_top_up",
                "app": "settlement_guance",
                "pk_attr": "id",
                "table_description": "A bank transfer, announced and then confirmed by staff; or an online payment, which has a ``pay_url``.",
            },
        ),
        ops.AddField("TopUpRow", "pay_url", fields.TextField(null=True)),
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
            ],
            options={
                "table": "guance_payment",
                "app": "settlement_guance",
                "pk_attr": "id",
                "table_description": "The online payment of a top-up: the provider's session, and the payment that was made in it, credited or not.",
            },
            bases=["Model"],
        ),
    ]
