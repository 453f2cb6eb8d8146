-- When these charges are due to be collected: a day's own from its end on, the others since they were raised, as is
-- that of a day that was closed before its end.
-- Reads charge, price_plan.

SELECT c.id, c.account_id,
    CASE c.kind WHEN 'DAILY' THEN least(day_start(c.day + 1, p.time_zone), c.raised_at) ELSE c.raised_at END AS due_from
FROM charge AS c JOIN price_plan AS p ON p.id = c.plan_id
WHERE c.id = ANY($1) ORDER BY c.id;
