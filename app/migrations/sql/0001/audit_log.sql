-- Of the audit log nothing is changed or deleted, but that an entry is put under a seal, once.

CREATE FUNCTION seal_alone() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF old.seal IS NOT NULL OR new.seal IS NULL OR (new.id, new.at, new.actor_kind, new.actor_id, new.actor_label,
        new.address, new.action, new.account_id, new.outcome, new.request_id, new.details)
        IS DISTINCT FROM (old.id, old.at, old.actor_kind, old.actor_id, old.actor_label,
        old.address, old.action, old.account_id, old.outcome, old.request_id, old.details) THEN
        RAISE EXCEPTION 'rows of % are never changed or deleted', TG_TABLE_NAME;
    END IF;
    RETURN new;
END $$;

CREATE TRIGGER seal_alone BEFORE UPDATE ON audit_entry FOR EACH ROW EXECUTE FUNCTION seal_alone();

ALTER TABLE audit_entry ENABLE ALWAYS TRIGGER seal_alone;

CREATE TRIGGER append_only BEFORE DELETE OR TRUNCATE ON audit_entry
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

ALTER TABLE audit_entry ENABLE ALWAYS TRIGGER append_only;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_seal
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

ALTER TABLE audit_seal ENABLE ALWAYS TRIGGER append_only;
