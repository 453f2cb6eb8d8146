-- Every link of these accounts with a channel: the one that pays, those that wait, then those that ended, newest first.
-- Reads channel_binding.

SELECT * FROM channel_binding WHERE account_id = ANY($1::uuid []) ORDER BY account_id, state, id DESC;
