-- The charges that would stand on an account's statement of a month ($2, its first day) if it were issued now.
-- Reads unstated_charge.

SELECT id FROM unstated_charge WHERE account_id = $1 AND month = $2;
