-- What a meter came to in a billing day of an account, by how the meter aggregates its hours.
-- Rule: the vendor's billing method page; a DataKit counts in an hour when it reported data in it, and the day counts
-- its largest hour. An hour belongs to the day in which it begins.
-- Of one deployment alone, where one is given.
-- Reads usage_hour. To be joined LATERAL; the planner sees through it.

CREATE FUNCTION day_quantity(
    account uuid, counted text, aggregation text, begins_at timestamptz, ends_at timestamptz,
    deployment uuid DEFAULT NULL)
RETURNS TABLE (quantity bigint) LANGUAGE sql STABLE AS $$
    SELECT coalesce(CASE aggregation
        WHEN 'UNIQUE' THEN (
            SELECT count(DISTINCT (h.deployment_id, listed.id)) FROM usage_hour AS h, unnest(h.ids) AS listed(id)
            WHERE h.account_id = account AND h.meter = counted AND h.hour >= begins_at AND h.hour < ends_at
                AND (deployment IS NULL OR h.deployment_id = deployment))
        WHEN 'SUM' THEN sum(hours.quantity)::bigint
        WHEN 'LAST' THEN (array_agg(hours.quantity ORDER BY hours.hour DESC))[1]
        ELSE max(hours.quantity) END, 0)
    FROM (
        SELECT h.hour, sum(h.quantity)::bigint AS quantity FROM usage_hour AS h
        WHERE h.account_id = account AND h.meter = counted AND h.hour >= begins_at AND h.hour < ends_at
            AND (deployment IS NULL OR h.deployment_id = deployment)
        GROUP BY h.hour) AS hours
$$;
