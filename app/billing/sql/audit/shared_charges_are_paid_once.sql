-- A charge that another account's balance paid is posted once on that account, as what the charge is, through the
-- channel of its settlement; between the accounts nothing is left.
-- Reads charge, journal_entry, journal_transaction, ledger_account, settlement.

SELECT format('charge %s is %s by account %s, and the journal says that account %s paid %s for it (minor units)',
    s.charge_id, s.state, s.payer_id, t.account_id, paid.minor)
FROM settlement AS s JOIN charge AS c ON c.id = s.charge_id
LEFT JOIN journal_transaction AS t ON t.kind = 'charge.paid_for_another' AND t.reference = s.charge_id
LEFT JOIN LATERAL (
    SELECT (-sum(e.amount_minor) FILTER (WHERE l.kind = 'SHARED'))::bigint AS minor,
        bool_or(l.channel IS NOT NULL AND l.channel <> s.channel) AS elsewhere
    FROM journal_entry AS e JOIN ledger_account AS l ON l.name = e.ledger_account_id
    WHERE e.transaction_id = t.id) AS paid ON true
WHERE (t.id IS NOT NULL) <> (s.state = 'SETTLED' AND s.payer_id <> s.account_id)
    OR (t.id IS NOT NULL
        AND ((t.account_id, paid.minor) IS DISTINCT FROM (s.payer_id, c.amount_minor) OR paid.elsewhere))
UNION ALL
SELECT format('%s %s are left between accounts of what charge %s moved (minor units)',
    sum(e.amount_minor), e.currency, t.reference)
FROM journal_entry AS e JOIN ledger_account AS l ON l.name = e.ledger_account_id
JOIN journal_transaction AS t ON t.id = e.transaction_id
WHERE l.kind = 'SHARED' GROUP BY t.reference, e.currency HAVING sum(e.amount_minor) <> 0;
