-- Of each of these accounts the newest upgrade that was not replaced by another.
-- Reads upgrade.

SELECT DISTINCT ON (account_id) * FROM upgrade
WHERE account_id = ANY($1::uuid []) AND state <> 'REPLACED' ORDER BY account_id, id DESC;
