-- Of the audit log nothing is changed or deleted, but that an entry is put under a seal, once, and that what it says of
-- a person is erased.

CREATE FUNCTION seal_alone() RETURNS trigger LANGUAGE plpgsql AS $$ DECLARE
    personal CONSTANT text[] := '{salt,actor_label,address,details}';
BEGIN
    IF to_jsonb(new) - 'seal' = to_jsonb(old) - 'seal' AND old.seal IS NULL AND new.seal IS NOT NULL THEN
        RETURN new;
    END IF;
    IF to_jsonb(new) - personal = to_jsonb(old) - personal AND old.salt IS NOT NULL
        AND new.salt IS NULL AND (new.actor_label, new.address, new.details) = ('erased', '', '{}'::jsonb) THEN
        RETURN new;
    END IF;
    RAISE EXCEPTION 'rows of % are never changed or deleted', TG_TABLE_NAME;
END $$;

CREATE TRIGGER seal_alone BEFORE UPDATE ON audit_entry FOR EACH ROW EXECUTE FUNCTION seal_alone();

ALTER TABLE audit_entry ENABLE ALWAYS TRIGGER seal_alone;

CREATE TRIGGER append_only BEFORE DELETE OR TRUNCATE ON audit_entry
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

ALTER TABLE audit_entry ENABLE ALWAYS TRIGGER append_only;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_seal
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

ALTER TABLE audit_seal ENABLE ALWAYS TRIGGER append_only;
