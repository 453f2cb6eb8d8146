-- The suspensions that last of these accounts, licenses and deployments ($1).
-- Reads suspension.

SELECT * FROM suspension WHERE subject_id = ANY($1::uuid []) AND ended_at IS NULL;
