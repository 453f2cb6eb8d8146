-- Writes transactions of the journal ($1 to $5) with their entries ($6 to $9), from parallel arrays.
-- One statement, since a transaction's entries are to be inserted at once. Writes journal_transaction, journal_entry.

WITH posted AS (
    INSERT INTO journal_transaction (id, account_id, kind, reference, at)
    SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::uuid[], $5::timestamptz[])
)
INSERT INTO journal_entry (id, transaction_id, ledger_account_id, amount_minor, currency)
SELECT uuid7(), * FROM unnest($6::uuid[], $7::text[], $8::bigint[], $9::text[]);
