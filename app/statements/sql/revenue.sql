-- What was earned in a month ($1, its first day), by edition, customer, channel and currency; of sandbox accounts only
-- where $2. A billing day and a contract's day are of their own month; a correction, a credit, and what a voucher paid,
-- of the month in which they came, in the plan's time zone. A contract is of the channel that its first instalment had.
-- What another account's voucher paid is deducted from the revenue of the account that was charged.
-- Reads journal_entry, journal_transaction, charge, settlement, revenue_recognition, contract, instalment, price_plan,
-- account.

SELECT to_char($1::date, 'YYYY-MM') AS month, p.edition, a.id AS account_id, a.name AS account, s.channel, e.currency,
    -coalesce(sum(e.amount_minor) FILTER (WHERE e.ledger_account_id = 'revenue'), 0)::bigint AS revenue_minor,
    coalesce(sum(e.amount_minor) FILTER (WHERE e.ledger_account_id = 'discounts'), 0)::bigint AS discounts_minor,
    -sum(e.amount_minor)::bigint AS net_minor
FROM journal_entry AS e JOIN journal_transaction AS t ON t.id = e.transaction_id
LEFT JOIN revenue_recognition AS r ON t.kind = 'revenue.recognized' AND r.id = t.reference
LEFT JOIN contract AS k ON k.id = r.contract_id
LEFT JOIN LATERAL (
    SELECT i.charge_id FROM instalment AS i WHERE i.contract_id = k.id AND i.charge_id IS NOT NULL
    ORDER BY i.position LIMIT 1) AS first ON true
LEFT JOIN charge AS c
    ON t.kind IN ('charge.raised', 'charge.settled', 'charge.paid_for_another') AND c.id = t.reference
JOIN account AS a ON a.id = coalesce(c.account_id, t.account_id)
JOIN price_plan AS p ON p.id = coalesce(c.plan_id, k.plan_id)
LEFT JOIN settlement AS s ON s.charge_id = coalesce(c.id, first.charge_id)
WHERE e.ledger_account_id IN ('revenue', 'discounts') AND ($2 OR NOT a.sandbox)
    AND date_trunc('month', coalesce(r.day,
        CASE WHEN t.kind = 'charge.raised' AND c.kind = 'DAILY' THEN c.day ELSE local_day(t.at, p.time_zone) END)) = $1
GROUP BY 2, 3, 4, 5, 6 ORDER BY a.name, a.id, 2, 5, 6;
