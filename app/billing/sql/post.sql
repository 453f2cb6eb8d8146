-- Writes movements of money: a transaction each, with a debit and a credit, from parallel arrays.
-- One statement, since a transaction's entries are to be inserted at once. Writes journal_transaction, journal_entry.

WITH moved AS (
    SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::uuid[], $5::timestamptz[],
        $6::text[], $7::text[], $8::bigint[], $9::text[], $10::uuid[], $11::uuid[])
        AS m(id, account_id, kind, reference, at, debit, credit, amount_minor, currency, debit_id, credit_id)
), posted AS (
    INSERT INTO journal_transaction (id, account_id, kind, reference, at)
    SELECT id, account_id, kind, reference, at FROM moved
)
INSERT INTO journal_entry (id, transaction_id, ledger_account_id, amount_minor, currency)
SELECT side.id, moved.id, side.ledger_account, side.amount_minor, moved.currency
FROM moved CROSS JOIN LATERAL (VALUES (debit_id, debit, amount_minor), (credit_id, credit, -amount_minor))
    AS side(id, ledger_account, amount_minor);
