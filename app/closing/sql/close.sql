-- Closes every day that has ended of these accounts: counts it, rates it, and raises its charge. With $5 also the day
-- that runs, at what was used of it so far.
-- The accounts are to be locked against usage. Reads account, price_plan, plan_of_day, meter, usage_hour, discount;
-- writes billing_day, upgrade, charge (raise_charges).

WITH due AS MATERIALIZED (
    SELECT a.id AS account_id, u.id AS upgrade_id, plan_of_day(u, day) AS plan_id, account_now(a, $1) AS at, day,
        day_start(day, p.time_zone) AS begins_at, day_start(day + 1, p.time_zone) AS ends_at
    FROM account AS a JOIN upgrade AS u ON u.account_id = a.id AND u.state = 'ACTIVE'
    JOIN price_plan AS p ON p.id = u.plan_id
    CROSS JOIN LATERAL unnest(ARRAY(
        SELECT generate_series(
            next_day(u)::timestamp,
            CASE WHEN $5 THEN least((account_now(a, $1) AT TIME ZONE p.time_zone)::date, u.last_billed_day)
                ELSE last_day(u, a, p.time_zone, $1, $2, $3) END::timestamp,
            interval '1 day')::date)) AS day
    WHERE a.id = ANY($4) AND u.account_id = ANY($4)
), rated AS MATERIALIZED (
    SELECT d.*, counted.quantity, priced.billed, priced.amount, p.base_minor AS base,
        CASE WHEN d.account_id IN (SELECT x.account_id FROM discount AS x WHERE x.account_id = ANY($4))
        THEN discount_lines(d.account_id, d.day, priced.amount, p.currency) ELSE '[]' END AS discounts
    FROM due AS d JOIN price_plan AS p ON p.id = d.plan_id JOIN meter AS m ON m.key = p.meter
    CROSS JOIN LATERAL day_quantity(d.account_id, m.key, m.aggregation, d.begins_at, d.ends_at) AS counted
    CROSS JOIN LATERAL price_day(p, counted.quantity) AS priced
), closed AS (
    INSERT INTO billing_day (id, account_id, day, begins_at, ends_at, quantity, late, closed_at)
    SELECT uuid7(), account_id, day, begins_at, ends_at, quantity, false, at FROM rated
), moved AS (
    UPDATE upgrade AS u SET billed_through = through.day
    FROM (SELECT upgrade_id, max(day) AS day FROM due GROUP BY upgrade_id) AS through
    WHERE u.id = through.upgrade_id AND u.account_id = ANY($4)
)
SELECT raise_charges(array_agg((account_id, plan_id, 'DAILY', day, quantity, billed, billed,
    usage_lines(base, billed, amount) || discounts, at, NULL)::charge_due ORDER BY account_id, day)) AS id
FROM rated;
