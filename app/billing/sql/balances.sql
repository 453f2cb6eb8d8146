-- The balance of each ledger account, and currency, of one customer's account.
-- Reads journal_transaction, journal_entry.

SELECT e.ledger_account_id AS ledger_account, e.currency, sum(e.amount_minor)::bigint AS balance
FROM journal_entry AS e JOIN journal_transaction AS t ON t.id = e.transaction_id
WHERE t.account_id = $1 GROUP BY 1, 2;
