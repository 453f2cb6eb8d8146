-- Licenses that need the worker's attention, at most $2 of them: by the world's clock, and by the clocks that are
-- ahead.
-- Reads license, account_now.

SELECT id, account_id FROM license WHERE attention_at <= $1
UNION
SELECT l.id, l.account_id FROM account_now($1) AS a JOIN license AS l ON l.account_id = a.account_id
WHERE a.ahead AND l.attention_at <= a.now
LIMIT $2;
