-- At most $3 accounts, of all or of $2, whose next statement is due: from the 3rd of the month after it on, by the
-- account's clock; sandbox accounts alone, or none of them, where $4 says. A statement is of the month of its oldest
-- charge that stands on none. A sandbox's waits until what stands on it was handed to its channel once, for at most a
-- quarter of an hour: its clock may pass a month's end before a worker comes to the month's last day.
-- Locks account FOR UPDATE, and passes over those that another has. Reads
-- unstated_charge, price_plan, settlement.

WITH unstated AS (
    SELECT c.account_id, max(p.time_zone) AS time_zone, min(c.month) AS month
    FROM unstated_charge AS c JOIN price_plan AS p ON p.id = c.plan_id
    WHERE $2::uuid IS NULL OR c.account_id = $2
    GROUP BY 1)
SELECT a.id AS account_id, a.name, u.month, u.time_zone
FROM unstated AS u JOIN account AS a ON a.id = u.account_id
WHERE day_start((u.month + interval '1 month 2 days')::date, u.time_zone) <= account_now(a, $1)
    AND a.sandbox = coalesce($4, a.sandbox)
    AND NOT (a.sandbox AND EXISTS (
        SELECT FROM unstated_charge AS c JOIN settlement AS s ON s.charge_id = c.id
        WHERE c.account_id = a.id AND c.month <= u.month AND s.state = 'PENDING'
            AND (s.attempts = 0 OR s.claimed_until > $1) AND s.next_attempt_at > $1 - interval '15 minutes'))
ORDER BY a.id LIMIT $3 FOR UPDATE OF a SKIP LOCKED;
