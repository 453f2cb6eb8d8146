from uuid import uuid4

from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    initial = True

    operations = [
        ops.CreateModel(
            name="InvoiceLine",
            fields=[
                ("charge_id", fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ("invoice", fields.UUIDField(db_index=True)),
                ("email", fields.CharField(max_length=254)),
                ("text", fields.CharField(max_length=200)),
                ("amount_minor", fields.BigIntField()),
                ("sent_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("paid_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={"table": "invoice_line", "app": "settlement_invoice", "pk_attr": "charge_id"},
            bases=["Model"],
        ),
    ]
