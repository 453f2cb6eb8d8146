-- An invoice is over the cash that it covers, which its own account spent; it covers it while it is not refused.
-- Reads invoice, invoice_entry, journal_entry, journal_transaction.

SELECT format('invoice %s is over %s and covers %s (minor units), or what another account spent',
    i.id, i.amount_minor, coalesce(sum(e.amount_minor), 0))
FROM invoice AS i LEFT JOIN invoice_entry AS x ON x.invoice_id = i.id
LEFT JOIN journal_entry AS e ON e.id = x.entry_id AND e.amount_minor = x.amount_minor AND e.currency = i.currency
    AND x.live = (i.state IN ('REQUESTED', 'ISSUED'))
LEFT JOIN journal_transaction AS t ON t.id = e.transaction_id
GROUP BY i.id
HAVING coalesce(sum(e.amount_minor), 0) <> i.amount_minor OR bool_or(t.account_id <> i.account_id)
    OR count(e.id) <> count(x.id);
