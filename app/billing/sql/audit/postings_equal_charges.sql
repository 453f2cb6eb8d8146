-- What the journal moves for a charge on the customer's account is the charge, of its account and in its currency.
-- Reads charge, journal_entry, journal_transaction.

SELECT format('%s of charge %s moves %s %s on the customer''s account, and the charge is %s %s (minor units)',
                 t.kind, t.reference, p.minor, p.currency, c.amount_minor, c.currency)
FROM journal_transaction t LEFT JOIN charge c ON c.id = t.reference
LEFT JOIN LATERAL (SELECT sum(amount_minor) AS minor, currency FROM journal_entry e
    WHERE e.transaction_id = t.id AND e.ledger_account_id = 'receivable' GROUP BY currency) p ON true
WHERE t.kind IN ('charge.raised', 'charge.settled')
  AND (t.account_id, p.minor, p.currency) IS DISTINCT FROM
      (c.account_id, CASE t.kind WHEN 'charge.raised' THEN c.amount_minor ELSE -c.amount_minor END, c.currency);
