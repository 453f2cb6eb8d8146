-- A transaction has entries.
-- Reads journal_entry, journal_transaction.

SELECT format('transaction %s (%s) has no entries', t.id, t.kind) FROM journal_transaction t
WHERE NOT EXISTS (SELECT FROM journal_entry e WHERE e.transaction_id = t.id);
