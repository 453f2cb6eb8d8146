-- How many days of production accounts are over for longer than $2 at $1, and not closed.
-- Reads upgrade, account, price_plan.

SELECT coalesce(sum(last_day(u, a, p.time_zone, $1, $2, '9999-12-31') - next_day(u) + 1), 0)::bigint AS days
FROM upgrade AS u JOIN account AS a ON a.id = u.account_id JOIN price_plan AS p ON p.id = u.plan_id
WHERE u.state = 'ACTIVE' AND NOT a.sandbox AND next_day(u) <= last_day(u, a, p.time_zone, $1, $2, '9999-12-31');
