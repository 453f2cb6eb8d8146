-- A charge is posted as collected by the channel that its settlement says collected it, or by none. What a voucher paid
-- is of no channel.
-- Reads journal_entry, journal_transaction, ledger_account, settlement.

SELECT format('charge %s: its settlement is %s, and the journal says %s', s.charge_id, s.state,
    CASE WHEN t.id IS NULL THEN 'that nobody collected it'
        ELSE 'that ' || coalesce(posted.accounts, 'nothing') || ' collected it' END)
FROM settlement AS s
LEFT JOIN journal_transaction AS t ON t.kind = 'charge.settled' AND t.reference = s.charge_id
LEFT JOIN LATERAL (
    SELECT string_agg(l.name, ', ' ORDER BY l.name) AS accounts,
        bool_or(l.channel IS NOT NULL AND l.channel <> s.channel) AS elsewhere
    FROM journal_entry AS e JOIN ledger_account AS l ON l.name = e.ledger_account_id
    WHERE e.transaction_id = t.id AND l.name <> 'receivable') AS posted ON true
WHERE (s.state = 'SETTLED') <> (t.id IS NOT NULL) OR posted.elsewhere OR (t.id IS NOT NULL AND posted.accounts IS NULL);
