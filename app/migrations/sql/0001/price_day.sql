-- What a billing day costs: the quantity that is billed, and the amount in minor units, rounded half up once.
-- Python's oracle in the tests says the same. Reads and writes nothing but its arguments.

CREATE FUNCTION price_day(p price_plan, quantity bigint) RETURNS TABLE (billed bigint, amount bigint)
LANGUAGE sql IMMUTABLE AS $$
    SELECT b.billed, CASE WHEN p.tiers = '[]' THEN
        p.base_minor + div(2 * b.billed::numeric * p.unit_price_minor + p.units_per_price, 2 * p.units_per_price)::bigint
    ELSE (
        SELECT p.base_minor + coalesce(sum(t.flat) FILTER (WHERE t.units > 0), 0)::bigint
            + div(2 * coalesce(sum(t.units * t.price), 0) + p.units_per_price, 2 * p.units_per_price)::bigint
        FROM (
            SELECT price, flat, CASE
                WHEN p.tier_mode = 'GRADUATED' THEN greatest(least(b.billed, coalesce(up_to, b.billed)) - begins, 0)
                WHEN b.billed > begins AND b.billed <= coalesce(up_to, b.billed) THEN b.billed
                ELSE 0 END::numeric AS units
            FROM (
                SELECT (tier ->> 'up_to')::bigint AS up_to, (tier ->> 'unit_price_minor')::bigint AS price,
                    coalesce((tier ->> 'flat_minor')::bigint, 0) AS flat,
                    coalesce(lag((tier ->> 'up_to')::bigint) OVER (ORDER BY place), 0) AS begins
                FROM jsonb_array_elements(p.tiers) WITH ORDINALITY AS listed(tier, place)) AS tiers) AS t)
    END
    FROM (SELECT greatest(quantity - p.free_quantity, p.minimum_quantity, 0) AS billed) AS b
$$;

-- The lines of a charge for usage: of what was billed of the meter, and of the plan's base fee.
CREATE FUNCTION usage_lines(base bigint, units bigint, amount bigint) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT jsonb_build_array(
            jsonb_build_object('kind', 'USAGE', 'quantity', units, 'amount_minor', amount - base))
        || CASE base WHEN 0 THEN '[]' ELSE jsonb_build_array(
            jsonb_build_object('kind', 'BASE_FEE', 'quantity', 1, 'amount_minor', base)) END
$$;
