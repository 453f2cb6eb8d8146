-- Licenses that need the worker's attention, at most $2 of them: by the world's clock, and by the clocks that are
-- ahead; of sandbox accounts alone, or of none of them, where $3 says.
-- Reads license, account_now.

SELECT l.id, l.account_id FROM license AS l JOIN account_now($1) AS a ON a.account_id = l.account_id
WHERE l.attention_at <= $1 AND a.sandbox = coalesce($3, a.sandbox)
UNION
SELECT l.id, l.account_id FROM account_now($1) AS a JOIN license AS l ON l.account_id = a.account_id
WHERE a.ahead AND l.attention_at <= a.now AND coalesce($3, true)
LIMIT $2;
