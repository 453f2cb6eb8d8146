-- What was pushed never changes, and a charge leaves its record only while that is certainly not taken.

CREATE FUNCTION aliyun_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    RAISE EXCEPTION 'what % says of a metering record is never changed or deleted', TG_TABLE_NAME;
END $$;

CREATE TRIGGER unchanged BEFORE UPDATE OR TRUNCATE ON aliyun_charge
    FOR EACH STATEMENT EXECUTE FUNCTION aliyun_refuse_change();

CREATE FUNCTION aliyun_refuse_leaving() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF (SELECT state FROM aliyun_record WHERE id = OLD.record_id) <> 'WAITING' THEN
        RAISE EXCEPTION 'the charges of a pushed metering record are never changed or deleted';
    END IF;
    RETURN OLD;
END $$;

CREATE TRIGGER kept BEFORE DELETE ON aliyun_charge FOR EACH ROW EXECUTE FUNCTION aliyun_refuse_leaving();

CREATE TRIGGER kept BEFORE DELETE OR TRUNCATE ON aliyun_record
    FOR EACH STATEMENT EXECUTE FUNCTION aliyun_refuse_change();

CREATE TRIGGER unchanged
    BEFORE UPDATE OF instance_id, day_starts_at, slot, start_time, end_time, key, metering_item ON aliyun_record
    FOR EACH STATEMENT EXECUTE FUNCTION aliyun_refuse_change();

CREATE TRIGGER pushed BEFORE UPDATE OF value ON aliyun_record
    FOR EACH ROW WHEN (OLD.state <> 'WAITING' AND OLD.value <> NEW.value) EXECUTE FUNCTION aliyun_refuse_change();

CREATE TRIGGER final BEFORE UPDATE ON aliyun_record
    FOR EACH ROW WHEN (OLD.state = 'CONFIRMED') EXECUTE FUNCTION aliyun_refuse_change();
