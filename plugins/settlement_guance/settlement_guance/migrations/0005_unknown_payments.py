"""Online payments that the payment provider does not know any more."""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("settlement_guance", "0004_payments")]

    initial = False

    operations = [
        ops.AddField("PaymentRow", "given_up_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
    ]
