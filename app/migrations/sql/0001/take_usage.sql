-- Takes in what one deployment reported, all or nothing; see app/usage/reporting.py. Answers no row, and writes
-- nothing, when the nonce was seen before.
-- Locks the account (FOR KEY SHARE), so that no day closes meanwhile. Reads and writes request_nonce, billing_day
-- (late), deployment (last_seen_at), usage_hour.

CREATE FUNCTION take_usage(
    taker uuid, reporter uuid, seen_at timestamptz, access_key uuid, seen_nonce text, nonce_expires_at timestamptz,
    hours timestamptz[], meters text[], begins int[], counts int[], lines text, amounts bigint[]
) RETURNS TABLE (hour timestamptz, quantity bigint) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    reported_ids text[] := string_to_array(lines, E'
');
BEGIN
    PERFORM hold_for_usage(ARRAY[taker]);
    IF seen_nonce IS NOT NULL AND NOT remember_nonce(access_key, seen_nonce, nonce_expires_at) THEN
        RETURN;
    END IF;
    PERFORM mark_late(taker, hours);
    UPDATE deployment SET last_seen_at = seen_at
    WHERE id = reporter AND last_seen_at < seen_at - interval '1 minute';
    RETURN QUERY
    INSERT INTO usage_hour AS kept (id, account_id, deployment_id, meter, hour, ids, quantity)
    SELECT uuid7(), taker, reporter, r.meter, r.hour, reported.ids, coalesce(r.value, cardinality(reported.ids))
    FROM unnest(hours, meters, begins, counts, amounts) AS r(hour, meter, begin, count, value)
    CROSS JOIN LATERAL (
        SELECT array_agg(id ORDER BY id COLLATE "C") AS ids
        FROM unnest(reported_ids[r.begin : r.begin + r.count - 1]) AS d(id)) AS reported
    ORDER BY r.meter, r.hour
    ON CONFLICT (deployment_id, meter, hour)
    DO UPDATE SET (ids, quantity) = (SELECT m.ids, m.quantity FROM merged(kept, excluded) AS m)
    RETURNING kept.hour, kept.quantity;
END $$;
