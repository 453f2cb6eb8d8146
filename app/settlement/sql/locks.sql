-- The locks of these accounts, of those that are locked.
-- Reads account_lock.

SELECT * FROM account_lock WHERE account_id = ANY($1::uuid []);
