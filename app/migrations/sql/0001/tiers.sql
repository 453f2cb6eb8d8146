-- What a price plan's tiers must be, so that every quantity has a price: objects with up_to (whole, above the tier
-- before; none in the last, which is open), unit_price_minor and, if any, flat_minor (whole, not negative), and nothing
-- else. app/catalog/publishing.py refuses the same by name. They read nothing but their arguments.

CREATE FUNCTION is_count(value jsonb) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(jsonb_typeof(value) = 'number' AND value::text ~ '^[0-9]{1,18}$', false)
$$;

-- A body that is bound when it is made: a dump is restored with no search path.
CREATE FUNCTION are_tiers(tiers jsonb) RETURNS boolean LANGUAGE sql IMMUTABLE
    RETURN CASE WHEN jsonb_typeof(tiers) <> 'array' THEN false ELSE (
        SELECT coalesce(bool_and(CASE
            WHEN jsonb_typeof(tier) <> 'object' THEN false
            WHEN tier - '{up_to, unit_price_minor, flat_minor}'::text[] <> '{}' THEN false
            WHEN NOT is_count(tier -> 'unit_price_minor') THEN false
            WHEN tier ? 'flat_minor' AND NOT is_count(tier -> 'flat_minor') THEN false
            WHEN place = jsonb_array_length(tiers) THEN coalesce(tier -> 'up_to', 'null') = 'null'
            WHEN is_count(tier -> 'up_to') AND is_count(before)
                THEN (tier ->> 'up_to')::bigint > (before #>> '{}')::bigint
            ELSE false END), true)
        FROM (
            SELECT tier, place, coalesce(lag(tier -> 'up_to') OVER (ORDER BY place), '0') AS before
            FROM jsonb_array_elements(tiers) WITH ORDINALITY AS listed(tier, place)) AS placed) END;

ALTER TABLE price_plan ADD CHECK (are_tiers(tiers));
