-- Posts charges that were raised: what customers owe, and what was earned.
-- Reads charge; writes journal_transaction, journal_entry.

WITH raised AS MATERIALIZED (
    SELECT c.*, uuid7() AS transaction_id FROM charge AS c WHERE c.id = ANY($1) ORDER BY c.id
), posted AS (
    INSERT INTO journal_transaction (id, account_id, kind, reference, at)
    SELECT transaction_id, account_id, 'charge.raised', id, raised_at FROM raised
)
INSERT INTO journal_entry (id, transaction_id, ledger_account_id, amount_minor, currency)
SELECT uuid7(), transaction_id, side.account, side.sign * amount_minor, currency
FROM raised CROSS JOIN (VALUES ('receivable', 1), ('revenue', -1)) AS side(account, sign);
