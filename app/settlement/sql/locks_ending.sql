-- Accounts that are locked and, by their own clock, come to the end of that ($2 after its begin) within $3 days, and
-- were not reminded.
-- Reads account_lock, account_now.

SELECT l.account_id FROM account_lock AS l JOIN account_now($1) AS a ON a.account_id = l.account_id
WHERE NOT l.reminded AND l.since + $2::interval - make_interval(days => $3::int) <= a.now;
