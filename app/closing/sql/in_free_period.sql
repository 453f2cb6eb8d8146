-- The accounts of these that are in a free period, whether or not it has ended.
-- Reads upgrade.

SELECT account_id FROM upgrade WHERE account_id = ANY($1) AND state = 'FREE_PERIOD' ORDER BY account_id;
