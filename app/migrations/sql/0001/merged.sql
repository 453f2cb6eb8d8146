-- What two reports of one hour come to: the union of the ids, and the larger number. Reads and writes nothing.

CREATE FUNCTION merged(kept usage_hour, more usage_hour, OUT ids text[], OUT quantity bigint)
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT m.ids, greatest(kept.quantity, more.quantity, cardinality(m.ids)) FROM (
        SELECT array_agg(DISTINCT id COLLATE "C" ORDER BY id COLLATE "C") AS ids
        FROM unnest(kept.ids || more.ids) AS d(id)) AS m
$$;
