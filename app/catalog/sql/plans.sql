-- The price plans with these keys.
-- Reads price_plan.

SELECT * FROM price_plan WHERE id = ANY($1::uuid []);
