-- Every ledger account's turnover and balance in each currency, over everything posted before $1; of sandbox accounts
-- only where $2.
-- Reads account_now, journal_transaction, journal_entry.

SELECT e.ledger_account_id AS ledger_account, e.currency,
    coalesce(sum(e.amount_minor) FILTER (WHERE e.amount_minor > 0), 0)::bigint AS debit_minor,
    coalesce(-sum(e.amount_minor) FILTER (WHERE e.amount_minor < 0), 0)::bigint AS credit_minor,
    sum(e.amount_minor)::bigint AS balance_minor
FROM journal_entry AS e JOIN journal_transaction AS t ON t.id = e.transaction_id
JOIN account_now(now()) AS a ON a.account_id = t.account_id
WHERE t.at < coalesce($1, 'infinity'::timestamptz) AND ($2 OR NOT a.sandbox)
GROUP BY 1, 2 ORDER BY 2, 1;
