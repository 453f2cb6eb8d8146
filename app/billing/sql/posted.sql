-- What transactions of kind $1 and with these references moved on the ledger account $2.
-- Reads journal_transaction, journal_entry.

SELECT t.reference, e.amount_minor, e.currency
FROM journal_transaction AS t JOIN journal_entry AS e ON e.transaction_id = t.id
WHERE t.kind = $1 AND e.ledger_account_id = $2 AND t.reference = ANY($3::uuid[]);
