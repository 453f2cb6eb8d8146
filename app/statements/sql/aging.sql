-- Charges that are raised and not collected, by age on their account's clock (in days, the buckets begin with $2),
-- channel and currency; of sandbox accounts only where $3.
-- Reads settlement, charge, account_now.

SELECT width_bucket(extract(day FROM a.now - c.raised_at)::int, $2::int[]) AS age, s.channel, c.currency,
    count(*) AS charges, sum(c.amount_minor)::bigint AS amount_minor
FROM settlement AS s JOIN charge AS c ON c.id = s.charge_id JOIN account_now($1) AS a ON a.account_id = c.account_id
WHERE s.state <> 'SETTLED' AND ($3 OR NOT a.sandbox) GROUP BY 1, 2, 3 ORDER BY 1, 2, 3;
