-- Contracts in force or to come whose last day is at most $2 days away, by their account's clock as of $1, the soonest
-- first, and whether another one follows; of sandbox accounts only where $3.
-- Reads contract, price_plan, instalment, account, account_now.

SELECT k.id AS contract_id, a.id AS account_id, a.name AS account, k.edition, k.starts_on, k.ends_on, p.currency,
    (SELECT coalesce(sum(i.amount_minor), 0)::bigint FROM instalment AS i WHERE i.contract_id = k.id) AS price_minor,
    EXISTS (SELECT FROM contract AS o WHERE o.account_id = k.account_id AND o.edition = k.edition
        AND o.starts_on > k.ends_on AND o.state <> 'ENDED') AS renewed
FROM contract AS k JOIN price_plan AS p ON p.id = k.plan_id JOIN account AS a ON a.id = k.account_id
JOIN account_now($1) AS n ON n.account_id = a.id
WHERE k.state <> 'ENDED' AND k.ends_on <= local_day(n.now, p.time_zone) + $2::int AND ($3 OR NOT a.sandbox)
ORDER BY k.ends_on, a.name, k.id;
