-- Each hour's count of a meter over an account's deployments, or of one of them ($5), of those hours that have any, and
-- the day that it lies on in a time zone ($6).
-- Reads usage_hour.

SELECT hour, sum(quantity)::bigint AS quantity, (hour AT TIME ZONE $6)::date AS day FROM usage_hour
WHERE account_id = $1 AND meter = $4 AND hour >= $2 AND hour < $3 AND ($5::uuid IS NULL OR deployment_id = $5)
GROUP BY hour ORDER BY hour;
