-- Cash that an account spent and no invoice covers, by the month of the statement whose charge it paid, or by the card
-- that it bought: what vouchers paid, and what a marketplace collected, is not in it. What was given back of a charge
-- that no invoice covers is deducted from that charge's statement, whichever it stands on itself.
-- Reads journal_transaction, journal_entry, ledger_account, invoice_entry, charge, statement_charge, statement.

CREATE FUNCTION invoiceable(spender uuid)
RETURNS TABLE (entry_id uuid, month date, card_id uuid, amount_minor bigint, currency text) LANGUAGE sql STABLE AS $$
    WITH spent AS (
        SELECT e.id, e.amount_minor, e.currency, t.kind, t.reference
        FROM journal_transaction AS t JOIN journal_entry AS e ON e.transaction_id = t.id
        JOIN ledger_account AS l ON l.name = e.ledger_account_id
        WHERE t.account_id = spender AND t.kind IN ('charge.settled', 'card.purchased') AND l.kind = 'PREPAID'
          AND e.amount_minor <> 0
          AND NOT EXISTS (SELECT FROM invoice_entry AS i WHERE i.entry_id = e.id AND i.live)),
    stated AS (
        SELECT x.charge_id, s.month FROM statement AS s JOIN statement_charge AS x ON x.statement_id = s.id
        WHERE s.account_id = spender)
    SELECT s.id, NULL::date, s.reference, s.amount_minor, s.currency FROM spent AS s WHERE s.kind = 'card.purchased'
    UNION ALL
    SELECT s.id, coalesce(corrected.month, own.month), NULL::uuid, s.amount_minor, s.currency
    FROM spent AS s JOIN charge AS c ON c.id = s.reference
    LEFT JOIN stated AS own ON own.charge_id = c.id
    LEFT JOIN stated AS corrected ON corrected.charge_id = c.corrects_id AND c.amount_minor < 0
        AND EXISTS (SELECT FROM spent AS of_it WHERE of_it.reference = c.corrects_id AND of_it.kind = 'charge.settled')
    WHERE s.kind = 'charge.settled' AND coalesce(corrected.month, own.month) IS NOT NULL
$$;
