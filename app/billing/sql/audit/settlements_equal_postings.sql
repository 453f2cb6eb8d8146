-- A charge is posted as collected by the channel that its settlement says collected it, or by none.
-- Reads journal_entry, journal_transaction, ledger_account, settlement.

SELECT format('charge %s: its settlement is %s, and the journal says %s', s.charge_id, s.state,
    coalesce('that ' || e.ledger_account_id || ' collected it', 'that nobody collected it'))
FROM settlement AS s
LEFT JOIN journal_transaction AS t ON t.kind = 'charge.settled' AND t.reference = s.charge_id
LEFT JOIN journal_entry AS e ON e.transaction_id = t.id AND e.ledger_account_id <> 'receivable'
LEFT JOIN ledger_account AS l ON l.name = e.ledger_account_id
WHERE (e.ledger_account_id IS NOT NULL, l.channel) IS DISTINCT FROM
    (s.state = 'SETTLED', CASE WHEN s.state = 'SETTLED' THEN s.channel END);
