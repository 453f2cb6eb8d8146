-- Recognizes what the days of an account's contracts ($1) earned that ended by $2, on the account's clock: each day an
-- equal part of the contract's price, less what was given back; the sum over the days up to one is rounded down, so
-- that the sum over all is exact. No more than was charged by then; and with the last day all of that, on which an
-- ended contract's service ended. What was given back after that is taken off the day before $2.
-- The account is to be locked. Reads contract, price_plan, instalment, charge; reads and writes revenue_recognition.

WITH term AS MATERIALIZED (
    SELECT c.id, p.currency, p.time_zone, c.starts_on, c.ends_on, r.day AS through,
        coalesce(r.recognized_minor, 0) AS recognized, local_day($2, p.time_zone) - 1 AS newest,
        least(c.ends_on, local_day(c.ended_at, p.time_zone)) AS last_day
    FROM contract AS c JOIN price_plan AS p ON p.id = c.plan_id
    LEFT JOIN LATERAL (
        SELECT x.day, x.recognized_minor FROM revenue_recognition AS x
        WHERE x.contract_id = c.id ORDER BY x.day DESC LIMIT 1) AS r ON true
    WHERE c.account_id = $1
), part AS MATERIALIZED (
    SELECT t.id, i.amount_minor AS price, c.day, coalesce(c.amount_minor, 0) AS charged
    FROM term AS t JOIN instalment AS i ON i.contract_id = t.id LEFT JOIN charge AS c ON c.id = i.charge_id
    UNION ALL
    SELECT t.id, n.amount_minor, local_day(n.raised_at, t.time_zone), n.amount_minor
    FROM term AS t JOIN instalment AS i ON i.contract_id = t.id
    JOIN charge AS n ON n.corrects_id = i.charge_id AND n.kind = 'CREDIT_NOTE'
), due AS (
    SELECT t.*, d::date AS day FROM term AS t CROSS JOIN LATERAL generate_series(
        coalesce(t.through + 1, least(t.starts_on, t.last_day)), least(t.newest, t.last_day), '1 day') AS d
    UNION ALL
    SELECT t.*, t.newest FROM term AS t WHERE t.newest > t.last_day AND t.newest > coalesce(t.through, '-infinity')
), earned AS (
    SELECT d.*, CASE WHEN d.day >= d.last_day THEN total.charged ELSE least(total.charged,
        div(total.price::numeric * (d.day - d.starts_on + 1), d.ends_on - d.starts_on + 1)::bigint) END AS sum_minor
    FROM due AS d CROSS JOIN LATERAL (
        SELECT coalesce(sum(p.charged) FILTER (WHERE p.day <= d.day), 0)::bigint AS charged,
            coalesce(sum(p.price) FILTER (WHERE p.charged >= 0 OR p.day <= d.day), 0)::bigint AS price
        FROM part AS p WHERE p.id = d.id) AS total
), stepped AS (
    SELECT e.*, e.sum_minor - coalesce(lag(e.sum_minor) OVER (PARTITION BY e.id ORDER BY e.day), e.recognized) AS minor
    FROM earned AS e
)
INSERT INTO revenue_recognition (id, contract_id, account_id, day, amount_minor, recognized_minor, currency)
SELECT uuid7(), s.id, $1, s.day, s.minor, s.sum_minor, s.currency FROM stepped AS s
WHERE s.day <= s.last_day OR s.minor <> 0
ORDER BY s.day
RETURNING id, account_id, day, amount_minor, currency,
    (SELECT day_start(day + 1, t.time_zone) - interval '1 microsecond' FROM term AS t WHERE t.id = contract_id) AS at;
