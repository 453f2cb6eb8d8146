-- What is published is never changed or deleted, but for the columns that a trigger names: it may be withdrawn, once,
-- before it is in force. What a meter counts never changes, since days were counted by it; what it is called may.
-- Who published or withdrew may be erased.

CREATE FUNCTION refuse_change_of_others() RETURNS trigger LANGUAGE plpgsql AS $$ DECLARE
    people CONSTANT text[] := '{published_by,withdrawn_by}';
BEGIN
    IF TG_OP = 'UPDATE' AND to_jsonb(new) - people = to_jsonb(old) - people
        AND new.published_by IN (old.published_by, 'erased')
        AND (new.withdrawn_by IS NOT DISTINCT FROM old.withdrawn_by
            OR (old.withdrawn_by IS NOT NULL AND new.withdrawn_by = 'erased')) THEN
        RETURN new;
    END IF;
    IF TG_OP = 'UPDATE' AND to_jsonb(new) - TG_ARGV = to_jsonb(old) - TG_ARGV
        AND (old.withdrawn_at IS NULL
            OR (new.withdrawn_at, new.withdrawn_by) = (old.withdrawn_at, old.withdrawn_by)) THEN
        RETURN new;
    END IF;
    RAISE EXCEPTION 'rows of % are never changed or deleted', TG_TABLE_NAME;
END $$;

ALTER TABLE agreement_version
    ADD CHECK (withdrawn_at < valid_from),
    ADD CHECK ((withdrawn_at IS NULL) = (withdrawn_by IS NULL));

ALTER TABLE edition
    ADD CHECK (withdrawn_at < valid_from),
    ADD CHECK ((withdrawn_at IS NULL) = (withdrawn_by IS NULL));

ALTER TABLE meter
    ADD CHECK (withdrawn_at < valid_from),
    ADD CHECK ((withdrawn_at IS NULL) = (withdrawn_by IS NULL));

ALTER TABLE price_plan
    ADD CHECK (withdrawn_at < valid_from),
    ADD CHECK ((withdrawn_at IS NULL) = (withdrawn_by IS NULL));

ALTER TABLE release
    ADD CHECK (withdrawn_at < valid_from),
    ADD CHECK ((withdrawn_at IS NULL) = (withdrawn_by IS NULL));

CREATE TRIGGER unchanged BEFORE UPDATE OR DELETE ON agreement_version
    FOR EACH ROW EXECUTE FUNCTION refuse_change_of_others('withdrawn_at', 'withdrawn_by');

CREATE TRIGGER unchanged BEFORE UPDATE OR DELETE ON edition
    FOR EACH ROW EXECUTE FUNCTION refuse_change_of_others('withdrawn_at', 'withdrawn_by');

CREATE TRIGGER unchanged BEFORE UPDATE OR DELETE ON meter
    FOR EACH ROW EXECUTE FUNCTION refuse_change_of_others('withdrawn_at', 'withdrawn_by', 'name', 'unit', 'changed_by');

CREATE TRIGGER unchanged BEFORE UPDATE OR DELETE ON price_plan
    FOR EACH ROW EXECUTE FUNCTION refuse_change_of_others('withdrawn_at', 'withdrawn_by');

CREATE TRIGGER unchanged BEFORE UPDATE OR DELETE ON release
    FOR EACH ROW EXECUTE FUNCTION refuse_change_of_others('withdrawn_at', 'withdrawn_by');

CREATE TRIGGER append_only BEFORE TRUNCATE ON agreement_version
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER append_only BEFORE TRUNCATE ON edition
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER append_only BEFORE TRUNCATE ON meter
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER append_only BEFORE TRUNCATE ON price_plan
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER append_only BEFORE TRUNCATE ON release
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

ALTER TABLE agreement_version ENABLE ALWAYS TRIGGER unchanged, ENABLE ALWAYS TRIGGER append_only;

ALTER TABLE edition ENABLE ALWAYS TRIGGER unchanged, ENABLE ALWAYS TRIGGER append_only;

ALTER TABLE meter ENABLE ALWAYS TRIGGER unchanged, ENABLE ALWAYS TRIGGER append_only;

ALTER TABLE price_plan ENABLE ALWAYS TRIGGER unchanged, ENABLE ALWAYS TRIGGER append_only;

ALTER TABLE release ENABLE ALWAYS TRIGGER unchanged, ENABLE ALWAYS TRIGGER append_only;

-- Whether a text is there in Chinese and in English, and nothing else. It reads nothing but its argument.
CREATE FUNCTION is_localized(texts jsonb) RETURNS boolean LANGUAGE sql IMMUTABLE
    RETURN coalesce(
        jsonb_typeof(texts) = 'object' AND texts - '{zh, en}'::text[] = '{}'
        AND jsonb_typeof(texts -> 'zh') = 'string' AND jsonb_typeof(texts -> 'en') = 'string'
        AND btrim(texts ->> 'zh') <> '' AND btrim(texts ->> 'en') <> '', false);

ALTER TABLE agreement_version ADD CHECK (is_localized(title) AND is_localized(text));

ALTER TABLE edition
    ADD CHECK (is_localized(name) AND is_localized(description)),
    ADD CHECK (least_term_months >= 0 AND term_step_months >= 0 AND version_days > 0);

ALTER TABLE meter ADD CHECK (is_localized(name) AND unit <> '' AND key ~ '^[a-z][a-z0-9_]*$');

ALTER TABLE price_group ADD CHECK (is_localized(name) AND key ~ '^[a-z][a-z0-9_-]*$');
