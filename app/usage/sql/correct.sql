-- Replaces what a deployment reported of some hours, and notes it; the keys of the corrections of those hours that
-- something was reported for.
-- The account is to be held for usage. Reads and writes usage_hour; writes usage_correction.

WITH replacing AS (
    SELECT r.meter, r.hour, replaced.ids, coalesce(r.value, cardinality(replaced.ids)) AS quantity
    FROM unnest($3::timestamptz[], $4::text[], $5::int[], $6::int[], $8::bigint[])
        AS r(hour, meter, begin, count, value)
    CROSS JOIN LATERAL (
        SELECT CASE WHEN r.value IS NULL THEN
            ARRAY(SELECT id FROM unnest((string_to_array($7, E'\n'))[r.begin : r.begin + r.count - 1]) AS d(id)
                  ORDER BY id COLLATE "C") END AS ids) AS replaced
), kept AS (
    SELECT k.*, r.ids AS new_ids, r.quantity AS new_quantity
    FROM usage_hour AS k JOIN replacing AS r ON r.meter = k.meter AND r.hour = k.hour
    WHERE k.deployment_id = $2 ORDER BY k.meter, k.hour FOR UPDATE OF k
), corrected AS (
    UPDATE usage_hour AS u SET ids = k.new_ids, quantity = k.new_quantity, corrected = true
    FROM kept AS k WHERE u.id = k.id
)
INSERT INTO usage_correction (id, account_id, deployment_id, meter, hour, quantity_before, quantity_after, reason,
    corrected_by, corrected_at)
SELECT uuid7(), $1, $2, meter, hour, quantity, new_quantity, $9, $10, $11 FROM kept
RETURNING id, meter, hour;
