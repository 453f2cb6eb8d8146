-- The accounts that are to be told of a price, or that one was withdrawn, at most $2 of them.
-- Reads prices_to_announce, prices_to_take_back.

SELECT account_id FROM prices_to_announce($1, NULL)
UNION
SELECT account_id FROM prices_to_take_back(NULL)
LIMIT $2;
