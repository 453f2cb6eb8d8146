-- The meters that an account, or one of its deployments ($4), reported of hours from $2 to $3.
-- Reads usage_hour.

SELECT DISTINCT meter FROM usage_hour
WHERE account_id = $1 AND hour >= $2 AND hour < $3 AND ($4::uuid IS NULL OR deployment_id = $4) ORDER BY meter;
