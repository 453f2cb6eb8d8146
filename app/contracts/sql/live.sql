-- The contracts of these accounts that are in force or to come, in order of time.
-- Reads contract.

SELECT * FROM contract WHERE account_id = ANY($1::uuid []) AND state IN ('SCHEDULED', 'ACTIVE') ORDER BY starts_on;
