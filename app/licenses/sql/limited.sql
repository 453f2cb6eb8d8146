-- Active licenses that have not expired, with a limit of DataKits that was not noted as exceeded today, and when today
-- began in the zone $2; of sandbox accounts alone, or of none of them, where $3 says.
-- Reads license, account_now.

SELECT l.id, l.account_id, l.deployment_id, l.dk_limit, day_start(today.day, $2) AS begins_at
FROM license AS l
JOIN account_now($1) AS a ON a.account_id = l.account_id
CROSS JOIN LATERAL (SELECT (a.now AT TIME ZONE $2)::date AS day) AS today
WHERE l.dk_limit >= 0 AND l.state = 'ACTIVE' AND (l.expires_at IS NULL OR l.expires_at > a.now)
  AND l.deployment_id IS NOT NULL
  AND l.dk_exceeded_on IS DISTINCT FROM today.day AND a.sandbox = coalesce($3, a.sandbox);
