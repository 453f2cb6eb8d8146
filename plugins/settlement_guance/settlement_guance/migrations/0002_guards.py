"""Append-only, balanced books."""

from tortoise import migrations
from tortoise.migrations.operations import RunSQL


class Migration(migrations.Migration):
    dependencies = [("settlement_guance", "0001_initial")]

    initial = False

    operations = [
        RunSQL(
            [
                "CREATE FUNCTION guance_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ "
                "BEGIN RAISE EXCEPTION 'rows of % are never changed or deleted', TG_TABLE_NAME; END $$",
                *(
                    f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
                    "FOR EACH STATEMENT EXECUTE FUNCTION guance_refuse_change()"
                    for table in ("guance_transaction", "guance_entry")
                ),
                "CREATE FUNCTION guance_check_balanced() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                "IF EXISTS (SELECT FROM guance_entry WHERE transaction_id = NEW.transaction_id "
                "GROUP BY currency HAVING sum(amount_minor) <> 0) THEN "
                "RAISE EXCEPTION 'the entries of wallet transaction % do not sum to zero', NEW.transaction_id; "
                "END IF; RETURN NULL; END $$",
                "CREATE CONSTRAINT TRIGGER balanced AFTER INSERT ON guance_entry "
                "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION guance_check_balanced()",
            ]
        )
    ]
