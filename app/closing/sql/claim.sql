-- Accounts behind $4 for which something is due, in order: a free period ended, days ended, or usage came late. Sandbox
-- accounts alone, or none of them, where $6 says.
-- Locks account FOR UPDATE. Reads upgrade, price_plan, billing_day.

SELECT a.id FROM upgrade AS u JOIN account AS a ON a.id = u.account_id JOIN price_plan AS p ON p.id = u.plan_id
WHERE u.state IN ('FREE_PERIOD', 'ACTIVE', 'ENDED') AND u.account_id > $4 AND a.id > $4
    AND a.sandbox = coalesce($6, a.sandbox) AND (
    has_lapsed(u, account_now(a, $1))
    OR (u.state = 'ACTIVE' AND next_day(u) <= last_day(u, a, p.time_zone, $1, $2, $3))
    OR EXISTS (SELECT FROM billing_day AS d
        WHERE d.account_id = u.account_id AND d.late AND d.ends_at <= account_now(a, $1)))
ORDER BY u.account_id LIMIT $5 FOR UPDATE OF a;
