-- The accounts with these keys.
-- Reads account.

SELECT * FROM account WHERE id = ANY($1::uuid []);
