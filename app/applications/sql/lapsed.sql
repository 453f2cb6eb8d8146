-- Accounts with an offer that is no longer valid, by their clock.
-- Reads application, account_now.

SELECT DISTINCT p.account_id FROM application AS p JOIN account_now($1) AS a ON a.account_id = p.account_id
WHERE p.state = 'OFFERED' AND p.lapses_at <= a.now;
