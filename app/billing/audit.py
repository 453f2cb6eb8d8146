"""What to ask of the books: every figure against what it is made of. An answer is a sentence naming a difference."""

QUESTIONS = (
    # A transaction's entries.
    """SELECT format('transaction %s is off by %s %s (minor units)', transaction_id, sum(amount_minor), currency)
    FROM journal_entry GROUP BY transaction_id, currency HAVING sum(amount_minor) <> 0""",
    """SELECT format('transaction %s (%s) has no entries', t.id, t.kind) FROM journal_transaction t
    WHERE NOT EXISTS (SELECT FROM journal_entry e WHERE e.transaction_id = t.id)""",
    # Charges and their posting.
    """SELECT format('charge %s is not in the journal', c.id) FROM charge c
    WHERE NOT EXISTS (SELECT FROM journal_transaction t WHERE t.kind = 'charge.raised' AND t.reference = c.id)""",
    """SELECT format('%s of charge %s moves %s %s on the customer''s account, and the charge is %s %s (minor units)',
                     t.kind, t.reference, p.minor, p.currency, c.amount_minor, c.currency)
    FROM journal_transaction t LEFT JOIN charge c ON c.id = t.reference
    LEFT JOIN LATERAL (SELECT sum(amount_minor) AS minor, currency FROM journal_entry e
        WHERE e.transaction_id = t.id AND e.ledger_account = 'receivable' GROUP BY currency) p ON true
    WHERE t.kind IN ('charge.raised', 'charge.settled')
      AND (t.account_id, p.minor, p.currency) IS DISTINCT FROM
          (c.account_id, CASE t.kind WHEN 'charge.raised' THEN c.amount_minor ELSE -c.amount_minor END, c.currency)""",
    # Charges and their collecting.
    """SELECT format('charge %s has no order to collect it', c.id) FROM charge c
    WHERE NOT EXISTS (SELECT FROM settlement s WHERE s.charge_id = c.id)""",
    """SELECT format('charge %s: its settlement is %s, and the journal says %s', s.charge_id, s.state,
                     coalesce('that ' || e.ledger_account || ' collected it', 'that nobody collected it'))
    FROM settlement s LEFT JOIN journal_transaction t ON t.kind = 'charge.settled' AND t.reference = s.charge_id
    LEFT JOIN journal_entry e ON e.transaction_id = t.id AND e.ledger_account <> 'receivable'
    WHERE e.ledger_account IS DISTINCT FROM CASE WHEN s.state = 'SETTLED' THEN 'channel:' || s.channel END""",
    """WITH owed AS (
        SELECT t.account_id, e.currency, sum(e.amount_minor) AS minor FROM journal_entry e
        JOIN journal_transaction t ON t.id = e.transaction_id WHERE e.ledger_account = 'receivable' GROUP BY 1, 2),
    open AS (
        SELECT c.account_id, c.currency, sum(c.amount_minor) FILTER (WHERE s.state <> 'SETTLED') AS minor
        FROM charge c JOIN settlement s ON s.charge_id = c.id GROUP BY 1, 2)
    SELECT format('account %s: receivable is %s %s, and its open charges are %s (minor units)',
                  account_id, coalesce(owed.minor, 0), currency, coalesce(open.minor, 0))
    FROM owed FULL JOIN open USING (account_id, currency) WHERE coalesce(owed.minor, 0) <> coalesce(open.minor, 0)""",
    # Credit notes and statements.
    """SELECT format('charge %s: %s %s was credited of %s (minor units)',
                     c.id, -sum(n.amount_minor), c.currency, c.amount_minor)
    FROM credit_note k JOIN charge n ON n.id = k.charge_id JOIN charge c ON c.id = k.credited_id
    GROUP BY c.id HAVING -sum(n.amount_minor) > c.amount_minor OR max(n.amount_minor) >= 0""",
    """SELECT format('charge %s is a credit without a credit note', c.id) FROM charge c
    WHERE c.kind = 'CREDIT_NOTE' AND NOT EXISTS (SELECT FROM credit_note n WHERE n.charge_id = c.id)""",
    """SELECT format('statement %s has charge %s of another account', s.number, c.id) FROM statement_charge x
    JOIN statement s ON s.id = x.statement_id JOIN charge c ON c.id = x.charge_id WHERE s.account_id <> c.account_id""",
    # Providers' records.
    """SELECT format('channel %s, charge %s: %s (reconciliation case %s is open)', channel, charge_id, kind, id)
    FROM reconciliation_case WHERE resolved_at IS NULL""",
)
