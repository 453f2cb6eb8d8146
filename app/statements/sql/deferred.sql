-- What contracts charged ahead, at the end of a month ($1, its first day): charged by then, earned in the month and up
-- to its end, and what is still to be earned; of sandbox accounts only where $2.
-- Reads contract, account, price_plan, instalment, charge, revenue_recognition.

SELECT k.id AS contract_id, a.id AS account_id, a.name AS account, k.edition, k.starts_on, k.ends_on, p.currency,
    part.charged AS charged_minor, r.in_month AS earned_in_month_minor, r.so_far AS earned_minor,
    (part.charged - r.so_far)::bigint AS deferred_minor
FROM contract AS k JOIN account AS a ON a.id = k.account_id JOIN price_plan AS p ON p.id = k.plan_id
CROSS JOIN LATERAL (
    SELECT coalesce(sum(c.amount_minor), 0)::bigint AS charged FROM instalment AS i
    JOIN charge AS c ON c.id = i.charge_id OR (c.corrects_id = i.charge_id AND c.kind = 'CREDIT_NOTE')
    WHERE i.contract_id = k.id AND CASE WHEN c.kind = 'CREDIT_NOTE'
        THEN local_day(c.raised_at, p.time_zone) ELSE c.day END < $1::date + interval '1 month') AS part
CROSS JOIN LATERAL (
    SELECT coalesce(sum(x.amount_minor) FILTER (WHERE x.day >= $1), 0)::bigint AS in_month,
        coalesce(sum(x.amount_minor), 0)::bigint AS so_far
    FROM revenue_recognition AS x WHERE x.contract_id = k.id AND x.day < $1::date + interval '1 month') AS r
WHERE ($2 OR NOT a.sandbox) AND (part.charged <> r.so_far OR r.in_month <> 0)
ORDER BY a.name, k.starts_on, k.id;
