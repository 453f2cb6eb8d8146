-- How many deployments have each fingerprint, of one account or of all, one of them, and its account.
-- Reads deployment.

SELECT asked.fingerprint, count(d.id)::int AS found, (array_agg(d.id))[1] AS deployment_id,
    (array_agg(d.account_id))[1] AS account_id
FROM unnest($1::text[]) AS asked(fingerprint)
LEFT JOIN deployment AS d ON d.fingerprint = asked.fingerprint AND ($2::uuid IS NULL OR d.account_id = $2)
GROUP BY asked.fingerprint;
