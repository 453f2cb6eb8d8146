-- The largest hour of deployments since an instant, of those that are above a limit: all three are parallel arrays.
-- Reads usage_hour.

SELECT asked.deployment_id, max(u.quantity) AS quantity
FROM unnest($1::uuid[], $2::timestamptz[], $3::bigint[]) AS asked(deployment_id, since, most)
JOIN usage_hour AS u ON u.deployment_id = asked.deployment_id AND u.meter = $4 AND u.hour >= asked.since
WHERE u.quantity > asked.most
GROUP BY asked.deployment_id;
