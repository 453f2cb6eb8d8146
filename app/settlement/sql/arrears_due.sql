-- Accounts that were suspended $2 ago, or longer, by their own clock.
-- Reads standing, account_now.

SELECT s.account_id FROM standing AS s JOIN account_now($1) AS a ON a.account_id = s.account_id
WHERE s.state = 'SUSPENDED' AND s.since + $2::interval <= a.now;
