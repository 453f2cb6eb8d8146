"""What was written to be pushed never changes, and a charge never moves to another record."""

from tortoise import migrations
from tortoise.migrations.operations import RunSQL


class Migration(migrations.Migration):
    dependencies = [("settlement_aliyun", "0001_initial")]

    initial = False

    operations = [
        RunSQL(
            [
                "CREATE FUNCTION aliyun_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ "
                "BEGIN RAISE EXCEPTION 'what % says of a metering record is never changed or deleted', TG_TABLE_NAME; END $$",
                "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON aliyun_charge "
                "FOR EACH STATEMENT EXECUTE FUNCTION aliyun_refuse_change()",
                "CREATE TRIGGER kept BEFORE DELETE OR TRUNCATE ON aliyun_record "
                "FOR EACH STATEMENT EXECUTE FUNCTION aliyun_refuse_change()",
                "CREATE TRIGGER unchanged BEFORE UPDATE OF instance_id, day_starts_at, slot, start_time, end_time, key, "
                "metering_item, value ON aliyun_record FOR EACH STATEMENT EXECUTE FUNCTION aliyun_refuse_change()",
                "CREATE TRIGGER final BEFORE UPDATE ON aliyun_record FOR EACH ROW WHEN (OLD.state = 'CONFIRMED') "
                "EXECUTE FUNCTION aliyun_refuse_change()",
            ]
        )
    ]
