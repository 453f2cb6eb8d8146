-- What is deferred of an account is what its instalments charged, less what was given back and what days recognized;
-- and each of these days is posted as it says, and sums up with those before it.
-- Reads charge, journal_entry, journal_transaction, revenue_recognition.

WITH deferred AS (
    SELECT t.account_id, e.currency, -sum(e.amount_minor) AS minor
    FROM journal_entry AS e JOIN journal_transaction AS t ON t.id = e.transaction_id
    WHERE e.ledger_account_id = 'deferred' GROUP BY 1, 2),
unearned AS (
    SELECT account_id, currency, sum(minor) AS minor FROM (
        SELECT c.account_id, c.currency, c.amount_minor AS minor
        FROM charge AS c LEFT JOIN charge AS i ON i.id = c.corrects_id
        WHERE c.kind = 'INSTALMENT' OR i.kind = 'INSTALMENT'
        UNION ALL
        SELECT r.account_id, r.currency, -r.amount_minor FROM revenue_recognition AS r) AS part GROUP BY 1, 2)
SELECT format('account %s: deferred is %s %s, and what its contracts charged and did not earn yet is %s (minor units)',
    account_id, coalesce(d.minor, 0), currency, coalesce(u.minor, 0))
FROM deferred AS d FULL JOIN unearned AS u USING (account_id, currency)
WHERE coalesce(d.minor, 0) <> coalesce(u.minor, 0)
UNION ALL
SELECT format('contract %s, day %s: it earned %s, %s in all, and the journal says %s (minor units)',
    r.contract_id, r.day, r.amount_minor, r.recognized_minor, coalesce(r.posted, 0))
FROM (
    SELECT x.*, sum(x.amount_minor) OVER (PARTITION BY x.contract_id ORDER BY x.day) AS summed, p.posted
    FROM revenue_recognition AS x LEFT JOIN LATERAL (
        SELECT sum(e.amount_minor) AS posted FROM journal_transaction AS t
        JOIN journal_entry AS e ON e.transaction_id = t.id AND e.ledger_account_id = 'deferred'
        WHERE t.kind = 'revenue.recognized' AND t.reference = x.id) AS p ON true) AS r
WHERE r.recognized_minor <> r.summed OR r.recognized_minor < 0 OR r.amount_minor <> coalesce(r.posted, 0);
