-- The accounts that have a statement of a month ($1, its first day), or charges that would stand on it; of sandbox
-- accounts only where $2.
-- Reads account, statement, unstated_charge.

SELECT a.id FROM account AS a
WHERE ($2 OR NOT a.sandbox) AND (
    EXISTS (SELECT FROM statement AS s WHERE s.account_id = a.id AND s.month = $1)
    OR EXISTS (SELECT FROM unstated_charge AS u WHERE u.account_id = a.id AND u.month = $1))
ORDER BY a.id;
