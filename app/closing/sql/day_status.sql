-- What became of the $2 days up to $1, over all accounts, the newest first.
-- Reads upgrade, billing_day, charge, settlement.

WITH days AS (SELECT ($1::date - n) AS day FROM generate_series(0, $2::int - 1) AS n)
SELECT days.day,
    (SELECT count(*) FROM upgrade u WHERE u.state = 'ACTIVE' AND u.first_billed_day <= days.day
        AND (u.last_billed_day IS NULL OR days.day <= u.last_billed_day)
        AND next_day(u) <= days.day) AS open,
    (SELECT count(*) FROM billing_day d WHERE d.day = days.day) AS closed,
    (SELECT count(*) FROM billing_day d WHERE d.day = days.day AND d.late) AS late,
    charged.adjusted, charged.unsettled
FROM days CROSS JOIN LATERAL (
    SELECT count(DISTINCT c.account_id) FILTER (WHERE c.kind = 'ADJUSTMENT') AS adjusted,
        count(*) FILTER (WHERE s.state <> 'SETTLED') AS unsettled
    FROM billing_day d JOIN charge c ON c.account_id = d.account_id AND c.day = d.day
    JOIN settlement s ON s.charge_id = c.id WHERE d.day = days.day) AS charged
ORDER BY days.day DESC;
