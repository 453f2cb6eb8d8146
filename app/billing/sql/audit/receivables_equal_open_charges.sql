-- What a customer owes by the journal is the sum of the customer's open charges.
-- Reads charge, journal_entry, journal_transaction, settlement.

WITH owed AS (
    SELECT t.account_id, e.currency, sum(e.amount_minor) AS minor FROM journal_entry e
    JOIN journal_transaction t ON t.id = e.transaction_id WHERE e.ledger_account_id = 'receivable' GROUP BY 1, 2),
open AS (
    SELECT c.account_id, c.currency, sum(c.amount_minor) FILTER (WHERE s.state <> 'SETTLED') AS minor
    FROM charge c JOIN settlement s ON s.charge_id = c.id GROUP BY 1, 2)
SELECT format('account %s: receivable is %s %s, and its open charges are %s (minor units)',
              account_id, coalesce(owed.minor, 0), currency, coalesce(open.minor, 0))
FROM owed FULL JOIN open USING (account_id, currency) WHERE coalesce(owed.minor, 0) <> coalesce(open.minor, 0);
