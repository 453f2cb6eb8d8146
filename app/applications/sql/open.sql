-- The applications of these accounts that are not decided yet, in the order in which they were made.
-- Reads application.

SELECT * FROM application
WHERE account_id = ANY($1::uuid []) AND state IN ('SUBMITTED', 'IN_REVIEW', 'OFFERED') ORDER BY id;
