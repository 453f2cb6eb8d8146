-- What each fingerprint in the lines stands for, from parallel arrays: how many deployments, one of them, its account,
-- and the hours that the account may report.
-- Makes usage_from.

CREATE TEMP TABLE usage_from ON COMMIT DROP AS
SELECT * FROM unnest($1::text[], $2::int[], $3::uuid[], $4::uuid[], $5::timestamptz[], $6::timestamptz[])
    AS f(fingerprint, found, deployment_id, account_id, oldest, newest);
