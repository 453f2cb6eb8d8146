-- Notes a warning; no row when it was given before.
-- Writes warned.

INSERT INTO warned (id, account_id, month, threshold, forecast) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT DO NOTHING RETURNING id;
