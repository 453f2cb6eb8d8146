-- Notes a warning; no row when it was given before.
-- Writes warned.

INSERT INTO warned (id, account_id, about, period, threshold, forecast) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT DO NOTHING RETURNING id;
