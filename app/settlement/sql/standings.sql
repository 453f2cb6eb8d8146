-- The standings of these accounts, of those that have one.
-- Reads standing.

SELECT * FROM standing WHERE account_id = ANY($1::uuid []);
