-- A charge is in the journal.
-- Reads charge, journal_transaction.

SELECT format('charge %s is not in the journal', c.id) FROM charge c
WHERE NOT EXISTS (SELECT FROM journal_transaction t WHERE t.kind = 'charge.raised' AND t.reference = c.id);
