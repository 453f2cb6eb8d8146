-- Rows of these tables are never changed or deleted, by replicas and by who sets session_replication_role, too.

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    RAISE EXCEPTION 'rows of % are never changed or deleted', TG_TABLE_NAME;
END $$;

-- In the columns that a trigger names, what identifies a person may become 'erased', and e-mail addresses in
-- JSON likewise.

CREATE FUNCTION refuse_all_but_erasure() RETURNS trigger LANGUAGE plpgsql AS $$ DECLARE
    was CONSTANT jsonb := to_jsonb(old);
    becomes CONSTANT jsonb := to_jsonb(new);
    name text;
    allowed boolean := becomes - TG_ARGV = was - TG_ARGV;
BEGIN
    FOREACH name IN ARRAY TG_ARGV LOOP
        allowed := allowed AND (
            becomes -> name = was -> name
            OR becomes ->> name = 'erased'
            OR CASE WHEN jsonb_typeof(was -> name) = 'object' AND jsonb_typeof(becomes -> name) = 'object' THEN
                NOT EXISTS (
                    SELECT FROM jsonb_each(was -> name) AS w FULL JOIN jsonb_each(becomes -> name) AS b USING (key)
                    WHERE b.value IS DISTINCT FROM w.value
                        AND NOT coalesce(b.value = '"erased"' AND w.value #>> '{}' LIKE '%@%', false)
                )
            END
        );
    END LOOP;
    IF allowed IS NOT TRUE THEN
        RAISE EXCEPTION 'rows of % are never changed or deleted', TG_TABLE_NAME;
    END IF;
    RETURN new;
END $$;

CREATE TRIGGER append_only BEFORE DELETE OR TRUNCATE ON acceptance
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER erased_alone BEFORE UPDATE ON acceptance
    FOR EACH ROW EXECUTE FUNCTION refuse_all_but_erasure('address');

ALTER TABLE acceptance ENABLE ALWAYS TRIGGER erased_alone;

ALTER TABLE acceptance ENABLE ALWAYS TRIGGER append_only;

CREATE TRIGGER append_only BEFORE DELETE OR TRUNCATE ON application_note
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER erased_alone BEFORE UPDATE ON application_note
    FOR EACH ROW EXECUTE FUNCTION refuse_all_but_erasure('author');

ALTER TABLE application_note ENABLE ALWAYS TRIGGER erased_alone;

ALTER TABLE application_note ENABLE ALWAYS TRIGGER append_only;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON charge
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

ALTER TABLE charge ENABLE ALWAYS TRIGGER append_only;

CREATE TRIGGER append_only BEFORE DELETE OR TRUNCATE ON credit_note
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER erased_alone BEFORE UPDATE ON credit_note
    FOR EACH ROW EXECUTE FUNCTION refuse_all_but_erasure('issued_by');

ALTER TABLE credit_note ENABLE ALWAYS TRIGGER erased_alone;

ALTER TABLE credit_note ENABLE ALWAYS TRIGGER append_only;

CREATE TRIGGER append_only BEFORE DELETE OR TRUNCATE ON event
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER erased_alone BEFORE UPDATE ON event
    FOR EACH ROW EXECUTE FUNCTION refuse_all_but_erasure('actor_label', 'before', 'after');

ALTER TABLE event ENABLE ALWAYS TRIGGER erased_alone;

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

CREATE TRIGGER append_only BEFORE DELETE OR TRUNCATE ON usage_correction
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER erased_alone BEFORE UPDATE ON usage_correction
    FOR EACH ROW EXECUTE FUNCTION refuse_all_but_erasure('corrected_by');

ALTER TABLE usage_correction ENABLE ALWAYS TRIGGER erased_alone;

ALTER TABLE usage_correction ENABLE ALWAYS TRIGGER append_only;
