-- The first $1 lines that are of no deployment, of several accounts', or of an hour that may not be reported.
-- Reads usage_stage, usage_from.

SELECT * FROM (
    SELECT DISTINCT ON (s.line) s.line, CASE
        WHEN f.found = 0 THEN 'UNKNOWN_DEPLOYMENT'
        WHEN f.found > 1 THEN 'SEVERAL_ACCOUNTS'
        WHEN s.hour > f.newest THEN 'IN_THE_FUTURE'
        WHEN s.hour < f.oldest THEN 'TOO_OLD' END AS problem
    FROM usage_stage AS s JOIN usage_from AS f ON f.fingerprint = s.deployment
) AS looked WHERE problem IS NOT NULL ORDER BY line LIMIT $1;
