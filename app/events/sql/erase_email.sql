-- Erases an e-mail address from what events with keys from $2 to $3 say of before and after.
-- Writes event.

UPDATE event SET
    before = coalesce((
        SELECT jsonb_object_agg(b.key, CASE WHEN b.value #>> '{}' = $1::text THEN '"erased"' ELSE b.value END)
        FROM jsonb_each(before) AS b
    ), before),
    after = coalesce((
        SELECT jsonb_object_agg(a.key, CASE WHEN a.value #>> '{}' = $1::text THEN '"erased"' ELSE a.value END)
        FROM jsonb_each(after) AS a
    ), after)
WHERE id BETWEEN $2 AND $3 AND position(to_jsonb($1::text)::text IN concat(before, after)) > 0;
