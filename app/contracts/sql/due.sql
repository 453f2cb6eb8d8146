-- Accounts with a contract that needs attention, by their clock.
-- Reads contract, account_now.

SELECT DISTINCT c.account_id FROM contract AS c JOIN account_now($1) AS a ON a.account_id = c.account_id
WHERE c.attention_at <= a.now;
