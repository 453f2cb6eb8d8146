-- A transaction's entries sum to zero in each currency.
-- Reads journal_entry.

SELECT format('transaction %s is off by %s %s (minor units)', transaction_id, sum(amount_minor), currency)
FROM journal_entry GROUP BY transaction_id, currency HAVING sum(amount_minor) <> 0;
