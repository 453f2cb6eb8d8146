-- Posts charges that were raised: what customers owe, what was earned, and the discounts on it. What was charged ahead
-- by an instalment, or given back of one, is no revenue yet: days recognize it (closing/sql/recognize).
-- Reads charge; writes journal_transaction, journal_entry.

WITH raised AS MATERIALIZED (
    SELECT c.*, uuid7() AS transaction_id FROM charge AS c WHERE c.id = ANY($1) ORDER BY c.id
), posted AS (
    INSERT INTO journal_transaction (id, account_id, kind, reference, at)
    SELECT transaction_id, account_id, 'charge.raised', id, raised_at FROM raised
)
INSERT INTO journal_entry (id, transaction_id, ledger_account_id, amount_minor, currency)
SELECT uuid7(), transaction_id, side.account, side.minor, currency
FROM raised CROSS JOIN LATERAL (SELECT lines_total(lines, 'DISCOUNT') AS minor) AS discount
CROSS JOIN LATERAL (VALUES
    ('receivable', amount_minor),
    (CASE WHEN 'INSTALMENT' IN (kind, (SELECT c.kind FROM charge AS c WHERE c.id = raised.corrects_id))
        THEN 'deferred' ELSE 'revenue' END, discount.minor - amount_minor),
    ('discounts', -discount.minor)
) AS side(account, minor)
WHERE side.account <> 'discounts' OR side.minor <> 0;
