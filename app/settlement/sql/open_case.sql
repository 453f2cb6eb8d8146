-- Opens a case; no row when one is open for the charge.
-- Writes reconciliation_case.

INSERT INTO reconciliation_case (id, channel, charge_id, kind, details, opened_at, sandbox)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (channel, charge_id) WHERE resolved_at IS NULL DO NOTHING RETURNING id;
