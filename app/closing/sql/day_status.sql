-- What became of the $2 days up to $1, over all accounts (sandbox accounts only where $3), the newest first.
-- Reads account, upgrade, billing_day, charge, settlement.

WITH days AS (SELECT ($1::date - n) AS day FROM generate_series(0, $2::int - 1) AS n),
counted AS (SELECT id FROM account WHERE $3 OR NOT sandbox)
SELECT days.day,
    (SELECT count(*) FROM upgrade u JOIN counted a ON a.id = u.account_id
        WHERE u.state = 'ACTIVE' AND u.first_billed_day <= days.day
        AND (u.last_billed_day IS NULL OR days.day <= u.last_billed_day)
        AND next_day(u) <= days.day) AS open,
    closed.closed, closed.late, charged.adjusted, charged.unsettled
FROM days CROSS JOIN LATERAL (
    SELECT count(*) AS closed, count(*) FILTER (WHERE d.late) AS late
    FROM billing_day d JOIN counted a ON a.id = d.account_id WHERE d.day = days.day) AS closed
CROSS JOIN LATERAL (
    SELECT count(DISTINCT c.account_id) FILTER (WHERE c.kind = 'ADJUSTMENT') AS adjusted,
        count(*) FILTER (WHERE s.state <> 'SETTLED') AS unsettled
    FROM billing_day d JOIN counted a ON a.id = d.account_id
    JOIN charge c ON c.account_id = d.account_id AND c.day = d.day
    JOIN settlement s ON s.charge_id = c.id WHERE d.day = days.day) AS charged
ORDER BY days.day DESC;
