"""What the models cannot say: sequences, partial indexes, append-only tables, balanced books, notifications."""

from tortoise import migrations
from tortoise.migrations.operations import RunSQL

APPEND_ONLY = (
    "acceptance",
    "agreement_version",
    "charge",
    "event",
    "journal_entry",
    "journal_transaction",
    "price_plan",
)


class Migration(migrations.Migration):
    dependencies = [("app", "0001_initial")]

    initial = False

    operations = [
        RunSQL(
            [
                "CREATE SEQUENCE usage_revision",
                "CREATE UNIQUE INDEX access_token_hash ON access_token (token_hash)",
                "CREATE UNIQUE INDEX upgrade_in_progress ON upgrade (account_id) "
                "WHERE state IN ('AGREEMENT_PENDING', 'CHANNEL_PENDING', 'FREE_PERIOD', 'ACTIVE')",
                "CREATE UNIQUE INDEX channel_binding_bound ON channel_binding (account_id) WHERE state = 'BOUND'",
                "CREATE INDEX settlement_due ON settlement (next_attempt_at) WHERE state IN ('PENDING', 'ACCEPTED')",
                "CREATE INDEX charge_account ON charge (account_id, id)",
                "CREATE INDEX event_account ON event (account_id, id)",
                "ALTER TABLE charge ADD CHECK (quantity >= 0 AND billed_quantity >= quantity AND (amount_minor <> 0 OR kind = 'DAILY'))",
                "ALTER TABLE price_plan ADD CHECK (unit_price_minor >= 0 AND minimum_quantity >= 0)",
                "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ "
                "BEGIN RAISE EXCEPTION 'rows of % are never changed or deleted', TG_TABLE_NAME; END $$",
                *(
                    f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
                    "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
                    for table in APPEND_ONLY
                ),
                "CREATE FUNCTION check_balanced() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                "IF EXISTS (SELECT FROM journal_entry WHERE transaction_id = NEW.transaction_id "
                "GROUP BY currency HAVING sum(amount_minor) <> 0) THEN "
                "RAISE EXCEPTION 'the entries of journal transaction % do not sum to zero', NEW.transaction_id; "
                "END IF; RETURN NULL; END $$",
                "CREATE CONSTRAINT TRIGGER balanced AFTER INSERT ON journal_entry "
                "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_balanced()",
                "CREATE FUNCTION notify_event() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                "PERFORM pg_notify('account_event', NEW.account_id || ' ' || NEW.id); RETURN NULL; END $$",
                "CREATE TRIGGER notify AFTER INSERT ON event FOR EACH ROW EXECUTE FUNCTION notify_event()",
            ],
        ),
    ]
