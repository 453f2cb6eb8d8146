-- Cash that an account spent and no invoice covers, by the month of the statement whose charge it paid (another
-- account's charge, too), or by the card that it bought: what vouchers paid, and what a marketplace collected, is not
-- in it. What was given back of a charge that no invoice covers is deducted from that charge's statement, whichever it
-- stands on.
-- Reads journal_transaction, journal_entry, ledger_account, invoice_entry, charge, statement_charge, statement.

CREATE FUNCTION invoiceable(spender uuid)
RETURNS TABLE (entry_id uuid, month date, card_id uuid, amount_minor bigint, currency text) LANGUAGE sql STABLE AS $$
    WITH spent AS (
        SELECT e.id, e.amount_minor, e.currency, t.kind = 'card.purchased' AS on_card, t.reference
        FROM journal_transaction AS t JOIN journal_entry AS e ON e.transaction_id = t.id
        JOIN ledger_account AS l ON l.name = e.ledger_account_id
        WHERE t.account_id = spender AND l.kind = 'PREPAID' AND e.amount_minor <> 0
          AND t.kind IN ('charge.settled', 'charge.paid_for_another', 'card.purchased')
          AND NOT EXISTS (SELECT FROM invoice_entry AS i WHERE i.entry_id = e.id AND i.live)),
    stated AS (
        SELECT s.id, s.amount_minor, s.currency, c.amount_minor < 0 AS gives_back, c.corrects_id, s.reference, m.month
        FROM spent AS s JOIN charge AS c ON c.id = s.reference
        LEFT JOIN statement_charge AS x ON x.charge_id = c.id LEFT JOIN statement AS m ON m.id = x.statement_id
        WHERE NOT s.on_card)
    SELECT s.id, NULL::date, s.reference, s.amount_minor, s.currency FROM spent AS s WHERE s.on_card
    UNION ALL
    SELECT s.id, coalesce(corrected.month, s.month), NULL::uuid, s.amount_minor, s.currency
    FROM stated AS s LEFT JOIN stated AS corrected ON s.gives_back AND corrected.reference = s.corrects_id
    WHERE coalesce(corrected.month, s.month) IS NOT NULL
$$;
