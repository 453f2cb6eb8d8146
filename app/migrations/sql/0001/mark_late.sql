-- Marks the closed days of an account late that have one of these hours: usage came for them, and they are adjusted.
-- Reads and writes billing_day. The account is to be held (hold_for_usage) by the caller.

CREATE FUNCTION mark_late(account uuid, hours timestamptz[]) RETURNS void LANGUAGE plpgsql AS $$ BEGIN
    UPDATE billing_day d SET late = true
    FROM (SELECT DISTINCT r.hour FROM unnest(hours) AS r(hour)) AS r
    WHERE d.account_id = account AND NOT d.late AND d.begins_at <= r.hour AND d.ends_at > r.hour
      AND d.day BETWEEN r.hour::date - 1 AND r.hour::date + 1;
END $$;
