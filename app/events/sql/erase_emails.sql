-- Erases these e-mail addresses from what events say of before and after.
-- Writes event.

UPDATE event SET
    before = coalesce((
        SELECT jsonb_object_agg(b.key, CASE WHEN b.value #>> '{}' = ANY($1::text []) THEN '"erased"' ELSE b.value END)
        FROM jsonb_each(before) AS b
    ), before),
    after = coalesce((
        SELECT jsonb_object_agg(a.key, CASE WHEN a.value #>> '{}' = ANY($1::text []) THEN '"erased"' ELSE a.value END)
        FROM jsonb_each(after) AS a
    ), after)
WHERE EXISTS (
    SELECT FROM unnest($1::text []) AS e (email)
    WHERE position(to_jsonb(e.email)::text IN concat(before, after)) > 0
);
