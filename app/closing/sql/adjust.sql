-- Counts and rates the late days of these accounts anew, and raises an adjustment where the amount differs; not below
-- zero for a day of which something was credited. A day that was closed before its end is counted anew after it.
-- The accounts are to be locked against usage. Reads account, price_plan, meter, usage_hour, charge, discount; writes
-- billing_day, charge (raise_charges).

WITH late AS MATERIALIZED (
    SELECT d.* FROM billing_day AS d JOIN account AS a ON a.id = d.account_id
    WHERE d.account_id = ANY($2) AND d.late AND d.ends_at <= account_now(a, $1)
), changed AS MATERIALIZED (
    SELECT d.id, d.account_id, d.day, d.begins_at, d.ends_at, c.id AS own_charge, c.plan_id, account_now(a, $1) AS at
    FROM late AS d JOIN charge AS c ON c.account_id = d.account_id AND c.day = d.day AND c.sequence = 0
    JOIN account AS a ON a.id = d.account_id
), rated AS MATERIALIZED (
    SELECT d.*, counted.quantity, priced.billed, priced.amount,
        discount_lines(d.account_id, d.day, priced.amount, p.currency) AS discounts
    FROM changed AS d JOIN price_plan AS p ON p.id = d.plan_id JOIN meter AS m ON m.key = p.meter
    CROSS JOIN LATERAL day_quantity(d.account_id, m.key, m.aggregation, d.begins_at, d.ends_at) AS counted
    CROSS JOIN LATERAL price_day(p, counted.quantity) AS priced
), noted AS (
    UPDATE billing_day AS b SET quantity = rated.quantity, late = false FROM rated WHERE b.id = rated.id
), differing AS MATERIALIZED (
    SELECT r.*, r.billed - earlier.units AS units,
        greatest(r.amount - earlier.amount + lines_total(r.discounts), -earlier.remaining) AS difference
    FROM rated AS r CROSS JOIN LATERAL (
        SELECT (sum(c.units) FILTER (WHERE c.kind <> 'CREDIT_NOTE'))::bigint AS units,
            (sum(c.amount_minor - lines_total(c.lines, 'DISCOUNT')) FILTER (WHERE c.kind <> 'CREDIT_NOTE'))::bigint
                AS amount,
            day_total(r.account_id, r.day) AS remaining
        FROM charge AS c WHERE c.account_id = r.account_id AND c.day = r.day AND c.sequence >= 0) AS earlier
)
SELECT raise_charges(array_agg((account_id, plan_id, 'ADJUSTMENT', day, quantity, billed, units,
    usage_lines(0, units, difference - lines_total(discounts)) || discounts, at, own_charge)::charge_due
    ORDER BY account_id, day)) AS id
FROM differing WHERE difference <> 0;
