-- Rows of these tables are never changed or deleted, by replicas and by who sets session_replication_role, too.

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    RAISE EXCEPTION 'rows of % are never changed or deleted', TG_TABLE_NAME;
END $$;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON acceptance
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

ALTER TABLE acceptance ENABLE ALWAYS TRIGGER append_only;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON application_note
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

ALTER TABLE application_note ENABLE ALWAYS TRIGGER append_only;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON charge
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

ALTER TABLE charge ENABLE ALWAYS TRIGGER append_only;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON credit_note
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

ALTER TABLE credit_note ENABLE ALWAYS TRIGGER append_only;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON event
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

ALTER TABLE event ENABLE ALWAYS TRIGGER append_only;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON journal_entry
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

ALTER TABLE journal_entry ENABLE ALWAYS TRIGGER append_only;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON journal_transaction
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

ALTER TABLE journal_transaction ENABLE ALWAYS TRIGGER append_only;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON offer
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

ALTER TABLE offer ENABLE ALWAYS TRIGGER append_only;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON revenue_recognition
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

ALTER TABLE revenue_recognition ENABLE ALWAYS TRIGGER append_only;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON revocation_issue
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

ALTER TABLE revocation_issue ENABLE ALWAYS TRIGGER append_only;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON statement
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

ALTER TABLE statement ENABLE ALWAYS TRIGGER append_only;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON statement_charge
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

ALTER TABLE statement_charge ENABLE ALWAYS TRIGGER append_only;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON usage_correction
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

ALTER TABLE usage_correction ENABLE ALWAYS TRIGGER append_only;
