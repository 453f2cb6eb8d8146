-- What the closed days of a month ($3, its first day) come to by the prices that they had, and would by another ($2,
-- the columns of a price plan), before discounts: the twenty accounts for which that differs most, and the sums over
-- all. Of days of an edition ($1), priced by the catalog, or of the accounts of a group ($4); of sandbox accounts only
-- where $5. Days of another meter or currency are left out.
-- Reads charge, price_plan, price_membership, account.

WITH other AS (SELECT jsonb_populate_record(NULL::price_plan, $2::text::jsonb) AS plan),
priced AS (
    SELECT a.id AS account_id, a.name AS account, count(*) AS days,
        sum(before.amount)::bigint AS priced_minor, sum(after.amount)::bigint AS would_cost_minor
    FROM other CROSS JOIN charge AS c JOIN price_plan AS p ON p.id = c.plan_id JOIN account AS a ON a.id = c.account_id
    CROSS JOIN LATERAL price_day(p, c.quantity) AS before
    CROSS JOIN LATERAL price_day(other.plan, c.quantity) AS after
    WHERE c.kind = 'DAILY' AND c.day >= $3::date AND c.day < $3::date + interval '1 month' AND p.edition = $1
        AND p.meter = (other.plan).meter AND p.currency = (other.plan).currency AND p.account_id IS NULL
        AND ($4::uuid IS NULL AND p.group_id IS NULL
            OR a.id IN (SELECT m.account_id FROM price_membership AS m WHERE m.group_id = $4))
        AND ($5 OR NOT a.sandbox)
    GROUP BY a.id, a.name)
SELECT account_id, account, days, priced_minor, would_cost_minor, count(*) OVER () AS accounts,
    sum(days) OVER ()::bigint AS all_days, sum(priced_minor) OVER ()::bigint AS all_priced_minor,
    sum(would_cost_minor) OVER ()::bigint AS all_would_cost_minor
FROM priced ORDER BY abs(would_cost_minor - priced_minor) DESC, account, account_id LIMIT 20;
