-- Counts and rates the late days of these accounts anew, and raises an adjustment where the amount differs; not below
-- zero for a day of which something was credited.
-- The accounts are to be locked against usage. Reads account, price_plan, meter, usage_hour, charge; writes
-- billing_day, charge.

WITH late AS MATERIALIZED (
    SELECT * FROM billing_day WHERE account_id = ANY($2) AND late
), changed AS MATERIALIZED (
    SELECT d.id, d.account_id, d.day, d.begins_at, d.ends_at, c.id AS own_charge, c.plan_id, account_now(a, $1) AS at
    FROM late AS d JOIN charge AS c ON c.account_id = d.account_id AND c.day = d.day AND c.sequence = 0
    JOIN account AS a ON a.id = d.account_id
), rated AS MATERIALIZED (
    SELECT d.*, counted.quantity, priced.billed, priced.amount, p.currency
    FROM changed AS d JOIN price_plan AS p ON p.id = d.plan_id JOIN meter AS m ON m.key = p.meter
    CROSS JOIN LATERAL day_quantity(d.account_id, m.key, m.aggregation, d.begins_at, d.ends_at) AS counted
    CROSS JOIN LATERAL price_day(p, counted.quantity) AS priced
), noted AS (
    UPDATE billing_day AS b SET quantity = rated.quantity, late = false FROM rated WHERE b.id = rated.id
)
INSERT INTO charge (id, account_id, plan_id, kind, day, sequence, quantity, billed_quantity, units, amount_minor,
    currency, raised_at, corrects_id)
SELECT uuid7(), r.account_id, r.plan_id, 'ADJUSTMENT', r.day, earlier.charges, r.quantity, r.billed,
    r.billed - earlier.units, greatest(r.amount - earlier.amount, -earlier.remaining), r.currency, r.at, r.own_charge
FROM (SELECT * FROM rated ORDER BY account_id, day) AS r CROSS JOIN LATERAL (
    SELECT count(*) AS charges, (sum(c.units) FILTER (WHERE c.kind <> 'CREDIT_NOTE'))::bigint AS units,
        (sum(c.amount_minor) FILTER (WHERE c.kind <> 'CREDIT_NOTE'))::bigint AS amount,
        day_total(r.account_id, r.day) AS remaining
    FROM charge AS c WHERE c.account_id = r.account_id AND c.day = r.day AND c.sequence >= 0) AS earlier
WHERE greatest(r.amount - earlier.amount, -earlier.remaining) <> 0
RETURNING id;
