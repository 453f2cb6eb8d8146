-- What two reports of one hour come to: the union of the ids, and the larger number; what was corrected stays as it is.
-- Reads and writes nothing.

CREATE FUNCTION merged(kept usage_hour, more usage_hour, OUT ids text[], OUT quantity bigint)
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN kept.corrected THEN kept.ids ELSE m.ids END,
        CASE WHEN kept.corrected THEN kept.quantity
        ELSE greatest(kept.quantity, more.quantity, cardinality(m.ids)) END
    FROM (
        SELECT array_agg(DISTINCT id COLLATE "C" ORDER BY id COLLATE "C") AS ids
        FROM unnest(kept.ids || more.ids) AS d(id)) AS m
$$;
