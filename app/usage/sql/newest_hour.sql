-- The newest hour that a deployment reported of a meter.
-- Reads usage_hour.

SELECT hour, quantity FROM usage_hour WHERE deployment_id = $1 AND meter = $2 AND hour > $3
ORDER BY hour DESC LIMIT 1;
