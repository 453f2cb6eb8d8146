-- A credit is negative, no more of a charge is credited than it is, and no day is below zero with its corrections.
-- Reads charge.

SELECT format('charge %s: %s %s was credited of %s (minor units)',
    c.id, -sum(n.amount_minor), c.currency, c.amount_minor)
FROM charge AS n JOIN charge AS c ON c.id = n.corrects_id
WHERE n.kind = 'CREDIT_NOTE'
GROUP BY c.id HAVING -sum(n.amount_minor) > c.amount_minor OR max(n.amount_minor) >= 0
UNION ALL
SELECT format('account %s, day %s: it costs %s with its corrections (minor units)',
    d.account_id, d.day, day_total(d.account_id, d.day))
FROM (SELECT DISTINCT account_id, day FROM charge WHERE amount_minor < 0) AS d
WHERE day_total(d.account_id, d.day) < 0;
