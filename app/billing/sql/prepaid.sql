-- What customers have on some ledger accounts, by customer, ledger account and currency: a credit is above zero.
-- Reads journal_transaction, journal_entry.

SELECT t.account_id, e.ledger_account_id AS ledger_account, e.currency, (-sum(e.amount_minor))::bigint AS minor
FROM journal_entry AS e JOIN journal_transaction AS t ON t.id = e.transaction_id
WHERE e.ledger_account_id = ANY($1) GROUP BY 1, 2, 3;
