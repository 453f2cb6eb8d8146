-- A charge has an order to collect it.
-- Reads charge, settlement.

SELECT format('charge %s has no order to collect it', c.id) FROM charge c
WHERE NOT EXISTS (SELECT FROM settlement s WHERE s.charge_id = c.id);
