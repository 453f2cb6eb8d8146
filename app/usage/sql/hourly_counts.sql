-- Each hour's count of a meter over an account's deployments, of those hours that have any.
-- Reads usage_hour.

SELECT hour, sum(quantity)::bigint AS count FROM usage_hour
WHERE account_id = $1 AND meter = $4 AND hour >= $2 AND hour < $3 GROUP BY hour ORDER BY hour;
