-- Opens a case for an online payment, or adds to the one that is open; no row where the reference was noted before.
-- Writes reconciliation_case.

INSERT INTO reconciliation_case AS c (id, channel, charge_id, kind, details, opened_at, sandbox)
SELECT $1, $2::text, $3, $4, jsonb_build_object($5::text, $6::jsonb), $7, $8 WHERE NOT EXISTS (
    SELECT FROM reconciliation_case WHERE channel = $2::text AND charge_id = $3 AND details ? $5::text)
ON CONFLICT (channel, charge_id) WHERE resolved_at IS NULL DO UPDATE SET details = c.details || excluded.details
RETURNING c.id;
