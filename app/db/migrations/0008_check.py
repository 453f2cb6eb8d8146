from tortoise import migrations
from tortoise.migrations import operations as ops

class Migration(migrations.Migration):
    dependencies = [('app', '0007_licenses')]

    initial = False

    operations = [
        ops.AlterModelOptions(
            name='BillingDay',
            options={'table': 'billing_day', 'app': 'app', 'unique_together': (('account', 'day'),), 'pk_attr': 'id', 'table_description': "That an account's day was closed, and what it came to."},
        ),
        ops.AlterModelOptions(
            name='Meter',
            options={'table': 'meter', 'app': 'app', 'pk_attr': 'id', 'table_description': 'Something that is measured hourly and may be priced by the day. ``name`` is ``{"zh": ..., "en": ...}``.'},
        ),
    ]
