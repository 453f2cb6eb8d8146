-- The accounts that have a contract of which days ended that are not recognized yet, or of which something was given
-- back since the last of them, as of $1.
-- Reads contract, price_plan, account_now, instalment, charge, revenue_recognition.

SELECT DISTINCT c.account_id
FROM contract AS c JOIN price_plan AS p ON p.id = c.plan_id JOIN account_now($1) AS a ON a.account_id = c.account_id
CROSS JOIN LATERAL (SELECT local_day(a.now, p.time_zone) - 1 AS newest,
    least(c.ends_on, local_day(c.ended_at, p.time_zone)) AS last_day) AS t
LEFT JOIN LATERAL (
    SELECT x.day, x.recognized_minor FROM revenue_recognition AS x
    WHERE x.contract_id = c.id ORDER BY x.day DESC LIMIT 1) AS r ON true
WHERE CASE WHEN r.day IS NULL THEN t.newest >= least(c.starts_on, t.last_day)
    WHEN r.day < t.last_day THEN t.newest > r.day
    ELSE t.newest > r.day AND r.recognized_minor <> (
        SELECT coalesce(sum(x.amount_minor), 0) FROM instalment AS i
        JOIN charge AS x ON x.id = i.charge_id OR (x.corrects_id = i.charge_id AND x.kind = 'CREDIT_NOTE')
        WHERE i.contract_id = c.id AND local_day(x.raised_at, p.time_zone) <= t.newest) END;
