-- Adds the lines to what was reported; how many hours of deployments those are.
-- Reads usage_stage, usage_from; writes usage_hour.

WITH added AS (
    INSERT INTO usage_hour AS kept (id, account_id, deployment_id, meter, hour, ids, quantity)
    SELECT uuid7(), f.account_id, f.deployment_id, s.meter, s.hour,
        array_agg(DISTINCT s.entry) FILTER (WHERE s.entry IS NOT NULL), coalesce(max(s.value), count(DISTINCT s.entry))
    FROM usage_stage AS s JOIN usage_from AS f ON f.fingerprint = s.deployment
    GROUP BY f.account_id, f.deployment_id, s.meter, s.hour ORDER BY f.deployment_id, s.meter, s.hour
    ON CONFLICT (deployment_id, meter, hour)
    DO UPDATE SET (ids, quantity) = (SELECT m.ids, m.quantity FROM merged(kept, excluded) AS m)
    RETURNING kept.id
) SELECT count(*) AS hours FROM added;
