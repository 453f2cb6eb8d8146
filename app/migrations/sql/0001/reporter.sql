-- Who reports with an access key: the live key, its account, and the deployment with that fingerprint, if there is one.
-- Reads access_key, account, deployment.

CREATE FUNCTION reporter(access_key_id text, known_by text, now timestamptz)
RETURNS TABLE (key access_key, account account, deployment deployment) LANGUAGE sql STABLE AS $$
    SELECT k, a, d FROM access_key AS k JOIN account AS a ON a.id = k.account_id
    LEFT JOIN deployment AS d ON d.account_id = k.account_id AND d.fingerprint = known_by
    WHERE k.ak = access_key_id AND (k.revoked_at IS NULL OR k.revoked_at > now)
$$;
