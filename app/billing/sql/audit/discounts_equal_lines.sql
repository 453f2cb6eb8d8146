-- What the journal has as discounts of a charge is what its lines say.
-- Reads charge, journal_entry, journal_transaction.

SELECT format('the discounts of charge %s are %s by its lines, and %s in the journal (minor units)',
    c.id, -lines_total(c.lines, 'DISCOUNT'), posted.minor)
FROM charge AS c JOIN journal_transaction AS t ON t.kind = 'charge.raised' AND t.reference = c.id
CROSS JOIN LATERAL (
    SELECT coalesce(sum(e.amount_minor), 0)::bigint AS minor FROM journal_entry AS e
    WHERE e.transaction_id = t.id AND e.ledger_account_id = 'discounts') AS posted
WHERE posted.minor <> -lines_total(c.lines, 'DISCOUNT');
