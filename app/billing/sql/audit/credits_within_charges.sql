-- No more of a charge is credited than it is, and a credit is negative.
-- Reads charge, credit_note.

SELECT format('charge %s: %s %s was credited of %s (minor units)',
                 c.id, -sum(n.amount_minor), c.currency, c.amount_minor)
FROM credit_note k JOIN charge n ON n.id = k.charge_id JOIN charge c ON c.id = k.credited_id
GROUP BY c.id HAVING -sum(n.amount_minor) > c.amount_minor OR max(n.amount_minor) >= 0;
